"""A few faults and deaths at a few steps of a whole machine; `./adm prove faults` and `kill-processes` try them all.

Each row is judged by `Case`: journal, registry, books and devices tell one story, and the machine invites again.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.crash import faults, processes
from tests.crash.faults import Cell
from tests.crash.processes import Death
from tests.crash.whole import JOURNEYS, whole_machine
from tests.journeys.conftest import Visitor

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("crash_faults"),
    pytest.mark.timeout(400),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def visitor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    async with whole_machine(tmp_path_factory.mktemp("w")) as machine:
        yield machine


async def test_the_matrix_has_every_fault_of_every_device_that_the_simulator_knows(visitor: Visitor) -> None:
    cells = faults.cells(visitor.demo.page)
    devices = {"card_reader", "camera", "document_printer", "receipt_printer", "paper_feeder", "card_printer"}
    assert devices <= {cell.device for cell in cells}
    for cell in cells:
        assert cell.state in JOURNEYS[cell.journey].states
    assert Cell("ktp", "card_printer", "mute", "printing") in cells
    assert len(set(cells)) == len(cells) > 500
    alike = [cell for cell in cells if cell.alike]
    assert {cell.device for cell in alike} == faults.BESIDE
    assert {replace(cell, state=faults.FOR_ALL) for cell in alike} <= set(cells)


async def test_a_card_that_sticks_in_the_print_is_spoiled_and_accounted_for(visitor: Visitor) -> None:
    ended = await faults.one(visitor, Cell("ktp", "card_printer", "mechanical", "feeding"))
    assert (ended.wrong, ended.after, ended.held) == ([], "spoiled", 0)


async def test_a_sheet_that_jams_is_spoiled_and_accounted_for(visitor: Visitor) -> None:
    ended = await faults.one(visitor, Cell("kk", "document_printer", "jam", "granted"))
    assert (ended.wrong, ended.after) == ([], "spoiled")


async def test_a_card_service_that_dies_while_a_chip_is_written_costs_a_blank_and_no_more(visitor: Visitor) -> None:
    ended = await processes.one(visitor, Death("ktp", ("pcscd",), "feeding"))
    assert ended.wrong == []
    assert ended.printed <= 1


async def test_daemon_and_registry_dead_at_once_tell_one_story_afterwards(visitor: Visitor) -> None:
    ended = await processes.one(visitor, Death("kk", ("kiosk", "central"), "printing"))
    assert ended.wrong == []
    assert ended.after in ("taken", "unknown", "spoiled", "retracted", "retained", "cancelled")
