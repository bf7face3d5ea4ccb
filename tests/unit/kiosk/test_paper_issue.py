"""A document over the paper feeder: each fault at each step, lives that end in between, and more than one sheet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from adm.registry.v1 import registry_pb2 as pb

from drivers.document_printer.port import JobState, PrintJob
from drivers.paper_feeder.port import Position
from kiosk.issuance.issue import End, IssueFailed, Printed
from kiosk.issuance.journal import read
from kiosk.issuance.outcome import nobody_watches
from kiosk.issuance.recovery import recover
from kiosk.issuance.states import Event, State
from kiosk.issuance.stock import Figure, Item
from tests.pdf_samples import blank_pdf
from tests.support.paper_issue import EXPECTED, STEPS, PaperBench, expected
from tests.unit.kiosk.scripted import DOCUMENT

NUMBER = "ADM-3520-000001"
KEY = "0b4f4f43-5ac4-4f11-9d30-4c2f8b8f0001"
SLOW = {(fault, step) for fault in ("nak_storm", "mute") for step in ("take", "retract")}
"""Seconds of silence; `prove paper-faults` has them."""


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[PaperBench]:
    async with PaperBench(tmp_path) as made:
        yield made


async def _print(bench: PaperBench) -> Printed:
    return await bench.issuer.print("token", DOCUMENT, "v1", nobody_watches)


@pytest.mark.parametrize("fault", [None, *sorted(EXPECTED)])
async def test_each_fault_at_each_step_ends_in_one_defined_outcome(bench: PaperBench, fault: str | None) -> None:
    for step in STEPS:
        if (fault, step) in SLOW:
            continue
        ended = await bench.case(fault, step)
        assert (step, ended.state, ended.wrong) == (step, expected(fault, step), [])


async def test_what_is_presented_and_taken_is_told_with_a_sensors_evidence(bench: PaperBench) -> None:
    taken = await bench.case(None, "take")
    ((method, fields),) = taken.told
    assert (method, fields["outcome"], fields["evidence"]) == ("complete", pb.OUTCOME_TAKEN, pb.EVIDENCE_TAKEN)
    assert [entry.state for entry in read(bench.directory / "journal.db")] == [
        *("asked", "granted", "feeding", "printing", "accepted", "printed", "presented", "taken")
    ]
    back = await bench.case(None, "retract")
    ((method, fields),) = back.told
    assert (method, fields["reason"], fields["blanks_spoiled"]) == ("void", pb.VOID_REASON_RETRACTED, 1)


@pytest.mark.parametrize(
    ("fault", "step", "evidence"), [("bin_full", "retract", "presented"), ("unplugged", "present", "acknowledged")]
)
async def test_what_can_neither_be_handed_over_nor_binned_is_retained(
    bench: PaperBench, fault: str, step: str, evidence: str
) -> None:
    held = await bench.case(fault, step)
    ((method, fields),) = held.told
    assert (held.state, method, fields["reason"]) == ("retained held", "void", pb.VOID_REASON_RETAINED)
    *_, last = read(bench.directory / "journal.db")
    assert (last.detail or {})["evidence"] == evidence
    (paper,) = (book for book in await bench.ledger.books() if book.item is Item.PAPER_A4)
    assert (paper[Figure.RETAINED], paper[Figure.SPOILED], paper[Figure.RESERVED]) == (1, 0, 0)


async def test_a_feeder_that_is_plugged_in_again_in_time_loses_nothing(bench: PaperBench) -> None:
    printed = await _print(bench)
    await bench.feeder.set_fault("unplugged")
    waiting = asyncio.create_task(bench.issuer.wait_taken(printed, 20.0))
    bench.feeder.path.take()
    await bench.feeder.set_fault(None)
    assert await waiting
    assert (await bench.ended()).state == "taken"


@pytest.mark.parametrize(
    ("pdf", "pages"),
    [(b"%PDF-1.7 broken", 1), (blank_pdf(1, (612.0, 792.0)), 1), (blank_pdf(2), 1), (blank_pdf(11), 11)],
    ids=["broken", "letter", "more than granted", "more than can be collected"],
)
async def test_what_must_not_be_printed_is_refused_before_paper_moves(
    bench: PaperBench, pdf: bytes, pages: int
) -> None:
    bench.registry.pdf, bench.registry.pages = pdf, pages
    with pytest.raises(IssueFailed) as caught:
        await _print(bench)
    assert (caught.value.end, caught.value.number) == (End.NOT_PRINTED, NUMBER)
    assert bench.feeder.path.moves == 0
    assert (await bench.ended()).state == "cancelled"


async def test_sheets_of_one_document_are_collected_and_presented_together(bench: PaperBench) -> None:
    bench.registry.pdf, bench.registry.pages = blank_pdf(3), 3
    bench.printer.states = [PrintJob(7, JobState.PROCESSING, (), 1, NUMBER)]
    printing = asyncio.create_task(_print(bench))
    for _ in range(2):
        await _rests(bench, Position.ENTRY, collected=True)
        await bench.printer.sheet()
    bench.printer.states = [PrintJob(7, JobState.COMPLETED, (), 3, NUMBER)]
    printed = await printing
    assert bench.feeder.path.position is Position.PRESENTED
    await bench.feeder.take()
    assert await bench.issuer.wait_taken(printed, 10.0)
    counted = bench.feeder.path.counters
    assert (counted.fed, counted.presented, counted.taken) == (3, 3, 3)


async def test_a_second_sheet_that_does_not_come_keeps_the_first_one_inside(bench: PaperBench) -> None:
    bench.registry.pdf, bench.registry.pages = blank_pdf(2), 2
    bench.feeder.path.hopper = 1
    bench.printer.states = [PrintJob(7, JobState.STOPPED, ("media-needed",), 1, NUMBER)]
    bench.printer.cancelled = PrintJob(7, JobState.CANCELED, (), 1, NUMBER)
    with pytest.raises(IssueFailed) as caught:
        await _print(bench)
    assert caught.value.end is End.SPOILED
    assert bench.printer.cancels == 1
    assert bench.feeder.path.counters.in_bin == 1
    assert (await bench.ended()).state == "spoiled bin"


async def test_a_job_stopped_on_a_blank_sheet_counts_as_not_printed_and_the_blank_as_used(bench: PaperBench) -> None:
    bench.printer.states = [PrintJob(7, JobState.CANCELED, (), 0, NUMBER)]
    with pytest.raises(IssueFailed) as caught:
        await _print(bench)
    assert caught.value.end is End.NOT_PRINTED
    ended = await bench.ended()
    ((method, fields),) = ended.told
    assert (ended.state, method, fields["blanks_spoiled"]) == ("spoiled bin", "void", 1)


@pytest.mark.parametrize(
    ("found", "state", "told"),
    [
        (None, "unknown", "complete"),
        (PrintJob(7, JobState.HELD, ("job-incoming",), 0, NUMBER), "spoiled bin", "void"),
        (PrintJob(7, JobState.COMPLETED, (), 1, NUMBER), "retracted bin", "void"),
    ],
    ids=["no job", "an empty job", "a printed one"],
)
async def test_a_daemon_killed_while_it_sent_asks_the_printer_by_name(
    bench: PaperBench, found: PrintJob | None, state: str, told: str
) -> None:
    await bench.issuer._path.prepare()  # type: ignore[union-attr]
    counted = bench.issuer._path.counted()  # type: ignore[union-attr]
    await bench.issuer._path.feed()  # type: ignore[union-attr]
    if found and found.state is JobState.COMPLETED:
        await bench.printer.sheet()
    detail = {"grant_id": "grant-1", "receipt_number": NUMBER, "page_count": 1, "feeder": counted}
    for event in (Event.ASK, Event.GRANT, Event.FEED, Event.PRINT):
        await bench.ledger.append(KEY, event, detail)
    await bench.restart()
    bench.printer.found = found
    assert await recover(bench.ledger, bench.issuer) == 1
    ended = await bench.ended()
    assert (ended.state, [method for method, _ in ended.told], ended.wrong) == (state, [told], [])
    assert await recover(bench.ledger, bench.issuer) == 0


async def test_a_sheet_taken_while_nobody_looked_counts_as_taken(bench: PaperBench) -> None:
    await _print(bench)
    await bench.feeder.take()
    await bench.restart()
    assert await recover(bench.ledger, bench.issuer) == 1
    assert (await bench.ended()).state == "taken"


async def test_another_feeders_counters_prove_nothing(bench: PaperBench) -> None:
    """The feeder is replaced by a used one of the same model while the daemon is down."""
    await _print(bench)
    for _ in range(3):
        assert bench.feeder.path.take()
        bench.feeder.path.position = Position.PRESENTED
    await bench.feeder.remove()
    await bench.feeder.replace("ADM-FEED-0002")
    await bench.restart()
    assert await recover(bench.ledger, bench.issuer) == 1
    assert (await bench.ended()).state == "unknown"


async def test_a_sheet_still_presented_after_a_restart_is_drawn_back_in(bench: PaperBench) -> None:
    await _print(bench)
    await bench.restart()
    assert await recover(bench.ledger, bench.issuer) == 1
    assert (await bench.ended()).state == "retracted bin"


async def test_a_sheet_a_technician_pulled_out_after_a_restart_is_unknown(bench: PaperBench) -> None:
    await _print(bench)
    await bench.feeder.remove()
    await bench.restart()
    assert await recover(bench.ledger, bench.issuer) == 1
    assert (await bench.ended()).state == "unknown"


async def test_a_blank_sheet_fed_before_a_restart_is_put_into_the_bin(bench: PaperBench) -> None:
    await bench.issuer._path.prepare()  # type: ignore[union-attr]
    detail = {
        "grant_id": "grant-1",
        "receipt_number": NUMBER,
        "page_count": 1,
        "feeder": bench.issuer._path.counted(),  # type: ignore[union-attr]
    }
    for event in (Event.ASK, Event.GRANT, Event.FEED):
        await bench.ledger.append(KEY, event, detail)
    await bench.issuer._path.feed()  # type: ignore[union-attr]
    await bench.restart()
    assert await recover(bench.ledger, bench.issuer) == 1
    assert bench.feeder.path.counters.in_bin == 1
    assert (await bench.ended()).state == "spoiled bin"
    assert [issuance.state for issuance in await bench.ledger.in_states(*State)] == [State.SPOILED]


async def _rests(bench: PaperBench, position: Position, collected: bool) -> None:
    """Wait for a sheet to come to rest; the path calls when one does."""
    path, came = bench.feeder.path, asyncio.Event()
    path.on_change = came.set
    async with asyncio.timeout(20):
        while path.position is not position or bool(path.collected) is not collected:
            came.clear()
            await came.wait()
