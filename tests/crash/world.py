"""One registry and one A4 printer for all runs of a proof: central over mutual TLS, IPP over TCP, as in the field."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

import grpc
import grpc.aio
from adm.registry.v1 import registry_pb2 as pb

from central.development import setup
from kiosk.config import RegistrySettings
from kiosk.issuance import messages
from kiosk.issuance.journal import Message
from kiosk.registry.client import Refused, Registry, channel
from simulator.demo.children import Children
from simulator.demo.waiting import until
from simulator.document_printer.device import VirtualDocumentPrinter
from tests.crash.families import TEMPLATE, OneFace, Person, fill
from tests.crash.issue_once import Work

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0
IDLE_S = 30.0
PAGE_S = 0.01
READY = "central ready on "


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry has of one key.

    Attributes:
        state: open, taken, unknown or void.
        holds: Whether it keeps its document from being issued again.
        artefact_sha256: Of the only file that may come out of a printer for it; None without a grant.
    """

    state: str
    holds: bool
    artefact_sha256: bytes | None


class World:
    """See the module."""

    def __init__(self, directory: Path, settings: RegistrySettings, printer: VirtualDocumentPrinter) -> None:
        self.directory = directory
        self.settings = settings
        self.printer = printer
        self._channel: grpc.aio.Channel = channel(settings)
        self._registry = Registry(self._channel, settings.grant_public_key_file, setup.MACHINE_ID)

    async def close(self) -> None:
        """Let go of the connection."""
        await self._channel.close()

    def work(self, journal: Path, person: Person) -> Work:
        """One process's work."""
        return Work(
            journal=journal,
            registry=self.settings,
            machine_id=setup.MACHINE_ID,
            printer_uri=self.printer.uri,
            nik=person.nik,
            uid=person.uid,
            model_id=OneFace.model_id,
            template=list(TEMPLATE),
        )

    def known(self, keys: Sequence[str]) -> dict[str, Known]:
        """What the registry has of these keys."""
        with closing(sqlite3.connect(f"file:{self.directory / 'central' / 'central.sqlite3'}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT idempotency_key, state, holds, claims FROM issuances").fetchall()
        found = {}
        for key, state, holds, claims in rows:
            sha256 = None if claims is None else pb.GrantClaims.FromString(claims).artefact_sha256
            found[key] = Known(state, holds is not None, sha256)
        return {key: found[key] for key in keys if key in found}

    def times_printed(self, artefact_sha256: bytes) -> int:
        """How often exactly this file came out of the printer."""
        files = self.printer.pictures.glob("print-*.pdf")
        return sum(hashlib.sha256(file.read_bytes()).digest() == artefact_sha256 for file in files)

    def printed_files(self) -> list[bytes]:
        """SHA-256 of everything that came out of the printer since it was made."""
        return [hashlib.sha256(file.read_bytes()).digest() for file in self.printer.pictures.glob("print-*.pdf")]

    async def printer_idle(self) -> None:
        """Wait until the printer has nothing to do."""
        await until(lambda: not self.printer.state()["busy"], "the printer at rest", IDLE_S)

    async def may_be_issued(self, person: Person, kind: pb.DocumentKind.ValueType = pb.DOCUMENT_KIND_KK) -> bool:
        """Try to get another grant for the document; one that is given is handed back."""
        uid = bytes.fromhex(person.uid)
        try:
            session = await self._registry.start_session(person.nik, uid, pb.CHIP_ASSURANCE_SAM_VERIFIED)
        except Refused as error:
            if error.reason != pb.ERROR_REASON_UNKNOWN_RESIDENT or kind != pb.DOCUMENT_KIND_KTP_EL:
                raise
            return False  # the card that was made is theirs now, and the old one opens nothing any more
        token = (await self._registry.verify_face(session.session_id, OneFace.model_id, [TEMPLATE], 1.0)).session_token
        documents = await self._registry.list_documents(token)
        document = next(d for d in documents if d.kind == kind)
        _, version = await self._registry.get_draft(token, document.document_id)
        key = str(uuid.uuid4())
        try:
            claims, _ = await self._registry.begin(key, token, document.document_id, version)
        except Refused as error:
            if error.reason != pb.ERROR_REASON_ALREADY_ISSUED:
                raise
            return False
        method, fields = messages.void(claims.grant_id, pb.VOID_REASON_NOT_PRINTED)
        await self._registry.tell(Message(1, key, method, fields))
        return True


@asynccontextmanager
async def world(directory: Path, people: int) -> AsyncIterator[World]:
    """Start both; `people` is how many documents there are to print."""
    central = directory / "central"
    (central / "pki").mkdir(parents=True)
    fill(central / "central.sqlite3", people, setup.MACHINE_ID)
    setup.initialise(central, central, central, port=0)
    (directory / "logs").mkdir()
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'proto' / 'gen'}"}
    children = Children(directory / "logs", environment)
    printer = VirtualDocumentPrinter(directory / "printer", page_s=PAGE_S)
    await printer.start()
    try:
        command: list[str | Path] = [sys.executable, "-P", "-m", "central", "serve", "--config"]
        child = await children.start("central", [*command, central / "central.toml"])

        def ready() -> bool:
            children.check()
            return READY in child.log.read_text() and child.log.read_text().endswith("\n")

        await until(ready, "central", START_S)
        address = child.log.read_text().partition(READY)[2].split()[0]
        made = World(directory, _settings(address, central / "kiosk-credentials"), printer)
        try:
            yield made
        finally:
            await made.close()
    finally:
        await children.stop()
        await printer.stop()


def _settings(target: str, credentials: Path) -> RegistrySettings:
    return RegistrySettings(
        target=target,
        server_name="localhost",
        ca_file=credentials / "ca.pem",
        cert_file=credentials / "cert.pem",
        key_file=credentials / "key.pem",
        grant_public_key_file=credentials / "grant_public_key",
    )
