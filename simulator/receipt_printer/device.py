"""The receipt printer for the simulator page, the tour and the tests."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from simulator.device import Action, ActionRefused
from simulator.receipt_printer.look import picture
from simulator.receipt_printer.models import MODELS
from simulator.receipt_printer.printer import NEAR_END_MM, ROLL_MM, Printer
from simulator.usbip.server import UsbIpServer

SERIAL = "ADM-SIM-0001"
SPEED_MM_S = 150.0
"""A mid-range printer's 150 mm/s."""
SHORT_MM = 30.0

FAULTS: Mapping[str, str] = {
    "paper_near_end": "The roll is nearly used up",
    "paper_end": "No paper",
    "paper_runs_out": "Paper for 30 mm more, so it ends in the middle of the next receipt",
    "cover_open": "The cover is open",
    "cutter": "The blade sticks in the next cut",
    "mute": "Takes data and says nothing",
    "nak": "Takes no data",
    "partial_write": "Takes only half of what it is sent",
    "unplugged": "The USB plug is pulled",
}


class VirtualReceiptPrinter:
    """Implements `VirtualDevice`.

    Attributes:
        usbip: "HOST:PORT" of the USB/IP server after `start`.
        pictures: Where receipts are drawn.
    """

    name = "receipt_printer"
    title = "Receipt printer"

    def __init__(
        self,
        directory: Path,
        *,
        model: str = "TM-T20II",
        speed_mm_s: float = SPEED_MM_S,
        server: UsbIpServer | None = None,
    ) -> None:
        """Make it; nothing runs yet.

        Args:
            directory: Receipts are drawn into `receipts/` in it.
            server: Shared with other USB devices and started by its owner; None starts one's own.
        """
        self.model = MODELS[model]
        self.serial = SERIAL
        self.pictures = directory / "receipts"
        self._own_server = server is None
        self._server = server or UsbIpServer()
        self._speed_mm_s = speed_mm_s
        self._printer = Printer(self.model, SERIAL, speed_mm_s, self._keep)
        self._work: asyncio.Task[None] | None = None
        self._fault: str | None = None
        self._printed = 0
        self._waiting: list[str] = []
        self._last: Path | None = None

    @property
    def usbip(self) -> str:
        """See class."""
        return self._server.address

    @property
    def printer(self) -> Printer:
        """The device itself, for the shared server and for tests."""
        return self._printer

    async def start(self) -> None:
        """See `VirtualDevice.start`."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        if self._own_server:
            await self._server.start()
        self._server.plug(self._printer)
        self._work = asyncio.create_task(self._printer.run())

    async def stop(self) -> None:
        """See `VirtualDevice.stop`."""
        self._server.unplug(self._printer)
        if self._work is not None:
            self._work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._work
            self._work = None
        if self._own_server:
            await self._server.stop()

    def state(self) -> Mapping[str, Any]:
        """See `VirtualDevice.state`."""
        return {
            "model": self.model.name,
            "fault": self._fault,
            "receipts_printed": self._printed,
            "last_receipt": str(self._last) if self._last else None,
            "waiting": list(self._waiting),
            "paper_left_mm": round(self._printer.paper_left_mm),
            "speed_mm_s": self._speed_mm_s,
            "cover_open": self._printer.cover_open,
            "stopped": self._printer.stopped,
            "unknown_commands": list(self._printer.paper.unknown),
        }

    def actions(self) -> Mapping[str, Action]:
        """See `VirtualDevice.actions`."""
        return {
            "take_receipt": Action("Take the receipt", self.take_receipt),
            "load_paper": Action("Put in a new roll", self.load_paper),
        }

    def faults(self) -> Mapping[str, str]:
        """See `VirtualDevice.faults`."""
        return FAULTS

    async def take_receipt(self) -> None:
        """Take what hangs out; a model without a blade is torn."""
        if not self.model.cutter and self._printer.paper.height_dots:
            await asyncio.to_thread(self._keep, self._printer.paper.tear())
        if not self._waiting:
            raise ActionRefused("There is no receipt to take")
        self._waiting.clear()

    async def load_paper(self) -> None:
        """Put in a new roll and close the cover; what hangs from the old one goes with it."""
        if self._printer.paper_left_mm <= 0:
            self._printer.paper.tear()
        if self._fault in ("paper_near_end", "paper_end", "paper_runs_out", "cover_open"):
            self._fault = None
        await self._printer.change(paper_left_mm=ROLL_MM, cover_open=False)

    async def set_fault(self, fault: str | None) -> None:
        """See `VirtualDevice.set_fault`."""
        if fault is not None and fault not in FAULTS:
            raise KeyError(fault)
        await self._heal()
        self._fault = fault
        match fault:
            case "paper_near_end":
                await self._printer.change(paper_left_mm=NEAR_END_MM / 2)
            case "paper_end":
                await self._printer.change(paper_left_mm=0.0)
            case "paper_runs_out":
                await self._printer.change(paper_left_mm=SHORT_MM)
            case "cover_open" | "mute" | "nak":
                await self._printer.change(**{fault: True})
            case "partial_write":
                await self._printer.change(short_writes=True)
            case "cutter":
                await self._printer.change(cutter_stuck=True)
            case "unplugged":
                self._server.unplug(self._printer)
                self._printer.forget()

    async def _heal(self) -> None:
        before, self._fault = self._fault, None
        if before in ("paper_near_end", "paper_end", "paper_runs_out"):
            await self._printer.change(paper_left_mm=ROLL_MM)
        await self._printer.change(cover_open=False, nak=False, mute=False, short_writes=False)
        await self._printer.mend_cutter()
        if before == "unplugged":
            self._server.plug(self._printer)

    def _keep(self, dots: Image.Image) -> None:
        """Draw a receipt that was cut off; called from a worker thread. Blank paper is none."""
        if dots.getextrema() == (255, 255):
            return
        number = self._printed + 1
        path = self.pictures / f"receipt-{number}.png"
        picture(dots, self.model.paper_dots).save(path, compress_level=1)
        self._last = path
        self._waiting.append(path.name)
        self._printed = number
