"""Documents over the paper feeder: seen when they are taken, drawn back in when they are not, kept in when they jam."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.journal import read, verify
from simulator.demo.views import Views
from simulator.demo.waiting import until
from tests.journeys.conftest import PRINT_S, QUICK, TROUBLE, Visitor, adm, machine

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_feeder")]

PRESENTED = ["asked", "granted", "feeding", "printing", "accepted", "printed", "presented"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    """One machine with a feeder."""
    waits = QUICK["session"] | {"take_paper_s": 10, "still_there_s": 5}
    async with machine(tmp_path_factory.mktemp("f"), feeder=True, kiosk={"session": waits}) as visitor:
        yield visitor


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared: Visitor) -> AsyncIterator[Visitor]:
    async with Views(shared.demo.panel, TROUBLE) as views:
        mine = Visitor(shared.demo, views, shared.simulator)
        await mine.sees("attract")
        views._next = 0
        yield mine
        assert verify(read(shared.demo.journal)) == []


async def _prints(visitor: Visitor, resident: str, kind: registry.DocumentKind.ValueType) -> None:
    await visitor.comes(resident)
    await visitor.chooses(kind)
    await visitor.sees("proofread")
    await visitor.touches(confirm=pb.ConfirmAct())


async def _feeder(visitor: Visitor) -> dict[str, object]:
    return await visitor.simulator.state("paper_feeder")


async def test_a_sheet_taken_from_the_gate_is_noticed_without_a_touch(visitor: Visitor) -> None:
    await _prints(visitor, "hamid", registry.DOCUMENT_KIND_KK)
    await visitor.sees("printing", where=lambda view: view.printing.step == pb.PRINTING_STEP_FEEDING)
    taking = (await visitor.sees("take_paper", within_s=PRINT_S)).take_paper
    assert taking.noticed
    assert visitor.last_states() == PRESENTED
    assert (await _feeder(visitor))["position"] == "presented"
    refused = await visitor.demo.panel.stub.Act(
        pb.ActRequest(revision=visitor.views.newest.view.revision, done=pb.DoneAct())  # type: ignore[union-attr]
    )
    assert not refused.accepted, "a touch proves nothing where a sensor looks"

    await visitor.simulator.act("paper_feeder", "take")
    ready = pb.RECEIPT_STATE_READY
    number = (await visitor.sees("receipt", where=lambda view: view.receipt.state == ready)).receipt.receipt_number
    assert visitor.last_states() == [*PRESENTED, "taken"]
    assert (visitor.journal()[-1].detail or {})["by"] == "sensor"
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()
    await until(lambda: (number, "taken") in visitor.at_registry(), "taken at the registry", 40)
    feeder = await _feeder(visitor)
    assert feeder["counters"] == {"fed": 1, "presented": 1, "taken": 1, "retracted": 0, "in_bin": 0}


async def test_a_sheet_nobody_takes_is_drawn_back_in_and_can_be_printed_again(visitor: Visitor) -> None:
    slips = len((await visitor.simulator.state("receipt_printer"))["waiting"])
    await _prints(visitor, "karto", registry.DOCUMENT_KIND_AKTA_KEMATIAN)
    await visitor.sees("take_paper", within_s=PRINT_S)
    await visitor.takes_card()
    await visitor.sees("still_there", within_s=60)
    trouble = (await visitor.sees("trouble", within_s=60)).trouble
    assert (trouble.kind, bool(trouble.reference)) == (pb.TROUBLE_KIND_PAPER_RETRACTED, True)
    assert trouble.slip
    await _slips(visitor, slips + 1)
    assert visitor.last_states() == [*PRESENTED, "retracted"]
    feeder = await _feeder(visitor)
    assert (feeder["position"], feeder["counters"]["in_bin"]) == ("none", 1)  # type: ignore[index]
    await visitor.touches(done=pb.DoneAct())
    # Nothing lies where somebody else could take it: the machine goes on serving.
    await visitor.sees("attract")
    await until(lambda: (trouble.reference, "void") in visitor.at_registry(), "the void at the registry", 40)

    await _prints(visitor, "karto", registry.DOCUMENT_KIND_AKTA_KEMATIAN)
    await visitor.sees("take_paper", within_s=PRINT_S)
    await visitor.simulator.act("paper_feeder", "take")
    await visitor.sees("receipt", where=lambda view: view.receipt.state == pb.RECEIPT_STATE_READY)
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()


async def test_a_jam_on_the_way_to_the_printer_prints_nothing_and_gives_a_slip(visitor: Visitor) -> None:
    before = await visitor.printed(), len((await visitor.simulator.state("receipt_printer"))["waiting"])
    await visitor.comes("yosef")
    await visitor.chooses(registry.DOCUMENT_KIND_KK)
    await visitor.sees("proofread")
    await visitor.simulator.fault("paper_feeder", "jam_s4")
    await visitor.touches(confirm=pb.ConfirmAct())
    trouble = (await visitor.sees("trouble", within_s=PRINT_S)).trouble
    assert (trouble.kind, trouble.slip) == (pb.TROUBLE_KIND_NOT_PRINTED, True)
    assert visitor.last_states() == ["asked", "granted", "feeding", "spoiled"]
    assert visitor.journal()[-1].detail["where"] == "bin"  # type: ignore[index]
    assert await visitor.printed() == before[0]
    await _slips(visitor, before[1] + 1)
    await visitor.leaves()
    await until(lambda: (trouble.reference, "void") in visitor.at_registry(), "the void at the registry", 40)


async def test_a_technicians_test_page_goes_through_the_feeder_and_is_no_document(visitor: Visitor) -> None:
    before = len(visitor.journal())
    code, text = await adm(visitor, "printer", "test-page", "--by", "1234")
    assert (code, "completed" in text, "1 sheet(s) booked as spoiled by 1234" in text) == (0, True, True)
    assert (await _feeder(visitor))["position"] == "presented"
    await visitor.simulator.act("paper_feeder", "take")
    code, text = await adm(visitor, "printer", "counters", "--json")
    assert (code, json.loads(text)["toner_percent"]) == (0, 80)
    assert len(visitor.journal()) == before
    await visitor.sees("attract")


async def _slips(visitor: Visitor, count: int) -> None:
    """Wait for slips at the receipt printer, which tells nobody when one is out."""
    for _ in range(400):
        if len((await visitor.simulator.state("receipt_printer"))["waiting"]) == count:
            return
        await visitor.demo.panel.status()
    raise AssertionError("no slip came out")
