"""A technician's tasks, each from the menu to the menu, as a person at the machine does them."""

from __future__ import annotations

from collections.abc import Callable

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from simulator.demo.tour.visit import Visit

SECOND = ("service_supervisor", "314159")
FULL_S = 300.0
WORK_S = 200.0


async def menu(person: Visit) -> None:
    """Back where tasks are chosen."""
    await person.sees("technician_menu")


async def quick_test(person: Visit) -> None:
    """Run it, look at what it found."""
    await person.picks("task:self_test_quick")
    running = tech.CHECK_OUTCOME_RUNNING
    async with person.roll.passing("self_test"):
        await person.sees("self_test", where=lambda view: any(one.outcome == running for one in view.self_test.checks))
        await person.sees("self_test_result")
    await person.looks("self_test_result")
    await person.touches("done")
    await menu(person)


async def load_paper(person: Visit) -> None:
    """Twenty sheets, agreed to by a second person."""
    await person.picks("task:load_paper")
    await person.sees("load_stock")
    await person.touches("digit:2", "digit:0")
    await person.looks("load_paper")
    await person.touches("enter")
    await _agreed(person, "load_paper")


async def load_blanks(person: Visit) -> None:
    """A batch of blanks: counted before, loaded, counted after."""
    await person.picks("task:load_blanks")
    asked = await person.sees("load_stock")
    there = asked.load_stock.remaining
    await person.looks("load_blanks_before")
    await person.types(str(there))
    loaded = await person.sees("load_stock", where=_counting(tech.LOAD_STOCK_COUNT_LOADED))
    assert loaded.load_stock.wants_batch
    await person.touches("digit:1", "digit:0", "batch", *(f"digit:{digit}" for digit in "20261101"))
    await person.looks("load_blanks")
    await person.simulator.act("card_printer", "load_blanks")
    await person.touches("enter")
    await person.sees("load_stock", where=_counting(tech.LOAD_STOCK_COUNT_AFTER))
    await person.types(str(there + 10))
    await _agreed(person, "load_blanks")


async def _agreed(person: Visit, name: str) -> None:
    card, pin = SECOND
    step = tech.LOAD_STOCK_STEP_CONFIRM
    await person.sees("load_stock", where=lambda view: view.load_stock.step == step)
    await person.looks(f"{name}_confirm")
    await person.touches("confirm")
    await person.sees("technician_pin", where=lambda view: view.technician_pin.waiting_for_card)
    await person.looks("second_card")
    await person.simulator.act("card_reader", "put_service", holder=card)
    await person.sees("technician_pin", where=lambda view: not view.technician_pin.waiting_for_card)
    await person.looks("second_pin")
    await person.types(pin)
    step = tech.LOAD_STOCK_STEP_RECORDED
    await person.sees("load_stock", where=lambda view: view.load_stock.step == step)
    await person.takes_card()
    await person.looks(f"{name}_recorded")
    await person.touches("done")
    await menu(person)


def _counting(what: tech.LoadStockCount.ValueType) -> Callable[[pb.View], bool]:
    return lambda view: bool(view.load_stock.counting == what)


async def load_roll(person: Visit) -> None:
    """A new receipt roll."""
    await person.picks("task:load_receipt_paper")
    await person.sees("task")
    await person.looks("load_roll")
    await person.simulator.act("receipt_printer", "load_paper")
    await person.touches("confirm")
    await person.sees("task", where=_task(tech.TASK_STATE_DONE))
    await person.looks("load_roll_done")
    await person.touches("done")
    await menu(person)


async def clear_jam(person: Visit) -> None:
    """A sheet stuck in the printer, pulled out while its sensor is looked at."""
    await person.simulator.fault("document_printer", "jam")
    await person.picks("task:clear_jam")
    await person.sees("pick")
    await person.looks("pick_jammed")
    await person.picks("pick:document_printer")
    await person.sees("clear_jam", where=lambda view: not view.clear_jam.clear)
    await person.looks("clear_jam")
    await person.simulator.act("document_printer", "clear_jam")
    await person.sees("clear_jam", where=lambda view: view.clear_jam.clear)
    await person.looks("clear_jam_clear")
    await person.touches("done")
    await menu(person)


