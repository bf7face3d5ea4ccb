"""Loading paper, blanks and ribbon: counted by hand, confirmed by a second person's card and PIN, then written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from adm.panel.v1 import technician_pb2 as tech

from kiosk.identity.chip import wait_until_placed, wait_until_removed
from kiosk.issuance.errors import StockError
from kiosk.issuance.stock import Figure, Item
from kiosk.technician.door import admitted
from kiosk.technician.menu import STOCK
from kiosk.technician.session import Back
from kiosk.technician.staff import Holder, Role

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

CAPACITY: Final = {Item.PAPER_A4: 250, Item.CARD_KTP_EL: 100, Item.CARD_KIA: 100, Item.RIBBON: 500}
"""Trays and hoppers of the machines we know; a cassette of ribbon prints 200 to 500 cards."""
_CONFIRMERS: Final = frozenset({Role.TECHNICIAN, Role.ATTENDANT})


@dataclass(frozen=True, slots=True)
class _Loading:
    """What has been counted so far."""

    task: tech.TechnicianTask.ValueType
    item: Item
    remaining: int | None
    before: int | None = None
    count: int = 0
    after: int | None = None
    batch: str = ""
    refused: str = ""

    @property
    def expected(self) -> int:
        """What the books will say."""
        known = self.before if self.before is not None else self.remaining
        return (known or 0) + self.count

    def screen(
        self,
        step: tech.LoadStockStep.ValueType,
        counting: tech.LoadStockCount.ValueType = tech.LOAD_STOCK_COUNT_UNSPECIFIED,
        second: str = "",
    ) -> tech.LoadStockScreen:
        return tech.LoadStockScreen(
            task=self.task,
            step=step,
            remaining=self.remaining,
            capacity=CAPACITY[self.item],
            entered=self.count,
            after=self.expected if self.after is None else self.after,
            two_persons=True,
            second_person=second,
            wrong=bool(self.refused),
            refused=self.refused,
            batch=self.batch,
            wants_batch=self.item.is_card and counting == tech.LOAD_STOCK_COUNT_LOADED,
            counting=counting,
        )


async def load(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The task. Nothing is written before two people have agreed."""
    item = STOCK[task]
    books = await session.kiosk.stock_keeper.books(item)
    remaining = sum(book[Figure.REMAINING] for book in books) if books else None
    counted = await _counted(session, _Loading(task, item, remaining))
    second = await second_person(session)
    await session.deed("load", item=item.value, count=counted.count, batch=counted.batch, second=second.staff)
    try:
        books = await session.kiosk.stock_keeper.load(
            item,
            counted.batch,
            counted.count,
            (session.holder.staff, second.staff),
            counted.before,
            counted.after,
        )
    except StockError as error:
        refused = replace(counted, refused=str(error))
        await session.ask(refused.screen(tech.LOAD_STOCK_STEP_COUNT, second=second.name), "enter_count")
        return
    await session.kiosk.look_at_journal()
    after = replace(counted, after=sum(book[Figure.REMAINING] for book in books))
    await session.ask(after.screen(tech.LOAD_STOCK_STEP_RECORDED, second=second.name), "done")


async def _counted(session: TechnicianSession, fresh: _Loading) -> _Loading:
    """What was counted, and said to be right."""
    while True:
        now = fresh
        if now.item.is_card:
            now = replace(now, before=await _count(session, now, tech.LOAD_STOCK_COUNT_BEFORE))
        now = await _loaded(session, now)
        if now.item.is_card:
            now = replace(now, after=await _count(session, now, tech.LOAD_STOCK_COUNT_AFTER))
        answer = await session.ask(now.screen(tech.LOAD_STOCK_STEP_CONFIRM), "confirm", "reject")
        if answer.WhichOneof("act") == "confirm":
            return now


async def _count(session: TechnicianSession, now: _Loading, what: tech.LoadStockCount.ValueType) -> int:
    answer = await session.ask(now.screen(tech.LOAD_STOCK_STEP_COUNT, what), "enter_count")
    return answer.enter_count.count


async def _loaded(session: TechnicianSession, now: _Loading) -> _Loading:
    while True:
        screen = now.screen(tech.LOAD_STOCK_STEP_COUNT, tech.LOAD_STOCK_COUNT_LOADED)
        entered = (await session.ask(screen, "enter_count")).enter_count
        fits = entered.count > 0 and (now.before or 0) + entered.count <= CAPACITY[now.item]
        if fits and (entered.batch or not now.item.is_card):
            return replace(now, count=entered.count, batch=entered.batch if now.item.is_card else "", refused="")
        now = replace(now, refused="batch?" if fits else f"1-{CAPACITY[now.item]}")


async def second_person(session: TechnicianSession) -> Holder:
    """Another person's service card and PIN.

    Raises:
        Back: There is none.
    """
    kiosk, door = session.kiosk, session.kiosk.door
    waiting = tech.TechnicianPinScreen(purpose=tech.TECHNICIAN_PIN_PURPOSE_SECOND_PERSON, waiting_for_card=True)
    while True:
        holder = await session.until(waiting, _next_card(session))
        if holder is None or holder.staff == session.holder.staff or holder.role not in _CONFIRMERS:
            continue
        if not await admitted(kiosk, door, holder, tech.TECHNICIAN_PIN_PURPOSE_SECOND_PERSON):
            raise Back
        return holder


async def _next_card(session: TechnicianSession) -> Holder | None:
    """The holder of the next card that is put there; one that lies there counts when it is another's."""
    reader = session.kiosk.card_reader
    await wait_until_placed(reader)
    holder = await session.kiosk.door.holder_of_card(reader)
    if holder is None or holder.staff == session.holder.staff:
        await wait_until_removed(reader)
        return None
    return holder
