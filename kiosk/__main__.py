"""Wiring only: `python -m kiosk --config FILE` puts the machine together and keeps it alive."""

import argparse
import asyncio
import signal
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final, cast

import grpc
import grpc.aio
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as panel_pb
from adm.panel.v1.panel_pb2_grpc import add_PanelServiceServicer_to_server
from adm.registry.v1.registry_pb2 import DocumentKind
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from biometrics.engine import FaceEngine
from biometrics.errors import ModelError
from drivers import catalog
from kiosk import logs, memory
from kiosk.cards import card_issuers
from kiosk.config import ConfigError, KioskConfig, load
from kiosk.devices import Device
from kiosk.fleet.agent import FleetAgent
from kiosk.fleet.witness import BadKey, Witness
from kiosk.issuance import soundness
from kiosk.issuance.errors import JournalInUse
from kiosk.issuance.journal import Journal, JournalError
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.lost import LostJournal
from kiosk.issuance.outbox import deliver
from kiosk.kiosk import Kiosk
from kiosk.notify import notify, watchdog_interval_s
from kiosk.registry.client import BadGrant, Registry, channel
from kiosk.session.attract import serve
from kiosk.session.panel import Panel
from kiosk.session.panel_service import PanelService, Validation
from kiosk.technician.staff import Staff, StaffError
from kiosk.technician.unattended import unattended

HUNG_S: Final = 60.0
_LANGUAGES: Final = {"id": panel_pb.LANGUAGE_ID, "en": panel_pb.LANGUAGE_EN}


def main() -> int:
    """Run the daemon; 2 when it cannot start as configured."""
    parser = argparse.ArgumentParser(prog="adm-kiosk", description="The daemon of one machine.")
    parser.add_argument("--config", type=Path, required=True)
    logs.configure()
    memory.limit_arenas()
    try:
        config = load(parser.parse_args().config)
        faces = FaceEngine(config.models_dir)
        witness = Witness(config.registry.key_file)
        journal = _journal(config)
        staff = Staff.load(config.technician.staff_file) if config.technician.staff_file else None
    except (ConfigError, ModelError, JournalInUse, BadKey, StaffError) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        asyncio.run(_run(config, faces, witness, journal, staff))
    except BadGrant as error:
        print(f"registry.grant_public_key_file: {error}", file=sys.stderr)
        return 2
    return 0


def _journal(config: KioskConfig) -> Journal | LostJournal:
    """The journal; one that is damaged or cannot be opened leaves the machine closed, but up for a technician.

    Raises:
        JournalInUse: Another daemon has it.
    """
    path, journal = config.state_dir / "journal.db", None
    try:
        journal = Journal(path, config.max_journal_bytes)
        soundness.check(journal, path)
    except JournalInUse:
        raise
    except JournalError as error:
        print(error, file=sys.stderr)
        logs.event("journal_lost", error=error)
        return LostJournal(str(error), journal)
    return journal


