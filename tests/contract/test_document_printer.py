"""The A4 printer's port, over IPP to a real IPP printer (ippeveprinter) with simulated mechanics: each
fault.
"""

import asyncio
from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from drivers.catalog import create, settings_type
from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, DocumentPrinterStatus, JobState, PrintJob
from drivers.document_printer.reasons import blocks
from drivers.errors import DeadlineExceeded, DeviceFault, Disconnected, NotFound, OutcomeUnknown
from drivers.status import DeviceState, InkState, MediaState, PaperState
from simulator.demo.waiting import until
from simulator.device import ActionRefused
from simulator.document_printer.device import VirtualDocumentPrinter
from tests.pdf_samples import blank_pdf

PAGE_S = 0.05
SLOW_PAGE_S = 60.0
"""A sheet that never comes out by itself within a test."""


class Bench:
    """A printer and the production driver before it."""

    def __init__(self, device: VirtualDocumentPrinter, driver: DocumentPrinter) -> None:
        self.device = device
        self.driver = driver

    async def status(self) -> DocumentPrinterStatus:
        return await to_thread(self.driver.status, Deadline.after(5))

    async def print(self, pages: int = 1, seconds: float = 20, name: str = "A-0017") -> PrintJob:
        return await to_thread(self.driver.print, blank_pdf(pages), name, Deadline.after(seconds))

    async def wait(
        self, job: PrintJob, seconds: float = 30, on_progress: Callable[[PrintJob], None] = lambda _: None
    ) -> PrintJob:
        return await to_thread(self.driver.wait, job, Deadline.after(seconds), on_progress)

    async def print_to_end(self, pages: int = 1) -> PrintJob:
        return await self.wait(await self.print(pages))

    @property
    def printed(self) -> int:
        return int(self.device.state()["printed_total"])

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something inside the printer, which tells nobody when it happens."""
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.005)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    device = VirtualDocumentPrinter(tmp_path, page_s=PAGE_S)
    await device.start()
    settings = settings_type("document_printer", "ipp").model_validate(
        {"uri": device.uri, "poll_s": 0.05, "silence_s": 1.0}
    )
    driver: DocumentPrinter = create("document_printer", "ipp", settings)
    await to_thread(driver.open, Deadline.after(10))
    try:
        yield Bench(device, driver)
    finally:
        driver.close()
        await device.stop()


async def test_a_healthy_printer_is_online_with_paper_and_toner(bench: Bench) -> None:
    assert await bench.status() == DocumentPrinterStatus(DeviceState.ONLINE, PaperState.FULL, InkState.FULL, None, ())


async def test_a_document_is_printed_and_followed_to_its_end(bench: Bench) -> None:
    seen: list[PrintJob] = []
    pdf = blank_pdf(2)
    sent = await to_thread(bench.driver.print, pdf, "A-0017", Deadline.after(20))
    job = await bench.wait(sent, on_progress=seen.append)
    assert (job.state, job.sheets_completed, job.name) == (JobState.COMPLETED, 2, "A-0017")
    assert seen[-1] == job
    state = bench.device.state()
    assert (state["printed_total"], state["sheets_total"], len(state["pages"])) == (1, 2, 2)
    assert await to_thread(Path(state["last_pdf"]).read_bytes) == pdf
    assert {path.name for path in bench.device.pictures.glob("*.png")} == set(state["pages"])


async def test_the_printer_keeps_no_document(bench: Bench) -> None:
    runtime = bench.device._cage.runtime
    await bench.print_to_end()
    await bench.device.stop()
    assert not runtime.exists()


@pytest.mark.parametrize("pdf", [b"hello", blank_pdf(1, (612.0, 792.0)), blank_pdf(301)])
async def test_a_document_that_must_not_be_printed_is_refused_before_anything_is_sent(bench: Bench, pdf: bytes) -> None:
    with pytest.raises(ValueError, match=r"PDF|A4|pages"):
        await to_thread(bench.driver.print, pdf, "x", Deadline.after(10))
    assert bench.device._wire.documents == 0
    await bench.print()
    assert bench.device._wire.documents == 1


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("jam", (DeviceState.HARDWARE_ERROR, PaperState.JAMMED, InkState.FULL, MediaState.JAMMED)),
        ("empty", (DeviceState.ONLINE, PaperState.OUT, InkState.FULL, None)),
        ("toner_out", (DeviceState.ONLINE, PaperState.FULL, InkState.OUT, None)),
        ("cover_open", (DeviceState.USER_ERROR, PaperState.FULL, InkState.FULL, None)),
        ("offline", (DeviceState.OFFLINE, PaperState.FULL, InkState.FULL, None)),
    ],
)
async def test_a_printer_that_cannot_print_says_why_and_gets_no_document(
    bench: Bench, fault: str, expected: tuple[object, ...]
) -> None:
    await bench.device.set_fault(fault)
    status = await bench.status()
    assert (status.device, status.paper, status.toner, status.media) == expected
    with pytest.raises(DeviceFault) as refused:
        await bench.print()
    assert refused.value.words["device"] == expected[0]
    await bench.device.set_fault(None)
    assert (await bench.print_to_end()).state is JobState.COMPLETED
    assert bench.printed == 1


async def test_low_toner_is_told_and_prints(bench: Bench) -> None:
    await bench.device.set_fault("toner_low")
    assert (await bench.status()).toner is InkState.LOW
    assert (await bench.print_to_end()).state is JobState.COMPLETED


async def test_little_paper_is_low(bench: Bench) -> None:
    await bench.device.load_paper("10")
    assert (await bench.status()).paper is PaperState.LOW


async def test_a_jam_in_a_sheet_aborts_the_job_and_counts_only_what_came_out(bench: Bench) -> None:
    job = await bench.print(pages=3)
    await bench.until(lambda: bench.device.state()["sheets_total"] >= 1)
    await bench.device.set_fault("jam")
    ended = await bench.wait(job)
    assert ended.state is JobState.ABORTED
    assert any(reason.startswith("media-jam") for reason in ended.reasons)
    assert ended.sheets_completed == bench.device.state()["sheets_total"] < 3
    assert bench.printed == 0
    await bench.device.clear_jam()
    assert (await bench.status()).device is DeviceState.ONLINE


async def test_a_job_aborted_without_a_reason_is_aborted(bench: Bench) -> None:
    await bench.device.set_fault("abort_next")
    job = await bench.print_to_end()
    assert (job.state, job.sheets_completed) == (JobState.ABORTED, 0)


@pytest.mark.parametrize("fault", ["cover_open", "toner_out", "offline"])
async def test_a_job_the_printer_holds_goes_on_when_a_person_has_helped(bench: Bench, fault: str) -> None:
    bench.device._mechanics.page_s = 0.3
    held: list[PrintJob] = []
    job = await bench.print(pages=3)
    waiting = asyncio.create_task(bench.wait(job, on_progress=held.append))
    await bench.until(lambda: bench.device.state()["sheets_total"] == 1)
    await bench.device.set_fault(fault)
    await bench.until(lambda: any(blocks(seen.reasons) for seen in held))
    assert not waiting.done()
    assert bench.printed == 0
    await bench.device.set_fault(None)
    ended = await waiting
    assert (ended.state, ended.sheets_completed) == (JobState.COMPLETED, 3)
    assert bench.printed == 1


async def test_a_job_held_for_paper_resumes_when_paper_comes_and_prints_once(bench: Bench) -> None:
    await bench.device.load_paper("2")
    job = await bench.print(pages=3)
    await bench.until(lambda: bench.device.state()["sheets_left"] == 0 and bench.device.state()["sheets_total"] == 2)
    with pytest.raises(DeadlineExceeded):
        await bench.wait(job, seconds=0.3)
    assert (await bench.status()).paper is PaperState.OUT
    await bench.device.load_paper()
    ended = await bench.wait(job)
    assert (ended.state, ended.sheets_completed) == (JobState.COMPLETED, 3)
    state = bench.device.state()
    assert (state["printed_total"], state["sheets_total"], len(state["pages"])) == (1, 3, 3)


async def test_a_cancelled_job_is_proven_cancelled(bench: Bench) -> None:
    bench.device._mechanics.page_s = 0.4
    job = await bench.print(pages=50)
    await bench.until(lambda: bench.device.state()["sheets_total"] >= 1)
    ended = await to_thread(bench.driver.cancel, job, Deadline.after(20))
    assert ended.state is JobState.CANCELED
    assert ended.sheets_completed == bench.device.state()["sheets_total"] < 50
    assert bench.printed == 0


async def test_cancelling_a_job_that_is_done_tells_that_it_is_done(bench: Bench) -> None:
    job = await bench.print_to_end()
    ended = await to_thread(bench.driver.cancel, job, Deadline.after(10))
    assert ended.state is JobState.COMPLETED


async def test_a_job_that_never_was_is_not_found(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await to_thread(bench.driver.job, 4711, Deadline.after(5))


async def test_a_pulled_cable_is_no_device_and_sends_nothing(bench: Bench) -> None:
    await bench.device.set_fault("disconnect")
    assert (await bench.status()).device is DeviceState.NO_DEVICE
    with pytest.raises(NotFound):
        await bench.print()
    await bench.device.set_fault(None)
    assert (await bench.print_to_end()).state is JobState.COMPLETED
    assert bench.printed == 1


async def test_a_cable_pulled_during_a_job_is_disconnected_and_the_job_can_be_asked_after(bench: Bench) -> None:
    job = await bench.print(pages=2)
    await bench.device.set_fault("disconnect")
    with pytest.raises(Disconnected):
        await bench.wait(job)
    # The printer went on by itself.
    await bench.until(lambda: bench.printed == 1)
    await bench.device.set_fault(None)
    assert (await bench.wait(job)).state is JobState.COMPLETED
    assert bench.printed == 1


async def test_a_short_break_in_the_cable_is_not_noticed(bench: Bench) -> None:
    bench.device._mechanics.page_s = 0.5
    job = await bench.print()
    waiting = asyncio.create_task(bench.wait(job))
    await bench.device.set_fault("disconnect")
    await bench.device.set_fault(None)
    assert (await waiting).state is JobState.COMPLETED


async def test_a_mute_printer_is_offline_and_gets_no_document(bench: Bench) -> None:
    await bench.device.set_fault("mute")
    assert (await to_thread(bench.driver.status, Deadline.after(0.3))).device is DeviceState.OFFLINE
    with pytest.raises(DeviceFault):
        await bench.print(seconds=0.5)
    await bench.device.set_fault(None)
    assert bench.device.state()["busy"] is False
    assert bench.printed == 0


async def test_a_lost_answer_is_asked_for_and_the_document_is_not_sent_again(bench: Bench) -> None:
    await bench.device.set_fault("answer_lost")
    job = await bench.print(pages=2)
    assert (await bench.wait(job)).state is JobState.COMPLETED
    assert bench.printed == 1


async def test_silence_after_the_document_is_an_unknown_outcome(bench: Bench) -> None:
    """The answer is lost, and nobody can be asked: it is not sent again."""
    await bench.device.set_fault("cut_after_document")
    with pytest.raises(OutcomeUnknown):
        await bench.print()
    await bench.until(lambda: bench.printed == 1)
    await bench.device.set_fault(None)
    assert (await bench.status()).device is DeviceState.ONLINE
    assert bench.printed == 1


async def test_a_document_cut_on_its_way_never_comes_out(bench: Bench) -> None:
    await bench.device.set_fault("document_cut")
    try:
        job = await bench.wait(await bench.print())
    except (OutcomeUnknown, DeviceFault):
        pass
    else:
        assert job.state in (JobState.ABORTED, JobState.CANCELED)
    assert bench.device.state()["sheets_total"] == 0
    await bench.device.set_fault(None)
    assert (await bench.print_to_end()).state is JobState.COMPLETED


async def test_a_printer_switched_off_and_on_is_not_asked_after_anothers_job(bench: Bench) -> None:
    bench.device._mechanics.page_s = SLOW_PAGE_S
    mine = await bench.print(name="A-0001")
    await bench.device.power_cycle()
    bench.device._mechanics.page_s = PAGE_S
    other = await bench.print(name="A-0002")
    assert other.job_id == mine.job_id
    with pytest.raises(Disconnected, match="restarted"):
        await bench.wait(mine)
    with pytest.raises(NotFound):
        await to_thread(bench.driver.cancel, mine, Deadline.after(5))
    assert (await bench.wait(other)).state is JobState.COMPLETED


async def test_a_printer_that_takes_no_pdf_gets_raster(tmp_path: Path) -> None:
    device = VirtualDocumentPrinter(tmp_path, page_s=PAGE_S, pdf=False)
    await device.start()
    driver: DocumentPrinter = create(
        "document_printer", "ipp", settings_type("document_printer", "ipp").model_validate({"uri": device.uri})
    )
    bench = Bench(device, driver)
    try:
        job = await bench.print_to_end(pages=2)
        assert (job.state, job.sheets_completed) == (JobState.COMPLETED, 2)
        assert len(device.state()["pages"]) == 2
    finally:
        await device.stop()


async def test_two_printers_stand_side_by_side(bench: Bench, tmp_path: Path) -> None:
    second = VirtualDocumentPrinter(tmp_path / "second")
    await second.start()
    try:
        assert second.uri != bench.device.uri
        assert (await bench.print_to_end()).state is JobState.COMPLETED
        assert second.state()["printed_total"] == 0
    finally:
        await second.stop()


async def test_nothing_of_a_stopped_printer_is_left(tmp_path: Path) -> None:
    device = VirtualDocumentPrinter(tmp_path)
    await device.start()
    process = device._cage._process
    assert process is not None
    family = descendants(process.pid)
    assert {"ippeveprinter", "dbus-daemon", "avahi-daemon"} <= set(family.values())
    await device.stop()
    await device.stop()
    # The kernel takes a process out of the table a moment after its parent was told of its end.
    await until(lambda: not [pid for pid in family if alive(pid)], "every process gone", 10)


async def test_actions_that_make_no_sense_are_refused(bench: Bench) -> None:
    with pytest.raises(ActionRefused):
        await bench.device.take_paper()
    with pytest.raises(ActionRefused):
        await bench.device.clear_jam()
    with pytest.raises(KeyError):
        await bench.device.set_fault("on fire")
    await bench.print_to_end()
    await bench.device.take_paper()
    assert bench.device.state()["pages"] == []


@pytest.mark.parametrize("wrong", [{"uri": "lpd://x"}, {"uri": "ipp://x", "poll_s": 0}, {"uri": "ipp://x", "speed": 1}])
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=list(wrong)[-1]):
        settings_type("document_printer", "ipp").model_validate(wrong)


def descendants(pid: int) -> dict[int, str]:
    """Process ids and names below `pid`."""
    found: dict[int, str] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found[child] = Path(f"/proc/{child}/comm").read_text().strip()
            found |= descendants(child)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
