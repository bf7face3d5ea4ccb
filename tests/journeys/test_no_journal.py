"""A machine whose journal is damaged stays closed, and up: a technician gets in to look, and every deed is noted."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path

import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk.issuance import stock
from kiosk.issuance.chain import read, verify
from kiosk.technician import notebook
from kiosk.technician.menu import READ_ONLY
from simulator.demo.waiting import NotInTime
from tests.journeys.conftest import Visitor, looking_again, machine
from tests.unit.technician.staff import PINS

pytestmark = [pytest.mark.xdist_group("journey_start")]
CARD = "service_technician"


async def comes_in(visitor: Visitor) -> tech.TechnicianMenuScreen:
    """Card and PIN."""
    await visitor.simulator.act("card_reader", "put_service", holder=CARD)
    await visitor.sees("technician_pin")
    await visitor.touches(enter_service_pin=tech.EnterServicePinAct(pin=PINS[CARD]))
    menu = (await visitor.sees("technician_menu")).technician_menu
    await visitor.takes_card()
    return menu


async def test_a_technician_gets_in_when_the_journal_is_damaged_and_only_looks(tmp_path: Path) -> None:
    async with machine(tmp_path) as visitor:
        await visitor.sees("attract")
        journal, state_dir = visitor.demo.journal, visitor.demo.journal.parent
        await visitor.demo.children.end("kiosk", signal.SIGTERM)
        whole = shutil.copy(journal, tmp_path / "whole.db")
        journal.write_bytes(b"\x00" * 100 + journal.read_bytes()[100:])
        with pytest.raises(NotInTime, match="books"):
            await visitor.demo.start_kiosk()
        async with looking_again(visitor) as again:
            await again.sees("out_of_service", where=_of_journal)
            menu = await comes_in(again)
            assert {choice.task for choice in menu.tasks} == READ_ONLY
            await again.touches(choose_task=tech.ChooseTaskAct(task=tech.TECHNICIAN_TASK_SELF_TEST_QUICK))
            result = (await again.sees("self_test_result")).self_test_result
            assert "journal" in {todo.device for todo in result.to_do}
            await again.touches(done=pb.DoneAct())
            await again.sees("technician_menu")
            await again.touches(done=pb.DoneAct())
            await again.sees("out_of_service", where=_of_journal)
        noted = notebook.read(state_dir)
        deeds = [json.loads(line) for line in noted.splitlines()]
        assert [(deed["who"], deed["act"]) for deed in deeds] == [
            ("T-0017", act) for act in ("enter", "self_test", "leave")
        ]
        await visitor.demo.children.end("kiosk", signal.SIGTERM)
        shutil.copy(whole, journal)
        await visitor.demo.start_kiosk()
        async with looking_again(visitor) as again:
            # Sound again, and closed until a self-test says so too.
            await again.sees("out_of_service", where=lambda view: "journal.verify" in view.out_of_service.detail)
            assert len((await comes_in(again)).tasks) > len(READ_ONLY)
            await again.touches(done=pb.DoneAct())
            await again.sees("out_of_service")
        entries = [entry.detail or {} for entry in read(journal) if entry.key == stock.TECHNICIAN]
        assert [entry["act"] for entry in entries] == ["enter", "noted_without_journal", "leave"]
        assert entries[1]["lines"] == 3
        assert notebook.read(state_dir) == ""
        assert verify(read(journal)) == []


def _of_journal(view: pb.View) -> bool:
    return bool(view.out_of_service.reason == pb.OUT_OF_SERVICE_REASON_JOURNAL)
