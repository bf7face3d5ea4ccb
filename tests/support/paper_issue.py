"""One document through the production issuer, feeder driver and journal, with a fault of the feeder at one step.

The printer is a stand-in that puts its sheet where the virtual feeder's path has it, and counts; the registry one that
remembers what it was told. What each fault must end in at each step stands in `EXPECTED`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adm.registry.v1 import registry_pb2 as pb

from drivers.deadline import Deadline
from drivers.document_printer.port import PrintJob
from drivers.paper_feeder import crt_usb
from kiosk.devices import Device
from kiosk.issuance.issue import IssueFailed, Issuer
from kiosk.issuance.journal import Journal, read, verify
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.outbox import deliver_once
from kiosk.issuance.outcome import nobody_watches
from kiosk.issuance.paper import PaperPath
from kiosk.issuance.states import State
from simulator.paper_feeder.device import FAULTS, VirtualPaperFeeder
from simulator.paper_feeder.feeder import PRODUCT_ID, VENDOR_ID
from simulator.paper_feeder.path import SheetPath
from tests.pdf_samples import blank_pdf
from tests.unit.kiosk.scripted import DOCUMENT, FakeRegistry, Printer

STEPS = ("feed", "present", "take", "retract")
RETURN_S = 0.4
PRINTED_S = 10.0

TAKEN, CANCELLED, UNKNOWN = "taken", "cancelled", "unknown"
IN_BIN = "spoiled bin"
BACK, HELD = "retracted bin", "retained held"
_SILENT = ("nak_storm", "mute", "unplugged")
# Steps that are not named end as if there were no fault.
NORMAL = {"feed": TAKEN, "present": TAKEN, "take": TAKEN, "retract": BACK}
EXPECTED: dict[str, dict[str, str]] = {
    "jam_s3": {"feed": IN_BIN},
    "jam_s4": {"feed": IN_BIN},
    "jam_s5": {"feed": IN_BIN, "present": IN_BIN},
    "jam_s6": {"feed": IN_BIN, "present": IN_BIN},
    "jam_s7": {"feed": IN_BIN, "present": IN_BIN},
    "jam_s8": {},
    "double_feed": {"feed": IN_BIN},
    "empty": {"feed": CANCELLED},
    "bin_full": {"retract": HELD},
    "motor_stall": {"feed": IN_BIN, "present": IN_BIN},
    "pulled": {"retract": TAKEN},
    "nak_storm": {},
    "mute": {},
    "unplugged": {},
    "garbled": {},
    "lost_ack": {},
    "lost_answer": {},
    "power_lost": {"feed": IN_BIN, "present": IN_BIN},
    "power_cycle": {},
    "unplugged_mid_frame": {"feed": "spoiled unknown", "present": UNKNOWN, "retract": UNKNOWN},
}
for _fault in _SILENT:
    EXPECTED[_fault] = {"feed": CANCELLED, "present": HELD, "take": UNKNOWN, "retract": UNKNOWN}


class SheetPrinter(Printer):
    """Takes the sheet at the path's entry and puts it out printed."""

    def __init__(self, path: SheetPath) -> None:
        super().__init__()
        self._path = path
        self._loop = asyncio.get_running_loop()

    def print(self, pdf: bytes, name: str, deadline: Deadline) -> PrintJob:
        """See `DocumentPrinter.print`."""
        job = super().print(pdf, name, deadline)
        asyncio.run_coroutine_threadsafe(self.sheet(), self._loop).result(PRINTED_S)
        return job

    async def sheet(self) -> None:
        """Draw one in, and put it out."""
        self._path.drawn()
        self._path.printed()


class Grants(FakeRegistry):
    """Grants a document that can be printed.

    Attributes:
        pages: What the grant says.
        on_grant: What happens as the grant is given.
    """

    def __init__(self, pdf: bytes) -> None:
        super().__init__()
        self.pdf = pdf
        self.pages = 1
        self.on_grant: Callable[[], Any] = lambda: None

    async def begin(self, key: str, token: str, document_id: str, data_version: str) -> tuple[pb.GrantClaims, str]:
        """See `Registry.begin`."""
        claims, signature = await super().begin(key, token, document_id, data_version)
        claims.page_count = self.pages
        claims.artefact_sha256 = hashlib.sha256(self.pdf).digest()
        if (going := self.on_grant()) is not None:
            await going
        return claims, signature

    async def get_artefact(self, claims: pb.GrantClaims) -> bytes:
        """See `Registry.get_artefact`."""
        return self.pdf


