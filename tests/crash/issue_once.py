"""One issuance by the production code in a process that may be killed anywhere: `issue_once FILE issue|recover`.

FILE is a `Work` as JSON. What is known to be on disk is said on standard output at once, a JSON line each:
{"appended": 3} after an entry, {"acknowledged": 3} after the registry has heard a message, {"entries": 9} at the end.
`recover` recovers twice, as two starts of the daemon do: the second must find nothing to do.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from adm.registry.v1 import registry_pb2 as pb
from pydantic import BaseModel

from drivers.document_printer.ipp import IppPrinter, Settings
from drivers.document_printer.port import DocumentPrinter
from kiosk import logs
from kiosk.config import RegistrySettings
from kiosk.devices import Device
from kiosk.issuance.issue import Issuer, Step
from kiosk.issuance.journal import Journal
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outbox import deliver_once
from kiosk.issuance.recovery import recover
from kiosk.issuance.states import Event
from kiosk.registry.client import Registry, channel

PAGE_S = 20.0
MAX_BYTES = 1 << 30
TRIES = 40
PAUSE_S = 0.25

T = TypeVar("T")


class Work(BaseModel):
    """What one process is to do.

    Attributes:
        nik: Whose family card is printed.
        template: As the camera would give it.
        late: Negative control: `printing` is written after the printer has the document, not before.
    """

    journal: Path
    registry: RegistrySettings
    machine_id: str
    printer_uri: str
    nik: str
    uid: str
    model_id: str
    template: list[float]
    late: bool = False


class OneThread(Ledger):
    """The production ledger, which writes in the caller's thread.

    strace counts a thread's calls by themselves: all of the journal's are made in one, so that each can be named.
    """

    async def append(
        self,
        key: str,
        event: Event,
        detail: Mapping[str, Any],
        tell: tuple[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """See `Ledger.append`."""
        seq = await super().append(key, event, detail, tell)
        _say(appended=seq)
        return seq

    async def acknowledged(self, seq: int) -> None:
        """See `Ledger.acknowledged`."""
        await super().acknowledged(seq)
        _say(acknowledged=seq)

    async def _do(self, work: Callable[..., T], *values: Any) -> T:
        return work(*values)


class Late(OneThread):
    """A defect on purpose, so that the proof is known to see one."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._held: tuple[str, Mapping[str, Any]] | None = None

    async def append(
        self,
        key: str,
        event: Event,
        detail: Mapping[str, Any],
        tell: tuple[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """Writes `print` only when something follows it."""
        if event is Event.PRINT:
            self._held = (key, detail)
            return self.head[0]
        if self._held is not None:
            held, self._held = self._held, None
            await super().append(held[0], Event.PRINT, held[1])
        return await super().append(key, event, detail, tell)


async def run(work: Work, phase: str) -> None:
    """One phase."""
    ledger = (Late if work.late else OneThread)(Journal(work.journal, MAX_BYTES))
    link = channel(work.registry)
    registry = Registry(link, work.registry.grant_public_key_file, work.machine_id)
    settings = Settings(uri=work.printer_uri, poll_s=0.05)
    printer: Device[DocumentPrinter] = Device("document_printer", "ipp", lambda: IppPrinter(settings))
    await printer.open()
    issuer = Issuer(ledger, registry, printer, PAGE_S, assume_taken=False)
    try:
        if phase == "issue":
            await _issue(work, registry, issuer)
        else:
            await recover(ledger, issuer)
        await _deliver(ledger, registry)
        seq, digest = ledger.head
        if seq:
            # Central keeps the head: details may go.
            await ledger.kept(seq, digest)
        _say(entries=seq)
    finally:
        await printer.close()
        await link.close()
        ledger.close()


async def _issue(work: Work, registry: Registry, issuer: Issuer) -> None:
    session = await registry.start_session(work.nik, bytes.fromhex(work.uid), pb.CHIP_ASSURANCE_SAM_VERIFIED)
    verified = await registry.verify_face(session.session_id, work.model_id, [work.template], 1.0)
    token = verified.session_token
    documents = await registry.list_documents(token)
    document = next(d for d in documents if d.kind == pb.DOCUMENT_KIND_KK)
    _, version = await registry.get_draft(token, document.document_id)
    printed = await issuer.print(token, document, version, _nobody_watches)
    await issuer.taken(printed)


async def _deliver(ledger: Ledger, registry: Registry) -> None:
    for _ in range(TRIES):
        if await deliver_once(ledger, registry):
            return
        await asyncio.sleep(PAUSE_S)  # the pause of `outbox.deliver`, made short
    raise TimeoutError("the registry does not take what it must hear")


async def _nobody_watches(_step: Step, _progress: float) -> None:
    return


def _say(**words: int) -> None:
    # One write(2), whatever Python buffers.
    os.write(sys.stdout.fileno(), f"{json.dumps(words)}\n".encode())


if __name__ == "__main__":
    logs.configure()
    given = Work.model_validate_json(Path(sys.argv[1]).read_text())
    asyncio.run(run(given, sys.argv[2]))
    if sys.argv[2] == "recover":
        asyncio.run(run(given, "recover"))
