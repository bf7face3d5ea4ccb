"""Aligning: the test page goes through the feeder where there is one, a card is printed on the test blank."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from drivers.document_printer.port import JobState, PrintJob
from kiosk.devices import Device
from kiosk.technician import aligning
from kiosk.technician.session import Back
from simulator.card_printer.card import Spot
from simulator.card_printer.mechanism import HOPPER_CARDS
from simulator.paper_feeder.path import Sensor
from tests.support.card_printer_bench import CardPrinterBench
from tests.support.paper_issue import PaperBench

TASK = tech.TECHNICIAN_TASK_ALIGN


class Session:
    """A technician who says yes to everything, and does by hand what is asked for.

    Attributes:
        happened: Deeds and screens in order.
    """

    def __init__(self, *devices: Device[Any], document_printer: Any = None, paper_feeder: Any = None) -> None:
        self.happened: list[str] = []
        self.by_hand: dict[str, Any] = {}
        self.kiosk = SimpleNamespace(
            devices=devices,
            document_printer=document_printer,
            paper_feeder=paper_feeder,
            stock_keeper=SimpleNamespace(books=self._books),
        )
        self.picks = ""

    async def _books(self, item: Any) -> list[Any]:
        return []

    async def deed(self, act: str, **detail: str | int) -> None:
        self.happened.append(f"{act} {detail['device']}")

    async def ask(self, screen: Any, *acts: str) -> pb.ActRequest:
        assert [line.id for line in screen(pb.LANGUAGE_EN).lines] == [one.name for one in self.kiosk.devices]
        return pb.ActRequest(pick=tech.PickAct(id=self.picks))

    async def task(self, task: Any, state: Any, key: str, **values: Any) -> None:
        self.happened.append(key)
        if key in self.by_hand:
            await asyncio.to_thread(self.by_hand[key])
        if state in (tech.TASK_STATE_DONE, tech.TASK_STATE_FAILED):
            raise Back


@pytest.fixture
async def paper(tmp_path: Path) -> AsyncIterator[PaperBench]:
    async with PaperBench(tmp_path) as bench:
        yield bench


async def aligned(session: Session) -> list[str]:
    with pytest.raises(Back):
        await aligning.align(session, TASK)  # type: ignore[arg-type]
    return session.happened


async def test_the_test_page_is_fed_printed_and_presented(paper: PaperBench) -> None:
    session = Session(paper.printer_device, document_printer=paper.printer_device, paper_feeder=paper.device)
    assert await aligned(session) == [
        "align_page_ask",
        "align document_printer",
        "working",
        "align_page_look",
        "aligned document_printer",
        "aligned",
    ]
    assert paper.printer.printed == 1
    assert paper.feeder.path.counters.fed == 1
    assert paper.feeder.path.at is Sensor.GATE


async def test_a_page_that_does_not_print_leaves_no_sheet_in_the_path(paper: PaperBench) -> None:
    paper.printer.states = [PrintJob(7, JobState.ABORTED, (), 0, "align")]
    session = Session(paper.printer_device, document_printer=paper.printer_device, paper_feeder=paper.device)
    assert (await aligned(session))[-2:] == ["working", "failed"]
    assert paper.feeder.path.at is None
    assert paper.feeder.path.counters.in_bin == 1


async def test_a_card_with_a_frame_is_printed_on_the_test_blank(tmp_path: Path, paper: PaperBench) -> None:
    bench = await asyncio.to_thread(CardPrinterBench, tmp_path)
    driver = await asyncio.to_thread(bench.driver)
    device: Device[Any] = Device("card_printer", "evolis", lambda: driver)
    await asyncio.to_thread(driver.close)
    await device.open()
    try:
        session = Session(paper.printer_device, device, document_printer=paper.printer_device)
        session.picks = "card_printer"
        session.by_hand["align_card_ask"] = lambda: bench.act("put_test_blank")
        assert (await aligned(session))[-1] == "aligned"
    finally:
        await device.close()
        await asyncio.to_thread(bench.close)
    (card,) = bench.virtual.mechanism.cards
    assert (card.test, card.spot, bench.virtual.mechanism.hopper) == (True, Spot.EXIT, HOPPER_CARDS)
    assert [bool(panels) for panels in card.printed.values()] == [True, True]
    assert paper.printer.printed == 0
