"""The printer's inside: paper moves, time passes, things go wrong. One job at a time, as ippeveprinter
does.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from enum import Enum, auto

from drivers.paper_feeder.port import Position
from simulator.document_printer.tray import CAPACITY_SHEETS, LOW_SHEETS, Tray, count_pages
from simulator.paper_feeder.path import SheetPath

Say = Callable[[str], None]
TONER_PERCENT, LOW_TONER_PERCENT = 80, 7


class Ending(Enum):
    """How a job ended inside."""

    PRINTED = auto()
    ABORTED = auto()
    CANCELLED = auto()
    POWER_LOST = auto()


class Mechanics:
    """Attributes:
    page_s: Time one sheet takes.
    jammed, cover_open, toner_out, toner_low, paused: What a person or a fault did.
    jam_next, abort_next: Happens while the next sheet moves.
    printed_total: Documents that came out whole.
    sheets_total: Sheets that came out.
    """

    def __init__(
        self, tray: Tray, page_s: float, tell: Callable[[], Awaitable[None]], path: SheetPath | None = None
    ) -> None:
        """Make it.

        Args:
            tell: Called when what `reasons` says may have changed.
            path: Brings and takes away each sheet; None prints from the printer's own tray.
        """
        self.tray = tray
        self.path = path
        self.page_s = page_s
        self.jammed = False
        self.cover_open = False
        self.toner_out = False
        self.toner_low = False
        self.paused = False
        self.jam_next = False
        self.abort_next = False
        self.printed_total = 0
        self.sheets_total = 0
        self.jobs_total = 0
        self.last_print_s = 0.0
        self.busy = False
        self._cancelled = False
        self._power_lost = False
        self._tell = tell
        self._changed = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        if path is not None:
            path.on_change = self._look_at_path
            path.on_left = tray.leave

    def _look_at_path(self) -> None:
        """A sheet came to rest: perhaps at the printer's entry."""
        self._looking = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def reasons(self) -> dict[str, bool]:
        """What is wrong besides paper, in the reasons ippeveprinter has ("paused" is its nearest to
        offline).
        """
        return {
            "media-jam": self.jammed,
            "cover-open": self.cover_open,
            "toner-empty": self.toner_out,
            "toner-low": self.toner_low,
            "paused": self.paused,
        }

    @property
    def toner_percent(self) -> int:
        """What is left of it."""
        return 0 if self.toner_out else LOW_TONER_PERCENT if self.toner_low else TONER_PERCENT

    async def change(self, **attributes: object) -> None:
        """Set attributes, let a job that waits look again, and tell the printer's front end."""
        async with self._changed:
            for name, value in attributes.items():
                setattr(self, name, value)
            self._changed.notify_all()
        await self._tell()

    async def load(self, sheets: int = CAPACITY_SHEETS) -> None:
        """Have so many sheets in the input tray."""
        self.tray.sheets = sheets
        await self.change()

    async def cancel(self) -> None:
        """Stop the job after the sheet that is moving."""
        await self.change(_cancelled=True)

    async def lose_power(self) -> None:
        """Stop at once."""
        await self.change(_power_lost=True)

    async def print(self, pdf: bytes, say: Say) -> Ending:
        """Print one document.

        Args:
            say: Passes a line to ippeveprinter.
        """
        pages = await asyncio.to_thread(count_pages, pdf)
        self.jobs_total += 1
        number = self.jobs_total
        self._cancelled = self._power_lost = False
        self.busy = True
        began = time.monotonic()
        out = 0
        say(f"ATTR: job-impressions={pages}")
        try:
            ending = Ending.PRINTED if pages else Ending.ABORTED
            while ending is Ending.PRINTED and out < pages:
                ending = await self._sheet()
                if ending is Ending.PRINTED:
                    out += 1
                    self.sheets_total += 1
                    say(f"ATTR: job-impressions-completed={out}")
            await self.tray.put(pdf, out, number)
        finally:
            self.busy = False
        self.last_print_s = time.monotonic() - began
        if ending is Ending.PRINTED:
            self.printed_total += 1
        return ending

    @property
    def _blocked(self) -> bool:
        stopped = self.cover_open or self.toner_out or self.paused
        none_fed = self.path is not None and self.path.position is not Position.ENTRY
        return stopped or self.tray.sheets == 0 or none_fed

    @property
    def _interrupted(self) -> bool:
        return self._cancelled or self._power_lost

    async def _sheet(self) -> Ending:
        """Feed one sheet and print on it, when that is possible; PRINTED when it came out."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._blocked or self.jammed or self._interrupted)
        if self._interrupted:
            return Ending.POWER_LOST if self._power_lost else Ending.CANCELLED
        if self.jammed:
            return Ending.ABORTED
        if self.path is not None:
            self.path.drawn()
        else:
            self.tray.sheets -= 1
        if self.path is None and self.tray.sheets in (0, LOW_SHEETS):
            await self._tell()
        fails = self.jam_next or self.abort_next
        await self._while_moving(self.page_s / 2 if fails else self.page_s)
        if self.jam_next:
            await self.change(jam_next=False, jammed=True)
        if self.path is not None and not self.jammed:
            # Whole or spoiled, the sheet comes out.
            self.path.printed()
        if self._power_lost:
            return Ending.POWER_LOST
        if self.jammed or self.abort_next:
            self.abort_next = False
            return Ending.ABORTED
        return Ending.PRINTED

    async def _while_moving(self, seconds: float) -> None:
        """Let the time of a sheet pass; a jam or a loss of power ends it."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.jammed or self._power_lost)
