"""What a self-test uses up is written down, with who, before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kiosk import logs
from kiosk.issuance.errors import JournalError
from kiosk.issuance.stock import Handling, Item, StockEvent

if TYPE_CHECKING:
    from kiosk.kiosk import Kiosk

ACT: Final = "self_test_uses"
_BOOKED: Final = {"paper": Item.PAPER_A4}


async def used_up(kiosk: Kiosk, staff: str, role: str, what: str, count: int) -> None:
    """The deed, and sheets in the books where there are books of them.

    Raises:
        JournalError: The deed cannot be written: nothing may be used.
    """
    await kiosk.ledger.record_technician(staff, role, ACT, {"what": what, "count": count})
    logs.event("technician", reason=ACT)
    item = _BOOKED.get(what)
    if item is not None and await kiosk.stock_keeper.books(item):
        handled = [Handling(StockEvent.SPOIL_LOOSE, item, "", count)]
        try:
            await kiosk.ledger.record_stock(handled, (staff,), "self_test")
        except JournalError as error:
            logs.event("selftest_not_booked", error=error)
