"""The server: one aio gRPC server with mutual TLS, its services, and its orderly end."""

import asyncio
import signal
from contextlib import AsyncExitStack

import grpc
from adm.fleet.v1 import fleet_pb2
from adm.fleet.v1.fleet_pb2_grpc import add_FleetServiceServicer_to_server
from adm.registry.v1 import registry_pb2
from adm.registry.v1.registry_pb2_grpc import add_RegistryServiceServicer_to_server
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer

from central.config import Config
from central.documents.typesetter import Typesetter
from central.fleet import machines
from central.fleet.service import Fleet
from central.identity import Machine
from central.interceptors import Gate
from central.logs import log
from central.public import app as public
from central.public import serving
from central.registry.grants import GrantSigner
from central.registry.issuing import GrantTerms
from central.registry.press import Press
from central.registry.service import Registry
from central.signing.pades import PadesSigner, file_signer
from central.store.engine import Store
from central.supervision import told

SERVICES = (
    registry_pb2.DESCRIPTOR.services_by_name["RegistryService"].full_name,
    fleet_pb2.DESCRIPTOR.services_by_name["FleetService"].full_name,
)


class StartError(Exception):
    """The server cannot start; the message says why, for people."""


class Server:
    """Central as one process.

    Use as an async context manager: entering starts it, leaving ends streams, lets running calls end, and closes.

    Attributes:
        port: Where it listens, once started.
        public_port: Where the public pages are; 0 when there are none.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._stack = AsyncExitStack()
        self._store: Store | None = None
        self.port = 0
        self.public_port = 0

    async def __aenter__(self) -> "Server":
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def alive(self) -> None:
        """Returns once the store's reader and writer have answered."""
        assert self._store is not None, "enter the server first"
        await self._store.read(lambda connection: connection.exec_driver_sql("SELECT 1").close())
        await self._store.write(lambda connection: connection.exec_driver_sql("SELECT 1").close())

    async def _start(self) -> None:
        config = self._config
        store = Store(config.store.path, config.store.readers)
        self._stack.callback(store.close)
        if store.bring_forward():
            log("database brought forward")
        self._store = store
        typesetter = Typesetter(config.documents.verify_url, config.documents.official, config.documents.official_nip)
        self._stack.callback(typesetter.close)
        try:
            grant_signer = GrantSigner.load(config.grants.key)
            signing = config.signing
            signer = PadesSigner(file_signer(signing.certificate, signing.key, signing.chain), "Magetan")
        except (ValueError, OSError) as error:
            raise StartError(f"a key or certificate cannot be used: {error}") from error
        self._stack.callback(signer.close)
        await typesetter.warm_up()

        domain = config.tls.trust_domain
        terms = GrantTerms(grant_signer, config.registry.grant_s, config.grants.tracking_url)
        registry = Registry(store, config, terms, Press(typesetter, signer))
        fleet = Fleet(store, domain, config.fleet.interval_s, config.fleet.stale_s)

        async def enrolled(machine: Machine) -> bool:
            return await store.read(lambda c: machines.is_enrolled(c, machine.id))

        server = grpc.aio.server(interceptors=[Gate(domain, enrolled, config.limits.call_s)], options=_options(config))
        add_RegistryServiceServicer_to_server(registry, server)
        add_FleetServiceServicer_to_server(fleet, server)
        health = HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(health, server)
        self.port = _listen(server, config)
        await self._publish(store)
        await server.start()
        self._stack.push_async_callback(_stop, server, fleet, health, config.limits.stop_s)
        for service in ("", *SERVICES):
            await health.set(service, health_pb2.HealthCheckResponse.SERVING)

    async def _publish(self, store: Store) -> None:
        port, limits = self._config.listen.public_port, self._config.limits
        if port == 0:
            return
        try:
            listening = serving.listen(port)
        except OSError as error:
            address = f"{serving.HOST}:{port}"
            raise StartError(f"cannot show public pages on {address}: {error.strerror}") from error
        app = public.make(store, limits.verify_per_minute)
        await self._stack.enter_async_context(serving.serving(app, listening, limits.stop_s))
        self.public_port = port


async def serve(config: Config) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        StartError, StoreError: The server cannot start.
    """
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    async with Server(config) as server, told(server.alive):
        print(f"central ready on {config.listen.host}:{server.port}", flush=True)
        log("started", address=f"{config.listen.host}:{server.port}")
        if server.public_port:
            log("public pages", address=f"{serving.HOST}:{server.public_port}")
        await told_to_stop.wait()
        log("stopping")
    log("stopped")


async def _stop(server: grpc.aio.Server, fleet: Fleet, health: HealthServicer, grace_s: float) -> None:
    await health.enter_graceful_shutdown()
    fleet.stop()
    await server.stop(grace_s)


def _listen(server: grpc.aio.Server, config: Config) -> int:
    tls = config.tls
    pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
    credentials = grpc.ssl_server_credentials([pair], tls.client_ca.read_bytes(), require_client_auth=True)
    address = f"{config.listen.host}:{config.listen.port}"
    try:
        port: int = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        raise StartError(f"cannot listen on {address}: is the port in use, or a certificate wrong?") from error
    return port


def _options(config: Config) -> list[tuple[str, int]]:
    return [
        # Two servers must not share a port unnoticed.
        ("grpc.so_reuseport", 0),
        ("grpc.server.max_pending_requests", config.limits.max_pending_requests),
        ("grpc.server.max_pending_requests_hard_limit", config.limits.max_pending_requests_hard),
        # Machines ping every 60 s through their routers; twice as often is still polite.
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 30_000),
        ("grpc.keepalive_permit_without_calls", 1),
    ]