async def _run(
    config: KioskConfig,
    faces: FaceEngine,
    witness: Witness,
    journal: Journal | LostJournal,
    staff: Staff | None,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    link = channel(config.registry)
    ledger = Ledger(cast(Journal, journal))
    if isinstance(journal, LostJournal):
        ledger.waiting.clear()  # nobody knows what the registry has not heard
    registry = Registry(link, config.registry.grant_public_key_file, config.machine_id)
    kiosk = Kiosk(
        config,
        Panel(_LANGUAGES[config.language]),
        ledger,
        registry,
        faces,
        witness,
        _device(config, "card_reader"),
        _device(config, "camera"),
        _device(config, "document_printer"),
        _device(config, "receipt_printer"),
        paper_feeder=_device(config, "paper_feeder") if "paper_feeder" in config.devices else None,
        cards=card_issuers(config, ledger, registry, lambda role: _device(config, role)),
    )
    kiosk.door.staff = staff
    kiosk.stop_wanted = stop
    kiosk.software_version = _version()
    kiosk.central = FleetAgent(link, _hello(kiosk), kiosk.health, kiosk.judge, kiosk.journal_kept)
    server, local_health = await _panel_server(kiosk)
    work = [
        asyncio.create_task(kiosk.central.run()),
        asyncio.create_task(deliver(ledger, kiosk.registry)),
        asyncio.create_task(_serve(kiosk)),
        asyncio.create_task(_tell_health(kiosk, local_health)),
        asyncio.create_task(_feed_watchdog(kiosk)),
    ]
    notify("READY=1")
    logs.event("ready", version=kiosk.software_version)
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({*work, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()  # a part that ends by itself is a defect: let systemd start us anew
    finally:
        notify("STOPPING=1")
        for task in (*work, stopping):
            task.cancel()
        await asyncio.gather(*work, stopping, return_exceptions=True)
        await server.stop(grace=0.5)
        await asyncio.gather(*(device.close() for device in kiosk.devices))
        await link.close()
        ledger.close()


async def _serve(kiosk: Kiosk) -> None:
    await asyncio.to_thread(kiosk.read_last_test)
    await asyncio.gather(*(device.open() for device in kiosk.devices))
    if kiosk.config.selftest.at_start:
        await unattended(kiosk)
    watching = asyncio.create_task(kiosk.watch())
    try:
        await serve(kiosk)
    finally:
        watching.cancel()


async def _panel_server(kiosk: Kiosk) -> tuple[grpc.aio.Server, health.aio.HealthServicer]:
    socket = kiosk.config.panel_socket
    socket.parent.mkdir(parents=True, exist_ok=True)
    server = grpc.aio.server(interceptors=(Validation(),))
    add_PanelServiceServicer_to_server(PanelService(kiosk.panel, kiosk), server)
    local_health = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(local_health, server)
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    socket.chmod(0o660)
    return server, local_health


async def _tell_health(kiosk: Kiosk, local_health: health.aio.HealthServicer) -> None:
    """grpc.health.v1 on the local socket: the machine as "", each kind as issue.KIND, the rest by its own name."""
    words = health_pb2.HealthCheckResponse

    async def told(name: str, availability: fleet.Availability.ValueType) -> None:
        works = availability != fleet.AVAILABILITY_UNAVAILABLE
        await local_health.set(name, words.SERVING if works else words.NOT_SERVING)

    while True:
        for line in kiosk.services.report():
            kind = DocumentKind.Name(line.kind).removeprefix("DOCUMENT_KIND_").lower()
            await told(f"issue.{kind}", line.availability)
        for one in kiosk.capabilities.report():
            await told(one.name, one.availability)
        await told("", kiosk.services.verdict.availability)
        await asyncio.sleep(1.0)


async def _feed_watchdog(kiosk: Kiosk) -> None:
    """Tell systemd that we are alive, only while the event loop turns and no device thread hangs."""
    interval_s = watchdog_interval_s()
    while True:
        if interval_s is not None and all(device.hung_s < HUNG_S for device in kiosk.devices):
            notify("WATCHDOG=1")
        await asyncio.sleep(interval_s or 3600.0)


def _device(config: KioskConfig, role: str) -> Device[Any]:
    driver = config.devices[role].driver  # type: ignore[index]
    settings = config.driver_settings(role)
    return Device(role, driver, lambda: catalog.create(role, driver, settings))


def _hello(kiosk: Kiosk) -> fleet.Hello:
    hello = fleet.Hello(
        software_version=kiosk.software_version,
        site_name=kiosk.config.site_name,
        versions={"python": sys.version.split()[0], "grpcio": grpc.__version__},
    )
    hello.started_at.FromDatetime(kiosk.started_at)
    return hello


def _version() -> str:
    try:
        return version("adm")
    except PackageNotFoundError:
        return "development"


if __name__ == "__main__":
    sys.exit(main())
