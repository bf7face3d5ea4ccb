"""What the kiosk asks of an A4 printer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.deadline import Deadline
from drivers.status import DeviceState, InkState, MediaState, PaperState

_INCOMPLETE = frozenset(("job-incoming", "job-data-insufficient"))
"""job-state-reasons of a job whose document has not come whole (RFC 8011 section 5.3.8)."""


class JobState(StrEnum):
    """Where a job is, in the words of RFC 8011 section 5.3.7."""

    PENDING = "pending"
    HELD = "pending-held"
    PROCESSING = "processing"
    STOPPED = "processing-stopped"
    CANCELED = "canceled"
    ABORTED = "aborted"
    COMPLETED = "completed"

    @property
    def ended(self) -> bool:
        """Whether it will change no more."""
        return self in (JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED)


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One job at the printer.

    Attributes:
        job_id: The printer's number for it.
        state: Where it is.
        reasons: IPP job-state-reasons and printer-state-reasons, as reported.
        sheets_completed: Sheets that left the printer; None when it does not tell.
        name: As it was handed over; a printer that lost its memory may give the same number to another job.
    """

    job_id: int
    state: JobState
    reasons: tuple[str, ...]
    sheets_completed: int | None
    name: str = ""

    @property
    def lacks_document(self) -> bool:
        """Whether the printer waits for the rest of its document."""
        return not self.state.ended and bool(_INCOMPLETE.intersection(self.reasons))


@dataclass(frozen=True, slots=True)
class DocumentPrinterStatus:
    """How the printer is. None: this model does not tell."""

    device: DeviceState
    paper: PaperState | None
    toner: InkState | None
    media: MediaState | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Supplies:
    """What is left and what was used. None: this model does not tell.

    Attributes:
        toner_percent: Lowest of what is used up.
        trays: Sheets in each input tray by its name; None where a tray does not tell.
        sheets_printed: Since manufacture.
    """

    toner_percent: int | None
    trays: Mapping[str, int | None]
    sheets_printed: int | None


class DocumentPrinter(Protocol):
    """An A4 printer. Nothing is ever sent twice by the driver."""

    def open(self, deadline: Deadline) -> None:
        """Read what the printer can do. One that is not there is no error: status says noDevice."""

    def close(self) -> None:
        """Let go of the printer. May be called twice."""

    def status(self, deadline: Deadline) -> DocumentPrinterStatus:
        """Ask the printer how it is; a printer that does not answer is `offline`, never an exception."""

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What it says of itself (`drivers.facts`); empty when it tells nothing or cannot be asked."""

    def supplies(self, deadline: Deadline) -> Supplies:
        """What is left and what was used, for technicians."""

    def print(self, pdf: bytes, name: str, deadline: Deadline) -> PrintJob:
        """Hand over one A4 document.

        Args:
            pdf: The document.
            name: Job name; appears in the printer's log, so it must not be personal.

        Raises:
            ValueError: Not a PDF, encrypted, not A4, or over 100 pages: nothing was sent.
            NotFound, DeviceFault: Nothing was sent.
            OutcomeUnknown: Sent, and no answer came.
        """

    def job(self, job_id: int, deadline: Deadline) -> PrintJob:
        """Where a job is. Raises NotFound when the printer no longer knows it."""

    def find(self, name: str, deadline: Deadline) -> PrintJob | None:
        """The newest job of ours with this name, for whoever does not know its number.

        Returns:
            None when the printer knows none: it never came, or was forgotten.
        """

    def cancel_left_over(self, deadline: Deadline) -> None:
        """Cancel every job of ours that has not ended, so that nothing old comes out with what is printed next.

        Raises:
            DeviceFault: One cannot be cancelled.
        """

    def wait(self, job: PrintJob, deadline: Deadline, on_progress: Callable[[PrintJob], None]) -> PrintJob:
        """Follow a job to its end.

        Raises:
            DeadlineExceeded: It has not ended; cancel it or wait again.
            Disconnected: The printer stopped answering; the job may go on.
        """

    def cancel(self, job: PrintJob, deadline: Deadline) -> PrintJob:
        """Cancel and return where the job ended: it may have completed meanwhile."""
