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

from drivers import catalog
from drivers.card_printer.encoder import Settings as EncoderSettings
from drivers.card_printer.evolis import Settings as PrinterSettings
from drivers.document_printer.ipp import IppPrinter, Settings
from drivers.document_printer.port import DocumentPrinter
from kiosk import logs
from kiosk.config import RegistrySettings
from kiosk.devices import Device
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_log import PrintLog
from kiosk.issuance.card_outcome import CardFailed, CardStep
from kiosk.issuance.card_station import Station
from kiosk.issuance.cards.limits import Limits
from kiosk.issuance.issue import Issuer, Step
from kiosk.issuance.journal import Journal
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outbox import deliver_once
from kiosk.issuance.recovery import recover
from kiosk.issuance.states import Event
from kiosk.registry.client import Registry, channel
from simulator.card_printer.device import SERIAL
from simulator.card_printer.models import VENDOR_ID

PAGE_S = 20.0
MAX_BYTES = 1 << 30
TRIES = 40
PAUSE_S = 0.25
MOVE_S, SETTLE_S, CARD_S, TAKE_S = 10.0, 3.0, 30.0, 5.0

T = TypeVar("T")


class CardStation(BaseModel):
    """Where the card printer and its encoder are.

    Attributes:
        usbip: Of the printer's USB/IP server, as catalogues take it.
    """

    usbip: str
    product_id: int
    model: str
    reader_pattern: str
    pcscd_socket: str


class Work(BaseModel):
    """What one process is to do.

    Attributes:
        nik: Whose document is printed.
        cards: Make a KTP-el there; None: print the family card.
        template: As the camera would give it.
        late: Negative control: `printing`, or `feeding` of a card, is written after it has happened, not before.
    """

    journal: Path
    registry: RegistrySettings
    machine_id: str
    printer_uri: str
    nik: str
    uid: str
    model_id: str
    template: list[float]
    cards: CardStation | None = None
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

    def __init__(self, journal: Journal, event: Event) -> None:
        super().__init__(journal)
        self._event = event
        self._held: tuple[str, Mapping[str, Any]] | None = None

    async def append(
        self,
        key: str,
        event: Event,
        detail: Mapping[str, Any],
        tell: tuple[str, Mapping[str, Any]] | None = None,
    ) -> int:
        """Writes its event only when something follows it."""
        if event is self._event:
            self._held = (key, detail)
            return self.head[0]
        if self._held is not None:
            held, self._held = self._held, None
            await super().append(held[0], self._event, held[1])
        return await super().append(key, event, detail, tell)


async def run(work: Work, phase: str) -> None:
    """One phase."""
    journal = Journal(work.journal, MAX_BYTES)
    ledger = Late(journal, Event.FEED if work.cards else Event.PRINT) if work.late else OneThread(journal)
    link = channel(work.registry)
    registry = Registry(link, work.registry.grant_public_key_file, work.machine_id)
    settings = Settings(uri=work.printer_uri, poll_s=0.05)
    printer: Device[DocumentPrinter] = Device("document_printer", "ipp", lambda: IppPrinter(settings))
    await printer.open()
    issuer = Issuer(ledger, registry, printer, PAGE_S, assume_taken=False)
    cards = await card_issuer(work.cards, ledger, registry, work.journal) if work.cards else None
    try:
        if phase == "issue":
            await _issue(work, registry, issuer, cards)
        else:
            await recover(ledger, issuer, {"DOCUMENT_KIND_KTP_EL": cards} if cards else {})
        await _deliver(ledger, registry)
        seq, digest = ledger.head
        if seq:
            # Central keeps the head: details may go.
            await ledger.kept(seq, digest)
        _say(entries=seq)
    finally:
        for device in (printer, *((cards.station.printer, cards.station.encoder) if cards else ())):
            if device is not None:
                await device.close()
        await link.close()
        ledger.close()


async def card_issuer(where: CardStation, ledger: Ledger, registry: Registry, journal: Path) -> CardIssuer:
    """The production issuer of cards, its devices opened."""
    printer = PrinterSettings(
        vendor_id=VENDOR_ID,
        product_id=where.product_id,
        serial=SERIAL,
        backend=f"usbip:{where.usbip}",
        profile=where.model,
    )
    encoder = EncoderSettings(
        reader_pattern=where.reader_pattern, pcscd_socket=where.pcscd_socket, transmit_timeout_s=2.0
    )
    printing: Device[Any] = Device("card_printer", "evolis", lambda: catalog.create("card_printer", "evolis", printer))
    encoding: Device[Any] = Device("card_encoder", "pcsc", lambda: catalog.create("card_encoder", "pcsc", encoder))
    await printing.open()
    await encoding.open()
    log = PrintLog(journal.with_name("card_printer.json"))
    kind, blank = pb.DOCUMENT_KIND_KTP_EL, pb.BLANK_CARD_KTP_EL
    station = Station(kind, blank, printing, encoding, Limits(), log, MOVE_S, SETTLE_S)
    return CardIssuer(ledger, registry, station, CARD_S, CARD_S, None)


async def _issue(work: Work, registry: Registry, issuer: Issuer, cards: CardIssuer | None) -> None:
    session = await registry.start_session(work.nik, bytes.fromhex(work.uid), pb.CHIP_ASSURANCE_SAM_VERIFIED)
    verified = await registry.verify_face(session.session_id, work.model_id, [work.template], 1.0)
    token = verified.session_token
    documents = await registry.list_documents(token)
    kind = pb.DOCUMENT_KIND_KTP_EL if cards else pb.DOCUMENT_KIND_KK
    document = next(d for d in documents if d.kind == kind)
    _, version = await registry.get_draft(token, document.document_id)
    if cards is None:
        await issuer.taken(await issuer.print(token, document, version, _nobody_watches))
        return
    try:
        await cards.wait_taken(await cards.make(token, document, version, _nobody_watches), TAKE_S)
    except CardFailed:
        return  # ended, and journaled as what it is


async def _deliver(ledger: Ledger, registry: Registry) -> None:
    for _ in range(TRIES):
        if await deliver_once(ledger, registry):
            return
        await asyncio.sleep(PAUSE_S)  # the pause of `outbox.deliver`, made short
    raise TimeoutError("the registry does not take what it must hear")


async def _nobody_watches(_step: Step | CardStep, _progress: float) -> None:
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
