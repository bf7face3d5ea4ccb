"""The A4 printer: ready, paper, toner; at the full level a test page from end to end."""

import time
from collections.abc import Callable
from typing import Final

from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, DocumentPrinterStatus, JobState, PrintJob
from drivers.errors import DriverError
from drivers.paper_feeder.port import PaperFeeder
from drivers.paper_feeder.through import print_through
from drivers.status import DeviceState, InkState, MediaState, PaperState
from selftest import advice
from selftest.asking import ask
from selftest.checks.paper_feeder import hindered
from selftest.model import (
    Advice,
    Check,
    Finding,
    Level,
    Limits,
    Measurement,
    Needs,
    Subject,
    Words,
    failed,
    judged,
    passed,
    skipped,
)
from selftest.telling import telling

DEVICE: Final = "document_printer"
OPEN_S: Final = 5.0
STATUS_S: Final = 5.0
PRINT_S: Final = 60.0
CANCEL_S: Final = 10.0
JOB_NAME: Final = "self-test"
Spend = Callable[[str, int], None]
# A warm office printer gives its first page within twelve seconds, a cold one within thirty.
PAGE: Final = Limits(at_most=45.0)
ANSWER: Final = Limits(at_most=3.0)


def subject(
    port: DocumentPrinter, test_page: bytes | None, accepted_serial: str = "", spend: Spend | None = None
) -> Subject:
    """Checks of the printer.

    Args:
        port: Not yet opened.
        test_page: One A4 page as PDF that says it is a test; None: it has no paper of its own to print it on.
        accepted_serial: Of the printer that belongs here; empty when none was accepted.
        spend: Called with what is used up and how many before it is; None: nobody writes it down.
    """
    asked = _Asked(port, accepted_serial)
    page = () if test_page is None else (_page(lambda: _print(port, test_page), spend),)
    return Subject(
        (
            Check(
                f"{DEVICE}.ready", DEVICE, Words("Printer A4 siap", "A4 printer ready"), asked.ready, 2 * STATUS_S + 3.0
            ),
            Check(f"{DEVICE}.paper", DEVICE, Words("Kertas A4", "A4 paper"), asked.paper, STATUS_S),
            Check(f"{DEVICE}.toner", DEVICE, Words("Toner", "Toner"), asked.toner, STATUS_S),
            *page,
        ),
        lambda: port.open(Deadline.after(OPEN_S)),
        port.close,
    )


def page_through(port: DocumentPrinter, feeder: PaperFeeder, test_page: bytes, spend: Spend | None = None) -> Subject:
    """The test page on a sheet of the feeder's, from the tray into the reject bin; after the checks of both."""

    def opened() -> None:
        port.open(Deadline.after(OPEN_S))
        feeder.open(Deadline.after(OPEN_S))

    def closed() -> None:
        feeder.close()
        port.close()

    return Subject((_page(lambda: _print_through(port, feeder, test_page), spend),), opened, closed, phase=1)


def _page(work: Callable[[], Finding], spend: Spend | None) -> Check:
    def run() -> Finding:
        if spend is not None:
            spend("paper", 1)
        return work()

    return Check(
        f"{DEVICE}.page",
        DEVICE,
        Words("Cetak halaman uji A4", "Print an A4 test page"),
        run,
        PRINT_S + CANCEL_S + 5.0,
        Needs.PAPER,
        Level.FULL,
    )


def _print_through(port: DocumentPrinter, feeder: PaperFeeder, test_page: bytes) -> Finding:
    began = time.monotonic()
    try:
        job = print_through(port, feeder, test_page, JOB_NAME, Deadline.after(PRINT_S), present=False)
    except DriverError as error:
        return hindered(feeder, error) or failed(f"page:{type(error).__name__}", advice.NOT_PRINTED)
    return _judged(job, began)


class _Asked:
    """One answer of the printer, judged from three sides."""

    def __init__(self, port: DocumentPrinter, accepted_serial: str) -> None:
        self._port = port
        self._accepted = accepted_serial
        self._status: DocumentPrinterStatus | None = None

    def ready(self) -> Finding:
        """Online, nothing stuck; whatever reason it gives is told."""
        began = time.monotonic()
        self._status = status = ask(self._port.status, STATUS_S)
        answer = Measurement("answer", time.monotonic() - began, "s", ANSWER)
        if MediaState.JAMMED is status.media or PaperState.JAMMED is status.paper:
            return failed("media:jammed", advice.JAM, answer)
        if status.device is not DeviceState.ONLINE:
            reasons = "".join(f" {reason}" for reason in status.reasons)
            return failed(f"device:{status.device}{reasons}", _mend(status), answer)
        return telling(judged("", advice.RESTART, answer), self._port, self._accepted)

    def paper(self) -> Finding:
        """In the tray."""
        word = self._status.paper if self._status else None
        if word in (PaperState.OUT, PaperState.LOW):
            return failed(f"paper:{word}", advice.PAPER_OUT if word is PaperState.OUT else advice.PAPER_LOW)
        return _told(word, (PaperState.FULL,))

    def toner(self) -> Finding:
        """What is left."""
        word = self._status.toner if self._status else None
        if word in (InkState.OUT, InkState.LOW):
            return failed(f"toner:{word}", advice.TONER_OUT if word is InkState.OUT else advice.TONER_LOW)
        return _told(word, (InkState.FULL,))


def _told(word: PaperState | InkState | None, well: tuple[PaperState | InkState, ...]) -> Finding:
    return passed() if word in well else skipped("the printer does not tell")


def _mend(status: DocumentPrinterStatus) -> Advice:
    if any(reason.startswith(("paused", "moving-to-paused")) for reason in status.reasons):
        return advice.PAUSED
    return advice.of_state(status.device)


def _print(port: DocumentPrinter, test_page: bytes) -> Finding:
    """One page. It is never sent twice, and cancelled when it does not end."""
    began = time.monotonic()
    try:
        job = port.print(test_page, JOB_NAME, Deadline.after(STATUS_S))
    except DriverError as error:
        return failed(f"page:{type(error).__name__}", advice.NOT_PRINTED)
    try:
        job = port.wait(job, Deadline.after(PRINT_S), lambda _: None)
    except DriverError as error:
        _cancel(port, job)
        return failed(f"page:{type(error).__name__}", advice.NOT_PRINTED)
    return _judged(job, began)


def _judged(job: PrintJob, began: float) -> Finding:
    took = Measurement("time", time.monotonic() - began, "s", PAGE)
    if job.state is not JobState.COMPLETED:
        jammed = any(reason.startswith("media-jam") for reason in job.reasons)
        return failed(f"page:{job.state}", advice.JAM if jammed else advice.NOT_PRINTED, took)
    return judged("page", advice.NOT_PRINTED, took)


def _cancel(port: DocumentPrinter, job: PrintJob) -> None:
    try:
        port.cancel(job, Deadline.after(CANCEL_S))
    except DriverError:
        return  # the finding already says that it did not end
