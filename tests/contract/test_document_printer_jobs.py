"""Jobs that a daemon left behind: found by their name, cancelled when they are ours and let be when they are not."""

import time
from asyncio import to_thread
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.catalog import create, settings_type
from drivers.deadline import Deadline
from drivers.document_printer.ipp_codec import Message, decode, encode
from drivers.document_printer.ipp_operations import Operation, Requests, Status, read_capabilities, read_job
from drivers.document_printer.port import JobState
from drivers.errors import OutcomeUnknown
from drivers.transport.ipp import IppTransport
from simulator.document_printer.device import VirtualDocumentPrinter
from tests.contract.test_document_printer import PAGE_S, Bench
from tests.pdf_samples import blank_pdf


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    device = VirtualDocumentPrinter(tmp_path, page_s=PAGE_S)
    await device.start()
    settings = settings_type("document_printer", "ipp").model_validate({"uri": device.uri, "poll_s": 0.05})
    driver = create("document_printer", "ipp", settings)
    try:
        yield Bench(device, driver)
    finally:
        driver.close()
        await device.stop()


async def test_supplies_are_told_by_name(bench: Bench) -> None:
    supplies = await to_thread(bench.driver.supplies, Deadline.after(10))
    assert supplies.toner_percent == 80
    assert supplies.trays["main"] == 250


async def test_a_job_is_found_by_its_name_alone(bench: Bench) -> None:
    assert await to_thread(bench.driver.find, "A-0020", Deadline.after(10)) is None
    sent = await to_thread(bench.driver.print, blank_pdf(1), "A-0020", Deadline.after(20))
    found = await to_thread(bench.driver.find, "A-0020", Deadline.after(10))
    assert found is not None
    assert (found.job_id, found.name, found.lacks_document) == (sent.job_id, "A-0020", False)
    await bench.wait(sent)
    ended = await to_thread(bench.driver.find, "A-0020", Deadline.after(10))
    assert ended is not None
    assert (ended.job_id, ended.state) == (sent.job_id, JobState.COMPLETED)
    assert await to_thread(bench.driver.find, "A-002", Deadline.after(10)) is None


async def test_an_empty_job_that_a_dead_daemon_left_is_found_and_cancelled(bench: Bench) -> None:
    left = await to_thread(_leave_an_empty_job, bench.device.uri, "adm", "A-0021")
    found = await to_thread(bench.driver.find, "A-0021", Deadline.after(10))
    assert found is not None
    assert (found.job_id, found.lacks_document, found.state.ended) == (left, True, False)
    ended = await to_thread(bench.driver.cancel, found, Deadline.after(20))
    assert ended.state in (JobState.CANCELED, JobState.ABORTED)
    assert not ended.sheets_completed
    await bench.print_to_end()
    assert bench.printed == 1


async def test_what_an_older_life_left_is_cancelled_and_others_jobs_are_not(bench: Bench) -> None:
    left = await to_thread(_leave_an_empty_job, bench.device.uri, "adm", "A-0022")
    await to_thread(bench.driver.cancel_left_over, Deadline.after(20))
    assert (await to_thread(bench.driver.job, left, Deadline.after(10))).state.ended
    others = await to_thread(_leave_an_empty_job, bench.device.uri, "somebody", "B-0001")
    await to_thread(bench.driver.cancel_left_over, Deadline.after(20))
    assert not (await to_thread(bench.driver.job, others, Deadline.after(10))).state.ended


def _leave_an_empty_job(uri: str, user: str, name: str) -> int:
    """Create-Job and no Send-Document: what a daemon leaves that is killed between the two."""
    transport = IppTransport(uri)
    requests = Requests(transport.printer_uri, user)

    def ask(message: Message) -> Message:
        return decode(transport.request(encode(message), b"", Deadline.after(10)))[1]

    can = read_capabilities(ask(requests.capabilities()))
    give_up = Deadline.after(20)
    while (answer := ask(requests.create_job(name, can))).code == Status.BUSY and not give_up.expired:
        time.sleep(0.02)
    return read_job(answer).job_id


async def test_a_printer_without_create_job_gets_its_document_once_and_a_lost_answer_leaves_it_unknown(
    bench: Bench,
) -> None:
    driver: Any = bench.driver
    can = await to_thread(driver._capabilities, Deadline.after(10))
    driver._can = replace(can, operations=frozenset({Operation.PRINT_JOB}))
    assert (await bench.print_to_end()).state is JobState.COMPLETED
    assert (bench.printed, bench.device._wire.documents) == (1, 1)
    await bench.device.set_fault("answer_lost")
    with pytest.raises(OutcomeUnknown):
        await bench.print()
    await bench.until(lambda: bench.printed == 2)
    assert bench.device._wire.documents == 2, "what may have been printed was not sent again"