@dataclass
class Ended:
    """What one case came to.

    Attributes:
        state: The journal's, with where the sheets are said to be.
        printed: Documents the printer took.
        told: What the registry heard: method and its fields.
        wrong: What contradicts the rules of any issuance; empty when nothing does.
    """

    state: str
    printed: int
    told: list[tuple[str, dict[str, Any]]]
    wrong: list[str] = field(default_factory=list)


class PaperBench:
    """One machine's paper path; `async with` starts and ends it."""

    def __init__(self, directory: Path, return_s: float = RETURN_S) -> None:
        self.directory = directory
        self.feeder = VirtualPaperFeeder(section_s=0.005)
        self.registry = Grants(blank_pdf(1))
        self._return_s = return_s

    async def __aenter__(self) -> PaperBench:
        await self.feeder.start()
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()
        await self.feeder.stop()

    async def restart(self) -> None:
        """The daemon is gone and comes back; the feeder is not."""
        await self._close()
        await self._open()

    async def _open(self) -> None:
        settings = crt_usb.Settings(vendor_id=VENDOR_ID, product_id=PRODUCT_ID, backend=f"usbip:{self.feeder.usbip}")
        self.device: Device[Any] = Device("paper_feeder", "crt", lambda: crt_usb.create(settings))
        self.printer = SheetPrinter(self.feeder.path)
        self.printer_device: Device[Any] = Device("document_printer", "scripted", lambda: self.printer)
        await self.device.open()
        await self.printer_device.open()
        self.ledger = Ledger(Journal(self.directory / "journal.db", 1 << 30))
        path = PaperPath(self.device, self._return_s, self._return_s)
        registry: Any = self.registry
        self.issuer = Issuer(self.ledger, registry, self.printer_device, 30.0, False, path)

    async def _close(self) -> None:
        await self.device.close()
        await self.printer_device.close()
        self.ledger.close()

    async def help(self) -> None:
        """A person mends everything, and the path is empty."""
        await self.feeder.set_fault(None)
        await self.feeder.remove()
        await self.feeder.fill()
        await self.feeder.empty_bin()

    async def case(self, fault: str | None, step: str) -> Ended:
        """Issue one document while this fault is set at this step."""
        await self.help()
        registry = self.registry
        registry.told.clear()
        registry.on_grant = (lambda: self._strikes(fault)) if step == "feed" else (lambda: None)
        self.printer.on_print = self._at_print(fault) if step == "present" else (lambda: None)
        before = self.printer.printed
        try:
            printed = await self.issuer.print("token", DOCUMENT, "v1", nobody_watches)
            if not printed.taken:
                if step in ("take", "retract"):
                    await self._strikes(fault)
                if step == "retract":
                    await self.issuer.draw_back(printed)
                else:
                    taking = asyncio.create_task(self.feeder.take())
                    while not await self.issuer.wait_taken(printed, 5.0):
                        pass
                    await taking
        except IssueFailed:
            pass
        return await self.ended(before)

    async def ended(self, before: int = 0) -> Ended:
        """What the newest issuance came to."""
        entries = list(read(self.directory / "journal.db"))
        newest = entries[-1]
        detail = newest.detail or {}
        await self.help()
        await deliver_once(self.ledger, self.registry)  # type: ignore[arg-type]
        told = [(method, fields) for key, method, fields in self.registry.told if key == newest.key]
        where = f" {detail['where']}" if "where" in detail else ""
        ended = Ended(newest.state + where, self.printer.printed - before, told)
        if State(newest.state).open:
            ended.wrong.append("left open")
        if ended.printed > 1:
            ended.wrong.append("printed twice")
        if verify(read(self.directory / "journal.db")) != []:
            ended.wrong.append("the journal does not verify")
        if len(told) != 1:
            ended.wrong.append(f"the registry heard {len(told)} words")
        return ended

    async def _strikes(self, fault: str | None) -> None:
        """The named fault, or what is over at once."""
        await (self.feeder.power_cycle() if fault == "power_cycle" else self.feeder.set_fault(fault))

    def _at_print(self, fault: str | None) -> Callable[[], None]:
        loop = asyncio.get_running_loop()

        def set_fault() -> None:
            asyncio.run_coroutine_threadsafe(self._strikes(fault), loop).result(PRINTED_S)

        return set_fault


def expected(fault: str | None, step: str) -> str:
    """What the case must come to."""
    return EXPECTED[fault].get(step, NORMAL[step]) if fault else NORMAL[step]


assert set(EXPECTED) == {*FAULTS, "power_cycle"}, "a fault without an expectation"
