"""What people do with blanks and supplies: two people, counted before and after, never while somebody is served."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from adm.panel.v1 import panel_pb2 as pb

from kiosk.issuance import stock
from kiosk.issuance.errors import StockError
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.stock import Book, Figure, Handling, Item, StockEvent

ITEMS: Final = {
    pb.STOCK_ITEM_PAPER_A4: Item.PAPER_A4,
    pb.STOCK_ITEM_CARD_KTP_EL: Item.CARD_KTP_EL,
    pb.STOCK_ITEM_CARD_KIA: Item.CARD_KIA,
    pb.STOCK_ITEM_RIBBON: Item.RIBBON,
    pb.STOCK_ITEM_TONER: Item.TONER,
}
_EVENTS: Final = {
    pb.STOCK_ACT_LOAD: StockEvent.LOAD,
    pb.STOCK_ACT_UNLOAD: StockEvent.UNLOAD,
    pb.STOCK_ACT_SPOIL: StockEvent.SPOIL_LOOSE,
    pb.STOCK_ACT_DESTROY: StockEvent.DESTROY,
    pb.STOCK_ACT_COUNT: StockEvent.COUNT,
}


class StockKeeper:
    """The books as people change them. Whoever calls sees to it that nobody is being served."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def books(self, item: Item | None = None) -> list[Book]:
        """Every book, or those of one item, the batch that is used first first."""
        return [book for book in await self._ledger.books() if item in (None, book.item)]

    async def record(self, request: pb.RecordStockRequest) -> list[Book]:
        """Write down what two people did.

        Returns:
            The books of the item.

        Raises:
            StockError: One person alone, cards that were not counted, or what the books do not allow.
            JournalError: Nothing was written.
        """
        item = ITEMS[request.item]
        before = request.counted_before if request.HasField("counted_before") else None
        after = request.counted_after if request.HasField("counted_after") else None
        event = _EVENTS[request.act]
        if event is StockEvent.LOAD:
            return await self.load(item, request.batch, request.count, request.staff, before, after)
        if before is not None or after is not None:
            raise StockError("counts before and after belong to a loading")
        if event is StockEvent.COUNT:
            return await self.count(item, request.count, request.staff)
        return await self._write(
            item, [Handling(event, item, request.batch, request.count)], request.staff, request.reason
        )

    async def load(
        self, item: Item, batch: str, count: int, staff: Sequence[str], before: int | None, after: int | None
    ) -> list[Book]:
        """Put `count` in, of one batch; cards are counted by hand before and after. Raises as `record`."""
        done = stock.loading(await self.books(item), item, batch, count, before, after)
        return await self._write(item, done, staff)

    async def count(self, item: Item, counted: int, staff: Sequence[str]) -> list[Book]:
        """Count what is there, all batches together. Raises as `record`."""
        return await self._write(item, stock.counting(await self.books(item), item, counted), staff)

    async def _write(self, item: Item, done: Sequence[Handling], staff: Sequence[str], reason: str = "") -> list[Book]:
        if len(set(staff)) < 2 and not _one_is_enough(item, done):
            raise StockError("two people: one does it, another one confirms it")
        if any(one.count == 0 and one.event is not StockEvent.COUNT for one in done):
            raise StockError("count: nothing happened")
        await self._ledger.record_stock(done, staff, reason)
        return await self.books(item)


def _one_is_enough(item: Item, done: Sequence[Handling]) -> bool:
    """A sheet that a test has spoiled: no security print, and nobody else has to come for it."""
    return not item.is_card and all(one.event is StockEvent.SPOIL_LOOSE for one in done)


def as_message(book: Book) -> pb.StockBook:
    """A book for the panel."""
    item = next(number for number, item in ITEMS.items() if item is book.item)
    message = pb.StockBook(item=item, batch=book.batch, difference=book.difference)
    for figure in Figure:
        setattr(message, figure, book[figure])
    if book.counted_at:
        message.counted_at.FromDatetime(datetime.fromisoformat(book.counted_at))
    return message