async def clear_feeder(person: Visit) -> None:
    """The sheet whose outcome is not known lies in the feeder, which draws it into its bin."""
    await person.picks("task:clear_jam")
    await person.sees("pick")
    await person.picks("pick:paper_feeder")
    await person.sees("clear_jam", where=lambda view: not view.clear_jam.clear)
    await person.looks("clear_feeder")
    await person.touches("retry")
    await person.sees("clear_jam", where=lambda view: view.clear_jam.clear)
    await person.looks("clear_feeder_clear")
    await person.simulator.act("paper_feeder", "empty_bin")
    await person.touches("done")
    await menu(person)


async def settle(person: Visit) -> None:
    """What became of the print whose answer was lost: it lay inside, and was destroyed."""
    await person.picks("task:settle")
    await person.sees("settle")
    await person.looks("settle")
    await person.touches("note:found_inside")
    await person.sees("settle", where=lambda view: view.settle.step == tech.SETTLE_STEP_CONFIRM)
    await person.looks("settle_confirm")
    await person.touches("confirm")
    await person.sees("settle", where=lambda view: view.settle.step == tech.SETTLE_STEP_RECORDED)
    await person.looks("settle_recorded")
    await person.touches("done")
    await menu(person)


async def align(person: Visit) -> None:
    """A test page through the feeder, measured."""
    await person.picks("task:align")
    await person.sees("pick")
    await person.looks("pick_to_align")
    await person.picks("pick:document_printer")
    await person.sees("task")
    await person.looks("align")
    await person.touches("confirm")
    await person.sees("task", where=_task(tech.TASK_STATE_WORKING))
    await person.looks("align_working")
    await person.sees("task", where=_task(tech.TASK_STATE_JUDGE), within_s=WORK_S)
    await person.simulator.act("paper_feeder", "take")
    await person.looks("align_measure")
    await person.touches("confirm")
    await person.sees("task", where=_task(tech.TASK_STATE_DONE))
    await person.looks("align_done")
    await person.touches("done")
    await menu(person)


async def clean(person: Visit) -> None:
    """The lens, by hand; then the card printer, by its own cycle."""
    for device in ("camera", "card_printer"):
        await person.picks("task:clean")
        await person.sees("pick")
        await person.picks(f"pick:{device}")
        await person.sees("task")
        await person.looks(f"clean_{device}")
        await person.touches("confirm")
        await person.sees("task", where=_task(tech.TASK_STATE_DONE), within_s=WORK_S)
        await person.looks(f"clean_{device}_done")
        await person.touches("done")
        await menu(person)


async def replace_device(person: Visit) -> None:
    """The card printer's serial number is looked at and accepted."""
    await person.picks("task:replace_device")
    await person.sees("pick")
    await person.looks("pick_to_replace")
    await person.picks("pick:card_printer")
    await person.sees("task")
    await person.looks("replace_device")
    await person.touches("confirm")
    await person.sees("task", where=_task(tech.TASK_STATE_DONE))
    await person.looks("replace_device_done")
    await person.touches("done")
    await menu(person)


async def touch_test(person: Visit) -> None:
    """A finger over the whole screen."""
    await person.picks("task:touch_test")
    await _touched_all(person, await person.sees("touch_test"))
    await person.sees("task")
    await person.looks("touch_test_done")
    await person.touches("done")
    await menu(person)


async def _touched_all(person: Visit, view: pb.View) -> None:
    columns, rows = view.touch_test.columns, view.touch_test.rows
    wide, high = person.demo.size.width_px / columns, person.demo.size.height_px / rows
    places = [(round((x + 0.5) * wide), round((y + 0.5) * high)) for y in range(rows) for x in range(columns)]
    half = len(places) // 2
    await person.swipes(places[:half])
    await person.looks("touch_test")
    await person.swipes(places[half:])


async def display_test(person: Visit) -> None:
    """Seven patterns, all fine."""
    await person.picks("task:display_test")
    await person.sees("display_test")
    await person.looks("display_test")
    await _display_seen(person)
    await person.sees("task")
    await person.looks("display_test_done")
    await person.touches("done")
    await menu(person)


