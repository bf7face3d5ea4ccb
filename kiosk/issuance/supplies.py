"""Ribbon and toner: what the machine's books have left, held against what the printers themselves say.

The books count cards and pages; a ribbon's chip counts the cards it is good for, and an A4 printer says a percentage
(IPP `marker-levels`, PWG 5100.9). Neither is exact: test cards and cleaning use panels, and a full page uses more toner
than an empty one. What is further apart than that means a change of ribbon or toner that nobody wrote down, or worse.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Final

from drivers.card_printer.port import CardPrinterStatus
from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter
from drivers.errors import DriverError
from drivers.status import DeviceState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.stock import Book, Figure, Item

RIBBON_SLACK_CARDS: Final = 20
TONER_SLACK_PERCENT: Final = 40
ASK_TONER_S: Final = 600.0
PATIENCE_S: Final = 900.0
"""A ribbon is changed first and written down afterwards: what differs for less long is no news."""
_ASK_S: Final = 4.0


def ribbon_differs(books: Iterable[Book], told: Sequence[int | None]) -> int:
    """Cards that the printers' ribbons are good for beyond (or, below 0, short of) what the books have; 0 when alike.

    Args:
        told: What each card printer says; None: it does not.
    """
    mine = [book for book in books if book.item is Item.RIBBON]
    known = [cards for cards in told if cards is not None]
    if not mine or not told or len(known) < len(told):
        return 0
    low = sum(book[Figure.REMAINING] for book in mine)
    # What is set aside may have been used, or not.
    high = low + sum(book[Figure.RESERVED] for book in mine)
    off = sum(known) - min(max(sum(known), low), high)
    return off if abs(off) > RIBBON_SLACK_CARDS else 0


def toner_differs(books: Iterable[Book], loaded: int | None, told_percent: int | None) -> int:
    """Percentage points that the printer has more (or, below 0, less) than the books say; 0 when alike.

    Args:
        loaded: Pages that the newest cartridge was said to be good for; None: none was ever loaded.
    """
    mine = [book for book in books if book.item is Item.TONER]
    if not mine or not loaded or told_percent is None:
        return 0
    left = sum(book[Figure.REMAINING] for book in mine)
    off = told_percent - min(100, max(0, round(100 * left / loaded)))
    return off if abs(off) > TONER_SLACK_PERCENT else 0


class SupplyWatch:
    """Compares them whenever the machine looks at itself, and says once when they part."""

    def __init__(self, ledger: Ledger, printer: Device[DocumentPrinter], patience_s: float = PATIENCE_S) -> None:
        self._ledger = ledger
        self._printer = printer
        self._patience_s = patience_s
        self._toner: int | None = None
        self._asked_s: float | None = None
        self._loaded: int | None = None
        self._since_s: dict[str, float] = {}
        self._said: tuple[str, ...] = ()

    async def look(self, stations: Sequence[CardPrinterStatus | None], busy: bool) -> tuple[str, ...]:
        """What differs, as key words of the health report: `ribbon:mismatch=-40`.

        Args:
            stations: The newest known status of each card printer.
            busy: Somebody is being served: the A4 printer is not asked.
        """
        books = await self._ledger.books()
        loaded = sum(book[Figure.LOADED] for book in books if book.item is Item.TONER)
        now_s = time.monotonic()
        due = self._asked_s is None or now_s - self._asked_s >= ASK_TONER_S or loaded != self._loaded
        if due and not busy and self._printer.state is DeviceState.ONLINE:
            self._asked_s, self._loaded = now_s, loaded
            await self._ask()
        off = {
            "ribbon": ribbon_differs(books, [status.ribbon_cards if status else None for status in stations]),
            "toner": toner_differs(books, await self._ledger.last_loading(Item.TONER), self._toner),
        }
        self._since_s = {name: self._since_s.get(name, now_s) for name, by in off.items() if by}
        lasting = [name for name, since_s in self._since_s.items() if now_s - since_s >= self._patience_s]
        found = tuple(f"{name}:mismatch={off[name]:+d}" for name in lasting)
        if found != self._said:
            self._said = found
            logs.event("supplies", reason=",".join(found) or "alike")
        return found

    async def _ask(self) -> None:
        try:
            said = await self._printer.call(lambda port: port.supplies(Deadline.after(_ASK_S)), _ASK_S)
        except DriverError:
            # Its poll says that it is away; what it said before counts.
            return
        self._toner = said.toner_percent
