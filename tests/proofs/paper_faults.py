"""Each named fault at each step of feed, print, present, take ends in one defined outcome, and nothing is
done twice.

Twice over: the drivers by themselves (feeder faults at each move, printer faults at the print), and whole
issuances by the production issuer, its journal and its feeder (each feeder fault at each step). Each case once,
in the long form drivers twenty times and issuances five. A sheet moved twice or a document printed twice is a
failure whatever else is right.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from drivers.deadline import Deadline
from drivers.document_printer import ipp
from drivers.errors import DeviceFault, DriverError, NotFound, OutcomeUnknown
from drivers.paper_feeder import crt_usb
from drivers.paper_feeder.port import MoveFailed
from simulator.document_printer.device import VirtualDocumentPrinter
from simulator.paper_feeder.device import VirtualPaperFeeder
from simulator.paper_feeder.feeder import PRODUCT_ID, VENDOR_ID
from tests.pdf_samples import blank_pdf
from tests.proofs import Options, Proof
from tests.support.feeder_faults import EXPECTED, STEPS
from tests.support.paper_bench import LONG_S, Loop
from tests.support.paper_issue import EXPECTED as ISSUED
from tests.support.paper_issue import STEPS as ISSUE_STEPS
from tests.support.paper_issue import PaperBench, expected

ROUNDS_LONG, ISSUED_LONG = 20, 5
TWICE = "printed twice"
PAGES = 2
PRINT_S = 5.0
SETTLE_S = 3.0
# What a print ends in: the job's state, or what kept it from being one.
PRINTED: dict[str, set[str]] = {
    "jam": {"not sent"},
    "jam_next": {"aborted"},
    "empty": {"not sent"},
    "toner_low": {"completed"},
    "toner_out": {"not sent"},
    "cover_open": {"not sent"},
    "offline": {"not sent"},
    "abort_next": {"aborted"},
    "disconnect": {"not sent"},
    "mute": {"not sent"},
    "answer_lost": {"completed"},
    "cut_after_document": {"unknown"},
    "document_cut": {"aborted", "canceled", "not sent", "unknown"},
}


def run(options: Options) -> Proof:
    """Try every case."""
    rounds = ROUNDS_LONG if options.long else 1
    with closing(Loop()) as loop:
        results = [*_feeder(loop, rounds), *_printer(loop, rounds)]
    issued, ends = asyncio.run(_issuances(ISSUED_LONG if options.long else 1))
    wrong = [line for line in [*results, *issued] if line]
    lines = (
        f"{len(results)} cases of the drivers, {len(issued)} issuances; documents printed twice: {ends.pop(TWICE, 0)}",
        f"issuances ended {', '.join(f'{end} {count}' for end, count in sorted(ends.items()))}",
        f"not as expected: {len(wrong)}",
        *wrong,
    )
    return Proof(len(results) + len(issued), len(wrong), lines)


async def _issuances(rounds: int) -> tuple[list[str], Counter[str]]:
    """A line for each case, empty when it was right; and how they ended."""
    results, ends = [], Counter[str]()
    with tempfile.TemporaryDirectory(prefix="adm-proof-") as folder:
        async with PaperBench(Path(folder)) as bench:
            for fault in [name for _ in range(rounds) for name in (None, *ISSUED)]:
                for step in ISSUE_STEPS:
                    ended, wanted = await bench.case(fault, step), expected(fault, step)
                    ends[ended.state] += 1
                    ends[TWICE] += ended.printed > 1
                    right = ended.state == wanted and not ended.wrong
                    said = f"{step} with {fault}: {ended.state}, not {wanted} {'; '.join(ended.wrong)}"
                    results.append("" if right else said)
    return results, ends


def _feeder(loop: Loop, rounds: int) -> Iterator[str]:
    """A line for each case, empty when it was right."""
    device = VirtualPaperFeeder(section_s=0.005)
    loop.run(device.start())
    try:
        driver = crt_usb.create(
            crt_usb.Settings(vendor_id=VENDOR_ID, product_id=PRODUCT_ID, backend=f"usbip:{device.usbip}")
        )
        with closing(driver):
            for fault in [name for _ in range(rounds) for name in EXPECTED]:
                for step in STEPS:
                    yield _move(loop, device, driver, fault, step)
    finally:
        loop.run(device.stop())


def _made_ready(driver: crt_usb.CrtFeeder, until: Deadline) -> None:
    """A busy computer may keep the virtual feeder from answering in time; nothing moved then."""
    while True:
        try:
            driver.initialise(True, until)
            return
        except MoveFailed as late:
            if late.code or until.expired:
                raise


def _move(loop: Loop, device: VirtualPaperFeeder, driver: crt_usb.CrtFeeder, fault: str, step: str) -> str:
    until = Deadline.after(LONG_S)
    loop.run(device.remove())
    loop.run(device.fill())
    _made_ready(driver, until)
    if step != "feed":
        driver.feed(until)
        device.path.printed()
        if step != "present":
            driver.present(until)
    before = device.path.moves
    loop.run(device.set_fault(fault))
    try:
        getattr(driver, step)(until)
        ended = "done"
    except NotFound:
        ended = "gone"
    except OutcomeUnknown:
        ended = "unknown"
    except DeviceFault as refused:
        ended = refused.code or "silent"
    moved = device.path.moves - before
    loop.run(device.set_fault(None))
    wanted = EXPECTED[fault].get(step, "done")
    right = ended == wanted and moved <= 1
    return "" if right else f"{step} with {fault}: {ended}, not {wanted}; moved {moved} times"


def _printer(loop: Loop, rounds: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="adm-proof-") as folder:
        device = VirtualDocumentPrinter(Path(folder), page_s=0.02)
        loop.run(device.start())
        try:
            driver = ipp.create(ipp.Settings(uri=device.uri, poll_s=0.05, silence_s=1.0))
            for fault in [name for _ in range(rounds) for name in PRINTED]:
                yield _print(loop, device, driver, fault)
        finally:
            loop.run(device.stop())


def _settle(device: VirtualDocumentPrinter, printed: int) -> None:
    """A printer nobody hears goes on by itself; what comes out then belongs to this case."""
    until = Deadline.after(SETTLE_S)
    while not until.expired and device.state()["printed_total"] == printed:
        time.sleep(0.01)


def _print(loop: Loop, device: VirtualDocumentPrinter, driver: ipp.IppPrinter, fault: str) -> str:
    before = device.state()
    loop.run(device.set_fault(fault))
    try:
        job = driver.print(blank_pdf(PAGES), f"proof-{before['printed_total']}", Deadline.after(PRINT_S))
        ended = driver.wait(job, Deadline.after(LONG_S), lambda _: None).state.value
    except (NotFound, DeviceFault):
        ended = "not sent"
    except OutcomeUnknown:
        ended = "unknown"
    except DriverError as error:
        ended = type(error).__name__
    if ended == "unknown":
        _settle(device, before["printed_total"])
    loop.run(device.set_fault(None))
    after = device.state()
    documents = after["printed_total"] - before["printed_total"]
    sheets = after["sheets_total"] - before["sheets_total"]
    twice = documents > 1 or sheets > PAGES or (ended in ("not sent", "aborted") and documents)
    right = ended in PRINTED[fault] and not twice
    return "" if right else f"print with {fault}: {ended}; {documents} documents, {sheets} sheets came out"
