"""A printer whose paper is counted by itself: what it says and what came out of it are two things."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from drivers.deadline import Deadline
from drivers.document_printer.port import DocumentPrinterStatus, JobState, PrintJob
from drivers.errors import DeadlineExceeded, DeviceFault, Disconnected, NotFound, OutcomeUnknown
from drivers.status import DeviceState, PaperState


class HandOver(StrEnum):
    """What becomes of the hand-over."""

    OK = "ok"
    NOT_THERE = "not there"
    REFUSED = "refused"
    LOST_BEFORE = "lost before it arrived"
    LOST_AFTER = "lost after it arrived"
    CUT_AFTER = "cut after it arrived"


class Fate(StrEnum):
    """What becomes of a job that arrived."""

    COMPLETES = "completes"
    COMES_BACK = "the printer is away for a moment, and the job completes"
    JAMS = "jams before a sheet is out"
    ABORTS_SILENTLY_OUT = "aborts and does not say how far it came: all out"
    ABORTS_SILENTLY_IN = "aborts and does not say how far it came: nothing out"
    ABORTS_ALL_OUT = "aborts when all sheets are out"
    STOPS = "waits for paper until it is cancelled"
    COMPLETES_WHEN_CANCELLED = "waits for paper, and completes as it is cancelled"
    CANCELLED_BY_HAND = "somebody cancels it at the printer"
    FORGOTTEN_OUT = "the printer is switched off and on: all out"
    FORGOTTEN_IN = "the printer is switched off and on: nothing out"


OUT_AT_ONCE = frozenset(
    {Fate.COMPLETES, Fate.COMES_BACK, Fate.ABORTS_SILENTLY_OUT, Fate.ABORTS_ALL_OUT, Fate.FORGOTTEN_OUT}
)


@dataclass
class Job:
    """One job in the printer's memory."""

    name: str
    pages: int
    fate: Fate
    away: bool = False
    cancelled: bool = False


@dataclass
class ModelPrinter:
    """Implements `DocumentPrinter`.

    Attributes:
        tick: Called wherever the machine may die.
        out: How often a document came out whole, by job name.
        pages: Of the next document.
    """

    tick: Callable[[], None]
    hand_over: HandOver = HandOver.OK
    fate: Fate = Fate.COMPLETES
    pages: int = 1
    jobs: list[Job] = field(default_factory=list)
    out: Counter[str] = field(default_factory=Counter)

    def open(self, deadline: Deadline) -> None:
        """See `DocumentPrinter.open`."""

    def close(self) -> None:
        """See `DocumentPrinter.close`."""

    def status(self, deadline: Deadline) -> DocumentPrinterStatus:
        """See `DocumentPrinter.status`."""
        self.tick()
        return DocumentPrinterStatus(DeviceState.ONLINE, PaperState.FULL, None, None, ())

    def print(self, pdf: bytes, name: str, deadline: Deadline) -> PrintJob:
        """See `DocumentPrinter.print`."""
        self.tick()
        match self.hand_over:
            case HandOver.NOT_THERE:
                raise NotFound("gone")
            case HandOver.REFUSED:
                raise DeviceFault("no", {})
            case HandOver.LOST_BEFORE:
                raise OutcomeUnknown("no answer")
        self.jobs.append(Job(name, self.pages, self.fate, away=self.fate is Fate.COMES_BACK))
        number = len(self.jobs)
        if self.fate in OUT_AT_ONCE:
            self.out[name] += 1
        if self.fate in (Fate.FORGOTTEN_OUT, Fate.FORGOTTEN_IN):
            self.switch_off_and_on()
        self.tick()
        if self.hand_over is HandOver.LOST_AFTER:
            raise OutcomeUnknown("no answer")
        if self.hand_over is HandOver.CUT_AFTER:
            raise Disconnected("cut")
        return PrintJob(number, JobState.PENDING, (), None, name)

    def job(self, job_id: int, deadline: Deadline) -> PrintJob:
        """See `DocumentPrinter.job`."""
        self.tick()
        if job_id > len(self.jobs):
            raise NotFound("no such job")
        return self._said(job_id)

    def wait(self, job: PrintJob, deadline: Deadline, on_progress: Callable[[PrintJob], None]) -> PrintJob:
        """See `DocumentPrinter.wait`; a job that does not end is said at once: nobody gains by waiting here.

        How often that is asked until the time is up depends on how busy the computer is: no place to die, or a run
        could not be repeated.
        """
        known = self._same(job)
        now = self._said(job.job_id)
        if not known.away and not now.state.ended:
            raise DeadlineExceeded("not yet")
        self.tick()
        if known.away:
            known.away = False
            raise Disconnected("away")
        return now

    def find(self, name: str, deadline: Deadline) -> PrintJob | None:
        """See `DocumentPrinter.find`."""
        self.tick()
        named = [number for number, job in enumerate(self.jobs, start=1) if job.name == name]
        return self._said(named[-1]) if named else None

    def cancel_left_over(self, deadline: Deadline) -> None:
        """See `DocumentPrinter.cancel_left_over`."""
        for number in range(1, len(self.jobs) + 1):
            if not self._said(number).state.ended:
                self.cancel(self._said(number), deadline)

    def cancel(self, job: PrintJob, deadline: Deadline) -> PrintJob:
        """See `DocumentPrinter.cancel`."""
        self.tick()
        known = self._same(job)
        if known.fate is Fate.COMPLETES_WHEN_CANCELLED and not known.cancelled:
            self.out[known.name] += 1
        known.cancelled = True
        self.tick()
        return self._said(job.job_id)

    def switch_off_and_on(self) -> None:
        """It forgets its jobs, and counts from one again."""
        self.jobs = []

    def paper_is_loaded(self) -> None:
        """Jobs that wait for paper get it."""
        for job in self.jobs:
            if job.fate in (Fate.STOPS, Fate.COMPLETES_WHEN_CANCELLED) and not job.cancelled:
                job.fate = Fate.COMPLETES
                self.out[job.name] += 1

    def _same(self, job: PrintJob) -> Job:
        if job.job_id > len(self.jobs) or self.jobs[job.job_id - 1].name != job.name:
            raise Disconnected("the printer was restarted")
        return self.jobs[job.job_id - 1]

    def _said(self, job_id: int) -> PrintJob:
        job = self.jobs[job_id - 1]
        said: tuple[JobState, tuple[str, ...], int | None]
        match job.fate:
            case Fate.COMPLETES | Fate.COMES_BACK:
                said = (JobState.COMPLETED, (), job.pages)
            case Fate.JAMS:
                said = (JobState.ABORTED, ("media-jam-error",), 0)
            case Fate.ABORTS_SILENTLY_OUT | Fate.ABORTS_SILENTLY_IN:
                said = (JobState.ABORTED, (), None)
            case Fate.ABORTS_ALL_OUT:
                said = (JobState.ABORTED, (), job.pages)
            case Fate.CANCELLED_BY_HAND:
                said = (JobState.CANCELED, (), 0)
            case Fate.COMPLETES_WHEN_CANCELLED if job.cancelled:
                said = (JobState.COMPLETED, (), job.pages)
            case _:
                said = (JobState.CANCELED, (), 0) if job.cancelled else (JobState.STOPPED, ("media-empty",), 0)
        return PrintJob(job_id, said[0], said[1], said[2], job.name)