async def _display_seen(person: Visit) -> None:
    await person.touches("show")
    middle = (person.demo.size.width_px // 2, person.demo.size.height_px // 2)
    while "confirm" not in person.hand.drawn().targets:
        await person.swipes([middle])
    await person.touches("confirm")


async def full_test(person: Visit) -> None:
    """Everything the machine asks for is done; then its verdict."""
    await person.picks("task:self_test_full")
    asked = await _asked(person, pb.View())
    while asked.WhichOneof("screen") != "self_test_result":
        await _answered(person, asked)
        asked = await _asked(person, asked)
    await person.looks("self_test_full_result")
    await person.takes_card()
    await person.touches("done")
    await menu(person)


async def _asked(person: Visit, answered: pb.View) -> pb.View:
    """The next question, or the verdict; a question stays until it is answered, and is shown anew meanwhile."""
    before = answered.WhichOneof("screen"), answered.self_test.step

    def new(view: pb.View) -> bool:
        screen, step = view.WhichOneof("screen"), view.self_test.step
        return (screen != "self_test" or step != tech.OPERATOR_STEP_UNSPECIFIED) and (screen, step) != before

    return await person.sees("self_test", "touch_test", "display_test", "self_test_result", within_s=FULL_S, where=new)


async def _answered(person: Visit, view: pb.View) -> None:
    screen, step = view.WhichOneof("screen"), view.self_test.step
    if screen == "touch_test":
        await _touched_all(person, view)
    elif screen == "display_test":
        await _display_seen(person)
    elif step != tech.OPERATOR_STEP_WATCH_PREVIEW:
        await person.looks(tech.OperatorStep.Name(step).removeprefix("OPERATOR_").lower())
        await _done_by_hand(person, step)


async def _done_by_hand(person: Visit, step: tech.OperatorStep.ValueType) -> None:
    # The test card has been read long before anything else is asked for.
    await person.takes_card()
    match step:
        case tech.OPERATOR_STEP_PLACE_CARD:
            await person.simulator.act("card_reader", "put", resident="karto")
        case tech.OPERATOR_STEP_SHOW_RECEIPT:
            await person.simulator.act("camera", "show_receipt")
        case tech.OPERATOR_STEP_SHOW_PAGE:
            await person.simulator.act("camera", "show_page")
        case tech.OPERATOR_STEP_PLACE_ENCODED_CARD:
            await person.simulator.act("card_printer", "take_card")
            await person.simulator.act("card_reader", "put_test_card")
        case tech.OPERATOR_STEP_LOAD_TEST_BLANK | tech.OPERATOR_STEP_LOAD_KIA_TEST_BLANK:
            kia = step == tech.OPERATOR_STEP_LOAD_KIA_TEST_BLANK
            await person.simulator.act("kia_printer" if kia else "card_printer", "put_test_blank")
            await person.touches("confirm")
        case tech.OPERATOR_STEP_HEAR_SOUND:
            await person.touches("confirm")


async def reports(person: Visit) -> None:
    """The list of former tests, and one of them."""
    await person.picks("task:reports")
    listed = await person.sees("pick")
    await person.looks("reports")
    await person.picks(f"pick:{listed.pick.lines[0].id}")
    await person.sees("self_test_result")
    await person.looks("report")
    await person.touches("done")
    await person.sees("pick")
    await person.touches("done")
    await menu(person)


async def export_logs(person: Visit) -> None:
    """First without a stick, then with one."""
    await person.picks("task:export_logs")
    await person.sees("task")
    await person.looks("export_logs")
    await person.touches("confirm")
    await person.sees("task", where=_task(tech.TASK_STATE_FAILED))
    await person.looks("export_logs_no_stick")
    await person.simulator.act("cabinet", "plug")
    await person.touches("retry")
    await person.sees("task", where=_task(tech.TASK_STATE_ASK))
    await person.touches("confirm")
    await person.sees("task", where=_task(tech.TASK_STATE_DONE))
    await person.looks("export_logs_done")
    await person.simulator.act("cabinet", "pull")
    await person.touches("done")
    await menu(person)


def _task(state: tech.TaskState.ValueType) -> Callable[[pb.View], bool]:
    return lambda view: bool(view.task.state == state)
