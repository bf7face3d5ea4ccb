"""The A4 printer for the simulator page, the tour and the tests."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drivers.document_printer.ipp_operations import PDF, PWG_RASTER
from simulator.device import Action, ActionRefused
from simulator.document_printer.cage import Cage
from simulator.document_printer.front import Front
from simulator.document_printer.mechanics import Mechanics
from simulator.document_printer.tray import CAPACITY_SHEETS, Tray
from simulator.document_printer.wire import Trouble, Wire
from simulator.paper_feeder.path import SheetPath

PAGE_S = 2.0
"""A small office laser printer's 30 pages a minute."""

FAULTS: Mapping[str, str] = {
    "jam": "A sheet is stuck; a job under way is aborted",
    "jam_next": "The next sheet gets stuck half way",
    "empty": "No paper in the tray; a job waits for it",
    "toner_low": "Toner is nearly used up",
    "toner_out": "No toner; a job waits for it",
    "cover_open": "The cover is open; a job waits",
    "offline": "Somebody pressed pause on the printer",
    "abort_next": "The next job is aborted in the middle of a sheet, without a reason",
    "disconnect": "The cable is pulled; the printer goes on by itself",
    "mute": "The printer hears, and does not answer",
    "answer_lost": "The next document arrives, the answer to it does not",
    "cut_after_document": "The next document arrives, then the cable is pulled",
    "document_cut": "The connection breaks in the middle of the next document",
}
_WIRE = {
    "disconnect": Trouble.CUT,
    "mute": Trouble.SILENT,
    "answer_lost": Trouble.LOSES_ANSWER,
    "cut_after_document": Trouble.CUT_AFTER_DOCUMENT,
    "document_cut": Trouble.CUTS_DOCUMENT,
}
_MECHANICAL = {
    "jam": "jammed",
    "jam_next": "jam_next",
    "toner_low": "toner_low",
    "toner_out": "toner_out",
    "cover_open": "cover_open",
    "offline": "paused",
    "abort_next": "abort_next",
}


class VirtualDocumentPrinter:
    """Implements `VirtualDevice`.

    Attributes:
        uri: Where it is, after `start`.
        pictures: Where page pictures and PDFs are kept.
    """

    name = "document_printer"
    title = "A4 printer"

    def __init__(
        self, directory: Path, *, page_s: float = PAGE_S, pdf: bool = True, path: SheetPath | None = None
    ) -> None:
        """Make it; nothing runs yet.

        Args:
            directory: What came out is kept in `printed/` in it.
            page_s: Time one sheet takes.
            pdf: Whether it takes PDF; all take PWG Raster.
            path: Of the paper feeder around it; None prints from a tray into a tray.
        """
        self.pictures = directory / "printed"
        self.uri = ""
        self._tray = Tray(self.pictures)
        self._path = path
        self._mechanics = Mechanics(self._tray, page_s, self._tell, path)
        self._front = Front(self._mechanics)
        self._wire = Wire()
        self._cage = Cage((PDF, PWG_RASTER) if pdf else (PWG_RASTER,))
        self._fault: str | None = None

    @property
    def document_at_s(self) -> float:
        """When the newest document's first byte came in, on the monotonic clock."""
        return self._wire.document_at_s

    async def start(self) -> None:
        """See `VirtualDevice.start`. Raises CannotStart."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        await self._power_up()
        await self._wire.start(_port(self._cage.uri))
        self.uri = f"ipp://127.0.0.1:{self._wire.port}/ipp/print"

    async def stop(self) -> None:
        """See `VirtualDevice.stop`."""
        await self._wire.stop()
        await self._front.stop()
        await self._cage.stop()

    def state(self) -> Mapping[str, Any]:
        """See `VirtualDevice.state`."""
        return {
            "fault": self._fault,
            "feeder": self._path is not None,
            "busy": self._mechanics.busy,
            "sheets_left": self._tray.sheets,
            "pages": list(self._tray.pages),
            "taken": list(self._tray.taken),
            "retracted": list(self._tray.retracted),
            "printed_total": self._mechanics.printed_total,
            "sheets_total": self._mechanics.sheets_total,
            "last_pdf": str(self._tray.last_pdf) if self._tray.last_pdf else None,
            "last_print_s": round(self._mechanics.last_print_s, 3),
            "jammed": self._mechanics.jammed,
        }

    def actions(self) -> Mapping[str, Action]:
        """See `VirtualDevice.actions`."""
        trays = {
            "take_paper": Action("Take the paper", self.take_paper),
            "load_paper": Action("Fill the paper tray", self.load_paper),
        }
        return (trays if self._path is None else {}) | {
            "clear_jam": Action("Pull out the stuck sheet", self.clear_jam),
            "power_cycle": Action("Switch off and on", self.power_cycle),
        }

    def faults(self) -> Mapping[str, str]:
        """See `VirtualDevice.faults`."""
        return FAULTS

    async def take_paper(self) -> None:
        """Take what lies in the output tray."""
        if not self._tray.take():
            raise ActionRefused("There is no paper to take")

    @property
    def sheets_out(self) -> list[str]:
        """Pictures of the sheets in the output tray, or in the feeder's path."""
        return list(self._tray.pages)

    async def load_paper(self, sheets: str = str(CAPACITY_SHEETS)) -> None:
        """Have so many sheets in the input tray."""
        if self._fault == "empty":
            self._fault = None
        await self._mechanics.load(int(sheets))

    async def clear_jam(self) -> None:
        """Pull out a stuck sheet."""
        if not self._mechanics.jammed:
            raise ActionRefused("There is no sheet stuck")
        if self._fault in ("jam", "jam_next"):
            self._fault = None
        if self._path is not None:
            self._path.pulled_out()
        await self._mechanics.change(jammed=False)

    async def power_cycle(self) -> None:
        """Switch off and on: it forgets its jobs, and counts them from one again."""
        await self._wire.set_trouble(Trouble.CUT)
        await self._front.stop()
        await self._cage.stop()
        await self._power_up()
        await self._wire.stop()
        self._wire.trouble = Trouble.NONE
        await self._wire.start(_port(self._cage.uri))

    async def set_fault(self, fault: str | None) -> None:
        """See `VirtualDevice.set_fault`."""
        if fault is not None and fault not in FAULTS:
            raise KeyError(fault)
        await self._wire.set_trouble(_WIRE.get(fault or "", Trouble.NONE))
        if self._fault == "empty":
            await self._mechanics.load()
        self._fault = fault
        await self._mechanics.change(**{name: name == _MECHANICAL.get(fault or "") for name in _MECHANICAL.values()})
        if fault == "empty":
            await self._mechanics.load(0)

    async def _power_up(self) -> None:
        command_socket = self._cage.prepare()
        await self._front.listen(command_socket)
        try:
            await self._cage.start()
        except BaseException:
            await self._front.stop()
            await self._cage.stop()
            raise
        self._front.connect(self._cage.uri)
        await self._front.tell()

    async def _tell(self) -> None:
        await self._front.tell()


def _port(uri: str) -> int:
    return int(uri.rsplit(":", 1)[1].partition("/")[0])
