"""A technician at the whole machine: real touches on the real screens, before the real daemon."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.issuance import stock
from kiosk.issuance.chain import read
from simulator.demo.demo import Demo, Options
from simulator.demo.tour.technician import visit

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("journey_technician_screens")]


async def test_a_technician_tests_loads_and_clears_by_touching_the_screens(tmp_path: Path) -> None:
    options = Options(tmp_path, headless=True, share=False, page_port=0, central_port=0, feeder=True, cards=False)
    async with Demo(options) as demo:
        await visit(demo, short=True)
        deeds = [entry.detail or {} for entry in read(demo.journal) if entry.key == stock.TECHNICIAN]
        acts = ("pin_wrong", "enter", "self_test", "load", "clear_jam", "jam_cleared", "leave")
        assert [(deed["who"], deed["act"]) for deed in deeds] == [("T-0017", act) for act in acts]
        assert deeds[3]["second"] == "T-0021"
