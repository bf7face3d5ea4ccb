"""Where print lies: a page or a card with a frame is printed, and a person measures it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from adm.panel.v1 import technician_pb2 as tech

from drivers.card_printer.port import CardPrinter, CardSide, Place
from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, JobState
from drivers.errors import DriverError
from drivers.paper_feeder.port import PaperFeeder
from drivers.paper_feeder.through import print_through
from kiosk.devices import Device
from kiosk.issuance.cards.calibration import calibration_sides
from kiosk.issuance.stock import Handling, Item, StockEvent
from kiosk.technician.picking import pick_device
from kiosk.testpage import a4_test_page

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

PAGE_S: Final = 90.0
# More than the printer's own limit and whatever it is doing first: the printer is what is said to hang.
TURN_S: Final = 15.0
CARD_S: Final = 150.0
MOVE_S: Final = 30.0
JOB: Final = "align"
_CARDS: Final = frozenset({"card_printer", "kia_printer"})


async def align(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """Print the page with crosses, or the card with a frame, as often as they want; a person measures."""
    kiosk = session.kiosk
    devices = [one for one in kiosk.devices if one.name in _CARDS or one is kiosk.document_printer]
    device = devices[0] if len(devices) == 1 else await pick_device(session, task, devices)
    kind = "card" if device.name in _CARDS else "page"
    while True:
        await session.task(task, tech.TASK_STATE_ASK, f"align_{kind}_ask", device=device.name)
        await session.deed("align", device=device.name)
        await session.task(task, tech.TASK_STATE_WORKING, "working", device=device.name)
        try:
            reason = await (_card(device) if kind == "card" else _page(session))
        except DriverError as error:
            reason = type(error).__name__
        if reason:
            await session.task(task, tech.TASK_STATE_FAILED, "failed", device=device.name, reason=reason)
            continue
        answer = await session.task(task, tech.TASK_STATE_JUDGE, f"align_{kind}_look", device=device.name)
        if answer is None or answer.WhichOneof("act") == "confirm":
            break
        await session.deed("misaligned", device=device.name)
        await session.task(task, tech.TASK_STATE_FAILED, f"align_{kind}_off", device=device.name)
    await session.deed("aligned", device=device.name)
    await session.task(task, tech.TASK_STATE_DONE, "aligned", device=device.name)


async def _page(session: TechnicianSession) -> str:
    """One sheet, from the feeder where there is one; why it did not come out, empty when it did."""
    await _spend_page(session)
    state = await page_printed(session.kiosk.document_printer, session.kiosk.paper_feeder)
    return "" if state is JobState.COMPLETED else state.value


async def page_printed(printer: Device[DocumentPrinter], feeder: Device[PaperFeeder] | None) -> JobState:
    """Print the test page; raises DriverError."""

    def alone(port: DocumentPrinter) -> JobState:
        deadline = Deadline.after(PAGE_S)
        return port.wait(port.print(a4_test_page(), JOB, deadline), deadline, lambda job: None).state

    if feeder is None:
        return await printer.call(alone, PAGE_S)
    loop = asyncio.get_running_loop()

    def through(path: PaperFeeder) -> JobState:
        # The feeder's thread waits: nobody else moves a sheet while the printer's thread does.
        def both(port: DocumentPrinter) -> JobState:
            return print_through(port, path, a4_test_page(), JOB, Deadline.after(PAGE_S)).state

        return asyncio.run_coroutine_threadsafe(printer.call(both, PAGE_S), loop).result()

    return await feeder.call(through, PAGE_S + TURN_S)


async def _card(device: Device[CardPrinter]) -> str:
    """The calibration card, on the test blank that was put in by hand; to the exit. Raises DriverError."""
    front, back = await asyncio.to_thread(calibration_sides().printable)

    def work(port: CardPrinter) -> None:
        _card_printed(port, front, back)

    await device.call(work, CARD_S)
    return ""


def _card_printed(port: CardPrinter, front: CardSide, back: CardSide) -> None:
    deadline = Deadline.after(CARD_S)
    able = port.capabilities()
    if not able.feeds_on_print:
        port.feed_by_hand(Place.INSIDE, deadline.sooner(MOVE_S))
    port.wait(port.print(front, back if able.duplex else None, deadline), deadline)
    if able.holds_after_print:
        port.move(Place.EXIT, deadline.sooner(MOVE_S))


async def _spend_page(session: TechnicianSession) -> None:
    """A test page uses up a sheet of the books, where there are books of paper."""
    if await session.kiosk.stock_keeper.books(Item.PAPER_A4):
        handled = [Handling(StockEvent.SPOIL_LOOSE, Item.PAPER_A4, "", 1)]
        await session.kiosk.ledger.record_stock(handled, (session.holder.staff,), JOB)
