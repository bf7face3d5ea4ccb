"""Printer and feeder together, issued through by the production code: two sheets of one document, and a jam inside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from drivers.document_printer import ipp
from kiosk.devices import Device
from kiosk.issuance.issue import End, IssueFailed, Issuer
from kiosk.issuance.journal import read
from kiosk.issuance.outcome import nobody_watches
from kiosk.issuance.paper import PaperPath
from simulator.document_printer.device import VirtualDocumentPrinter
from simulator.paper_feeder.path import Sensor
from tests.pdf_samples import blank_pdf
from tests.support.paper_issue import PaperBench
from tests.unit.kiosk.scripted import DOCUMENT

RETURN_S, EXIT_S = 8.0, 2.0


class PathBench(PaperBench):
    """With a real IPP printer inside the path."""

    async def __aenter__(self) -> PathBench:
        self.paper = VirtualDocumentPrinter(self.directory / "printer", page_s=0.1, path=self.feeder.path)
        await self.paper.start()
        await super().__aenter__()
        settings = ipp.Settings(uri=self.paper.uri, poll_s=0.05)
        self.real: Device[Any] = Device("document_printer", "ipp", lambda: ipp.create(settings))
        await self.real.open()
        registry: Any = self.registry
        path = PaperPath(self.device, RETURN_S, EXIT_S)
        self.issuer = Issuer(self.ledger, registry, self.real, 30.0, False, path)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.real.close()
        await super().__aexit__()
        await self.paper.stop()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[PathBench]:
    async with PathBench(tmp_path) as made:
        yield made


async def test_two_sheets_are_fed_as_the_printer_draws_them_and_presented_together(bench: PathBench) -> None:
    bench.registry.pdf, bench.registry.pages = blank_pdf(2), 2
    printed = await bench.issuer.print("token", DOCUMENT, "v1", nobody_watches)
    state = bench.paper.state()
    assert (state["printed_total"], state["sheets_total"], len(state["pages"])) == (1, 2, 2)
    assert bench.feeder.path.at is Sensor.GATE
    assert (bench.feeder.path.counters.fed, bench.feeder.path.counters.presented) == (2, 2)
    await bench.feeder.take()
    assert await bench.issuer.wait_taken(printed, 20.0)
    assert [entry.state for entry in read(bench.directory / "journal.db")][-3:] == ["printed", "presented", "taken"]


async def test_a_jam_inside_the_printer_keeps_the_sheet_inside(bench: PathBench) -> None:
    await bench.paper.set_fault("jam_next")
    with pytest.raises(IssueFailed) as caught:
        await bench.issuer.print("token", DOCUMENT, "v1", nobody_watches)
    assert caught.value.end is End.SPOILED
    newest = list(read(bench.directory / "journal.db"))[-1]
    assert (newest.state, (newest.detail or {})["where"]) == ("spoiled", "inside")
    assert bench.paper.state()["printed_total"] == 0
