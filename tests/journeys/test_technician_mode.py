"""Somebody with a service card: comes in, sees the role's menu, tests the machine, leaves; not during a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk.issuance import stock
from kiosk.issuance.chain import read
from kiosk.technician.sealing import private_key, unseal
from simulator.demo.demo import ROOT
from simulator.demo.technician import settings
from tests.journeys.conftest import Visitor, machine
from tests.unit.technician.staff import PINS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_technician_mode")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    """A machine that soon forgets whoever does not touch it."""
    directory = tmp_path_factory.mktemp("m")
    patience = {**settings(directory, ROOT / "samples")["technician"], "idle_s": 12}
    async with machine(directory, kiosk={"technician": patience}) as visitor:
        yield visitor


async def comes_in(visitor: Visitor, card: str = "service_technician") -> pb.View:
    """Put a service card, type its PIN, see the menu."""
    await visitor.simulator.act("card_reader", "put_service", holder=card)
    await visitor.sees("technician_pin")
    await visitor.touches(enter_service_pin=tech.EnterServicePinAct(pin=PINS[card]))
    view = await visitor.sees("technician_menu")
    await visitor.takes_card()
    return view


async def chooses(visitor: Visitor, task: tech.TechnicianTask.ValueType) -> None:
    await visitor.touches(choose_task=tech.ChooseTaskAct(task=task))


async def goes(visitor: Visitor) -> None:
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("attract")


def deeds(visitor: Visitor) -> list[dict[str, Any]]:
    """What the journal says that technicians did."""
    return [dict(entry.detail or {}) for entry in read(visitor.demo.journal) if entry.key == stock.TECHNICIAN]


async def test_a_technician_tests_the_machine_and_every_deed_is_journaled(visitor: Visitor) -> None:
    await visitor.simulator.act("card_reader", "put_service", holder="service_technician")
    view = await visitor.sees("technician_pin")
    assert view.technician_pin.holder == "Sari Wulandari"
    await visitor.touches(enter_service_pin=tech.EnterServicePinAct(pin="000000"))
    view = await visitor.sees("technician_pin", where=lambda view: view.technician_pin.wrong)
    assert view.technician_pin.attempts_left == 4
    await visitor.touches(enter_service_pin=tech.EnterServicePinAct(pin=PINS["service_technician"]))
    menu = (await visitor.sees("technician_menu")).technician_menu
    assert menu.role == tech.TECHNICIAN_ROLE_TECHNICIAN
    assert len(menu.tasks) == 19
    await visitor.takes_card()
    await chooses(visitor, tech.TECHNICIAN_TASK_SELF_TEST_QUICK)
    view = await visitor.sees(
        "self_test", where=lambda view: any(c.outcome == tech.CHECK_OUTCOME_RUNNING for c in view.self_test.checks)
    )
    assert view.self_test.level == tech.TECHNICIAN_TASK_SELF_TEST_QUICK
    result = (await visitor.sees("self_test_result")).self_test_result
    assert result.passed, [(todo.device, todo.reason) for todo in result.to_do]
    assert result.kept
    await visitor.touches(set_language=pb.SetLanguageAct(language=pb.LANGUAGE_EN))
    english = await visitor.sees("self_test_result", where=lambda view: view.language == pb.LANGUAGE_EN)
    assert any(check.title == "Card reader ready" for check in english.self_test_result.checks)
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("technician_menu")
    await chooses(visitor, tech.TECHNICIAN_TASK_REPORTS)
    reports = (await visitor.sees("pick")).pick
    assert reports.lines[0].id == result.report_number
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("technician_menu")
    await goes(visitor)
    acts = [(deed["who"], deed["act"]) for deed in deeds(visitor)]
    assert acts == [("T-0017", act) for act in ("pin_wrong", "enter", "self_test", "reports", "leave")]


async def test_logs_go_onto_a_stick_and_only_the_dinas_opens_them(visitor: Visitor) -> None:
    await visitor.simulator.act("cabinet", "turn_key")
    menu = (await visitor.sees("technician_menu")).technician_menu
    assert menu.role == tech.TECHNICIAN_ROLE_ATTENDANT
    assert tech.TECHNICIAN_TASK_EXPORT_LOGS not in {choice.task for choice in menu.tasks}
    await visitor.simulator.act("cabinet", "key_back")
    await goes(visitor)
    await comes_in(visitor)
    await chooses(visitor, tech.TECHNICIAN_TASK_EXPORT_LOGS)
    await visitor.sees("task", where=lambda view: view.task.state == tech.TASK_STATE_ASK)
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("task", where=lambda view: view.task.state == tech.TASK_STATE_FAILED)
    await visitor.simulator.act("cabinet", "plug")
    await visitor.touches(retry=pb.RetryAct())
    await visitor.sees("task", where=lambda view: view.task.state == tech.TASK_STATE_ASK)
    await visitor.touches(confirm=pb.ConfirmAct())
    done = await visitor.sees("task", where=lambda view: view.task.state == tech.TASK_STATE_DONE)
    sealed = visitor.demo.directory / "simulator" / "cabinet" / "usb" / "stick" / done.task.facts[0].value
    plain = unseal(sealed.read_bytes(), private_key(visitor.demo.directory / "dinas" / "export-private.pem"))
    assert plain.startswith(b"\x1f\x8b")
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("technician_menu")
    await goes(visitor)


async def test_a_service_card_is_no_way_in_while_somebody_is_served(visitor: Visitor) -> None:
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    await visitor.simulator.act("cabinet", "turn_key")
    await visitor.simulator.act("card_reader", "put_service", holder="service_technician")
    await visitor.sees("place_card", where=lambda view: view.place_card.hint == pb.CARD_HINT_NOT_EKTP)
    await visitor.takes_card()
    await visitor.touches(cancel=pb.CancelAct())
    # The key was turned meanwhile: whoever turned it comes in now.
    await visitor.sees("technician_menu")
    await visitor.simulator.act("cabinet", "key_back")
    await goes(visitor)


async def test_somebody_who_is_forgotten_is_gone(visitor: Visitor) -> None:
    await comes_in(visitor, "service_auditor")
    await visitor.sees("still_there", within_s=60)
    await visitor.sees("attract", within_s=60)
    assert deeds(visitor)[-1]["act"] == "leave"


async def test_two_people_load_blanks(visitor: Visitor) -> None:
    await comes_in(visitor)
    await chooses(visitor, tech.TECHNICIAN_TASK_LOAD_PAPER)
    view = await visitor.sees("load_stock")
    before = view.load_stock.remaining
    await visitor.touches(enter_count=tech.EnterCountAct(count=20))
    await visitor.sees("load_stock", where=lambda view: view.load_stock.step == tech.LOAD_STOCK_STEP_CONFIRM)
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("technician_pin", where=lambda view: view.technician_pin.waiting_for_card)
    # Oneself is no second person.
    await visitor.simulator.act("card_reader", "put_service", holder="service_technician")
    await visitor.takes_card()
    await visitor.simulator.act("card_reader", "put_service", holder="service_supervisor")
    view = await visitor.sees("technician_pin", where=lambda view: not view.technician_pin.waiting_for_card)
    assert view.technician_pin.holder == "Joko Prasetyo"
    await visitor.touches(enter_service_pin=tech.EnterServicePinAct(pin=PINS["service_supervisor"]))
    view = await visitor.sees("load_stock", where=lambda view: view.load_stock.step == tech.LOAD_STOCK_STEP_RECORDED)
    assert view.load_stock.after == before + 20
    await visitor.takes_card()
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("technician_menu")
    await goes(visitor)
    (deed,) = [deed for deed in deeds(visitor) if deed["act"] == "load"]
    assert (deed["who"], deed["second"], deed["count"]) == ("T-0017", "T-0021", 20)


async def test_a_full_test_reads_back_what_it_prints_and_writes_down_what_it_uses(visitor: Visitor) -> None:
    """Every step of the operator is answered as a person at the machine would."""
    await comes_in(visitor)
    await chooses(visitor, tech.TECHNICIAN_TASK_SELF_TEST_FULL)
    screens = asyncio.create_task(_screens(visitor))
    try:
        while (view := await _asked(visitor)).WhichOneof("screen") != "self_test_result":
            await _answer(visitor, view)
    finally:
        screens.cancel()
        await asyncio.gather(screens, return_exceptions=True)
    result = view.self_test_result
    assert result.passed, [(todo.device, todo.reason) for todo in result.to_do]
    outcomes = {check.id: check.outcome for check in result.checks}
    proven = (
        "card_reader.read",
        "receipt_printer.loopback",
        "document_printer.loopback",
        "camera.latency",
        "touch.map",
    )
    assert {outcomes[check] for check in proven} == {tech.CHECK_OUTCOME_PASS}
    await visitor.takes_card()
    await visitor.simulator.act("camera", "put_down")
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("technician_menu")
    await goes(visitor)
    assert [deed["what"] for deed in deeds(visitor) if deed["act"] == "self_test_uses"] == ["paper"] * 2


async def _asked(visitor: Visitor) -> pb.View:
    """The next View that asks something, or the last one."""
    seen = await visitor.views.wait(
        *("self_test", "touch_test", "display_test", "self_test_result"),
        within_s=90,
        where=lambda view: (
            view.WhichOneof("screen") != "self_test"
            or view.self_test.step not in (tech.OPERATOR_STEP_UNSPECIFIED, tech.OPERATOR_STEP_WATCH_PREVIEW)
        ),
    )
    return seen.view


async def _answer(visitor: Visitor, view: pb.View) -> None:
    acts = {
        tech.OPERATOR_STEP_SHOW_RECEIPT: ("camera", "show_receipt"),
        tech.OPERATOR_STEP_SHOW_PAGE: ("camera", "show_page"),
    }
    answers: dict[str, dict[str, Any]] = {
        "touch_test": {"touch_map": tech.TouchMapAct(dead=[])},
        "display_test": {"confirm": pb.ConfirmAct()},
    }
    screen, step = view.WhichOneof("screen") or "", view.self_test.step
    if step in acts:
        await visitor.simulator.act(*acts[step])
    elif step == tech.OPERATOR_STEP_PLACE_CARD:
        # The same step is shown again with every progress: the card is placed once.
        if (await visitor.simulator.state("card_reader"))["card"] is None:
            await visitor.puts_card("karto")
    else:
        answer = answers.get(screen, {"confirm": pb.ConfirmAct()})
        await visitor.demo.panel.stub.Act(pb.ActRequest(revision=view.revision, **answer))


async def _screens(visitor: Visitor) -> None:
    """Says of each timed frame that it was drawn, as the screens do."""
    stub = visitor.demo.panel.stub
    async for answer in stub.Watch(pb.WatchRequest()):
        if answer.view.self_test.step != tech.OPERATOR_STEP_WATCH_PREVIEW:
            continue
        async for frame in stub.Preview(pb.PreviewRequest(max_fps=30)):
            shown = tech.FrameShownAct(number=frame.number)
            await stub.Act(pb.ActRequest(revision=answer.view.revision, frame_shown=shown))
