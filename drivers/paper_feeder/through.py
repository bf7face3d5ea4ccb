"""A page through the whole path, for technicians' test pages: fed, printed, presented or put into the bin.

Documents take another way: `kiosk/issuance` journals each of these steps.
"""

import time
from collections.abc import Callable
from typing import Final

from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinter, JobState, PrintJob
from drivers.errors import DriverError
from drivers.paper_feeder.port import PaperFeeder, Position

POLL_S: Final = 0.1
EXIT_S: Final = 10.0
"""A printer may say that it is done a little before its sheet stands at the exit."""


def print_through(
    printer: DocumentPrinter,
    feeder: PaperFeeder,
    pdf: bytes,
    name: str,
    deadline: Deadline,
    *,
    present: bool = True,
    on_progress: Callable[[PrintJob], None] = lambda _: None,
) -> PrintJob:
    """Print one page on a sheet of the feeder's.

    Args:
        pdf: One A4 page.
        name: Job name.
        present: Whether the page goes to the gate; else into the retract bin.

    Returns:
        The job as it ended. When it did not complete, its sheet was put into the bin as far as that was possible.

    Raises:
        ValueError: See `DocumentPrinter.print`.
        DriverError: A device failed; the path was cleared as far as that was possible.
    """
    feeder.initialise(True, deadline)
    try:
        if feeder.abilities.feeds:
            feeder.feed(deadline)
        job = printer.wait(printer.print(pdf, name, deadline), deadline, on_progress)
        if job.state is JobState.COMPLETED:
            _wait_at_exit(feeder, deadline.sooner(EXIT_S))
            (feeder.present if present else feeder.retract)(deadline)
            return job
    except (DriverError, ValueError):
        _clear(feeder)
        raise
    _clear(feeder)
    return job


def _wait_at_exit(feeder: PaperFeeder, deadline: Deadline) -> None:
    while feeder.status(deadline).position in (Position.ENTRY, Position.MOVING):
        deadline.check("printed sheet at the exit")
        time.sleep(POLL_S)


def _clear(feeder: PaperFeeder) -> None:
    """Whatever hangs in the path, into the bin; what does not move stays for a person."""
    try:
        feeder.initialise(True, Deadline.after(EXIT_S))
    except DriverError:
        return
