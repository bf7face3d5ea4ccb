"""A technician's test page through the whole path: the sheet comes out at the gate, or stays in the bin."""

import asyncio
from asyncio import to_thread
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from drivers.deadline import Deadline
from drivers.document_printer import ipp
from drivers.document_printer.port import JobState
from drivers.errors import DeviceFault
from drivers.paper_feeder import crt_usb
from drivers.paper_feeder.port import MoveFailed, Position, SheetAt
from drivers.paper_feeder.through import print_through
from simulator.document_printer.device import VirtualDocumentPrinter
from simulator.paper_feeder.device import VirtualPaperFeeder
from simulator.paper_feeder.feeder import PRODUCT_ID, VENDOR_ID
from tests.pdf_samples import blank_pdf

PRINT_S = 40.0


class Bench:
    """Printer and feeder as they stand in a machine, with the production drivers before them."""

    def __init__(self, directory: Path) -> None:
        self.feeder = VirtualPaperFeeder(section_s=0.005)
        self.printer = VirtualDocumentPrinter(directory, page_s=0.05, path=self.feeder.path)

    async def start(self) -> None:
        await self.feeder.start()
        await self.printer.start()
        self.sheets = crt_usb.create(
            crt_usb.Settings(vendor_id=VENDOR_ID, product_id=PRODUCT_ID, backend=f"usbip:{self.feeder.usbip}")
        )
        self.jobs = ipp.create(ipp.Settings(uri=self.printer.uri, poll_s=0.05))

    async def stop(self) -> None:
        self.sheets.close()
        await self.printer.stop()
        await self.feeder.stop()

    async def print(self, present: bool = True) -> JobState:
        until = Deadline.after(PRINT_S)
        work = (self.jobs, self.sheets, blank_pdf(1), "test-page", until)
        return (await to_thread(print_through, *work, present=present)).state


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def test_a_page_comes_out_at_the_gate_and_leaves_the_printers_own_tray_alone(bench: Bench) -> None:
    before = bench.printer.state()["sheets_left"]
    assert await bench.print() is JobState.COMPLETED
    assert bench.feeder.path.position is Position.PRESENTED
    assert bench.printer.state()["sheets_left"] == before
    await bench.feeder.take()
    assert (len(bench.printer.state()["pages"]), len(bench.printer.state()["taken"])) == (0, 1)


async def test_a_page_may_be_kept_in_the_bin(bench: Bench) -> None:
    assert await bench.print(present=False) is JobState.COMPLETED
    assert bench.feeder.path.counters.in_bin == 1
    assert len(bench.printer.state()["retracted"]) == 1


async def test_a_job_without_a_sheet_waits_and_takes_the_one_that_is_fed(bench: Bench) -> None:
    await to_thread(bench.sheets.initialise, True, Deadline.after(5))
    job = await to_thread(bench.jobs.print, blank_pdf(1), "waits", Deadline.after(20))
    assert not job.state.ended
    await to_thread(bench.sheets.feed, Deadline.after(5))
    ended = await to_thread(bench.jobs.wait, job, Deadline.after(20), lambda _: None)
    assert ended.state is JobState.COMPLETED
    assert bench.feeder.path.position is Position.PRINTER


async def test_a_jam_in_the_printer_is_out_of_the_feeders_reach_until_a_person_pulls_the_sheet_out(
    bench: Bench,
) -> None:
    await bench.printer.set_fault("jam_next")
    assert await bench.print() is JobState.ABORTED
    with pytest.raises(MoveFailed) as stuck:
        await to_thread(bench.sheets.initialise, True, Deadline.after(5))
    assert stuck.value.sheet is SheetAt.INSIDE
    await bench.printer.clear_jam()
    assert bench.feeder.path.position is Position.NONE
    assert await bench.print() is JobState.COMPLETED


async def test_a_printer_that_is_not_ready_leaves_no_sheet_in_the_path(bench: Bench) -> None:
    await bench.printer.set_fault("cover_open")
    with pytest.raises(DeviceFault):
        await bench.print()
    assert bench.feeder.path.position is Position.NONE
    assert bench.feeder.path.counters.in_bin == 1
    assert not bench.printer.state()["busy"]


async def test_cancelling_a_job_that_waits_for_a_sheet_leaves_the_sheet_blank(bench: Bench) -> None:
    await to_thread(bench.sheets.initialise, True, Deadline.after(5))
    job = await to_thread(bench.jobs.print, blank_pdf(1), "waits", Deadline.after(20))
    ended = await to_thread(bench.jobs.cancel, job, Deadline.after(20))
    assert (ended.state, ended.sheets_completed) in ((JobState.CANCELED, 0), (JobState.CANCELED, None))
    await to_thread(bench.sheets.feed, Deadline.after(5))
    await asyncio.sleep(0)
    assert bench.feeder.path.position is Position.ENTRY
