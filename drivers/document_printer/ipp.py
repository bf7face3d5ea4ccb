"""An IPP Everywhere printer.

A job is made first and its document sent after (Create-Job, Send-Document) where the printer can: then a
lost answer can be asked for by the job's number, and only silence makes an outcome unknown.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
from drivers.document_printer import ipp_operations as operations
from drivers.document_printer.document import PageMemory, check_document, to_raster
from drivers.document_printer.ipp_codec import Message, decode, encode
from drivers.document_printer.ipp_operations import Capabilities, Requests, Status
from drivers.document_printer.port import DocumentPrinterStatus, JobState, PrintJob, Supplies
from drivers.document_printer.reasons import blocks
from drivers.document_printer.recording import RecordedTransport, Transport
from drivers.errors import (
    DeadlineExceeded,
    DeviceFault,
    Disconnected,
    DriverError,
    NotFound,
    OutcomeUnknown,
    ProtocolError,
    Unsupported,
)
from drivers.facts import tidy
from drivers.status import DeviceState
from drivers.transport.ipp import DocumentMayHaveLeft, IppTransport

ANSWER_S = 3.0
"""Longest wait for one small answer; printers answer within tens of milliseconds."""
BUSY_PAUSE_S = 0.1
"""Between tries while the printer is busy with another job; it tells no one when it is done."""


class UnknownJob(NotFound):
    """The printer is there and does not know this job."""


def _check_uri(uri: str) -> str:
    IppTransport(uri)
    return uri


class Settings(DriverSettings):
    """Where the printer is.

    Attributes:
        uri: "ipp://127.0.0.1:60000/ipp/print"; ipp-usb gives USB printers such an address.
        user: Name the printer's log shows, and by which it knows the machine's own jobs: machines that share a
            printer need different ones.
        poll_s: How often a job is asked after.
        record: File to which requests and answers are added, without documents and names; None records nothing.
        silence_s: A printer that does not answer for this long while a job is followed counts as gone.
    """

    uri: Annotated[str, AfterValidator(_check_uri)]
    user: str = "adm"
    poll_s: Annotated[float, Field(ge=0.05, le=5)] = 0.25
    silence_s: Annotated[float, Field(ge=1, le=60)] = 5.0
    record: Path | None = None


def create(settings: Settings) -> "IppPrinter":
    """The printer, not yet opened."""
    return IppPrinter(settings)


class IppPrinter:
    """Implements `DocumentPrinter`. One thread at a time."""

    def __init__(self, settings: Settings, transport: Transport | None = None) -> None:
        """Make it.

        Args:
            transport: Another wire, as a recording that is played back.
        """
        self._settings = settings
        wire = transport or IppTransport(settings.uri)
        self._transport = RecordedTransport(wire, settings.record) if settings.record else wire
        self._requests = Requests(self._transport.printer_uri, settings.user)
        self._can: Capabilities | None = None
        self._page_memory = PageMemory()

    def open(self, deadline: Deadline) -> None:
        """See `DocumentPrinter.open`."""
        try:
            self._capabilities(deadline)
        except DriverError:
            self._can = None

    def close(self) -> None:
        """See `DocumentPrinter.close`."""
        self._can = None

    def status(self, deadline: Deadline) -> DocumentPrinterStatus:
        """See `DocumentPrinter.status`."""
        try:
            return operations.read_status(self._ask(self._requests.state(), deadline))
        except NotFound:
            return DocumentPrinterStatus(DeviceState.NO_DEVICE, None, None, None, ())
        except DriverError:
            return DocumentPrinterStatus(DeviceState.OFFLINE, None, None, None, ())

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """See `DocumentPrinter.facts`."""
        try:
            return tidy(**operations.read_facts(self._ask(self._requests.facts(), deadline)))
        except DriverError:
            return {}

    def supplies(self, deadline: Deadline) -> Supplies:
        """See `DocumentPrinter.supplies`."""
        return operations.read_supplies(self._ask(self._requests.supplies(), deadline))

    def print(self, pdf: bytes, name: str, deadline: Deadline) -> PrintJob:
        """See `DocumentPrinter.print`."""
        check_document(pdf)
        try:
            can = self._capabilities(deadline)
            self._check_ready(deadline)
            document = pdf if can.document_format == operations.PDF else to_raster(pdf, self._page_memory)
            if not can.two_steps:
                return self._print_job(document, name, can, deadline)
            message = self._requests.create_job(name, can)
            created = self._when_not_busy(lambda: self._ask(message, deadline), deadline)
        except (Disconnected, DeadlineExceeded, ProtocolError) as silent:
            raise _not_sent() from silent
        return self._send_document(replace(operations.read_job(created), name=name), document, can, deadline)

    def job(self, job_id: int, deadline: Deadline) -> PrintJob:
        """See `DocumentPrinter.job`."""
        answer = self._ask(self._requests.job(job_id), deadline)
        reasons = operations.read_reasons(self._ask(self._requests.state(), deadline))
        return operations.read_job(answer, reasons)

    def find(self, name: str, deadline: Deadline) -> PrintJob | None:
        """See `DocumentPrinter.find`."""
        for which in ("not-completed", "completed"):
            found = [job for job in self._own_jobs(which, deadline) if job.name == name]
            if found:
                return max(found, key=lambda job: job.job_id)
        return None

    def cancel_left_over(self, deadline: Deadline) -> None:
        """See `DocumentPrinter.cancel_left_over`."""
        for job in self._own_jobs("not-completed", deadline):
            if not self.cancel(job, deadline).state.ended:
                raise DeviceFault("an older job cannot be cancelled", {"device": str(DeviceState.DEVICE_BUSY)})

    def _own_jobs(self, which: str, deadline: Deadline) -> list[PrintJob]:
        try:
            return operations.read_jobs(self._ask(self._requests.jobs(which), deadline))
        except UnknownJob:
            return []

    def wait(self, job: PrintJob, deadline: Deadline, on_progress: Callable[[PrintJob], None]) -> PrintJob:
        """See `DocumentPrinter.wait`."""
        heard = time.monotonic()
        while not job.state.ended:
            deadline.check(f"end of job {job.job_id}")
            try:
                now = self._same_job(job, deadline)
            except UnknownJob as forgotten:
                raise Disconnected(f"the printer was restarted during job {job.job_id}") from forgotten
            except (Disconnected, DeadlineExceeded, NotFound) as silent:
                if time.monotonic() - heard >= self._settings.silence_s:
                    raise Disconnected(f"the printer stopped answering during job {job.job_id}") from silent
            else:
                heard = time.monotonic()
                if now != job:
                    on_progress(now)
                job = now
            if not job.state.ended:
                time.sleep(min(self._settings.poll_s, deadline.remaining_s))
        return job

    def cancel(self, job: PrintJob, deadline: Deadline) -> PrintJob:
        """See `DocumentPrinter.cancel`."""
        self._same_job(job, deadline)
        try:
            self._ask(self._requests.cancel(job.job_id), deadline)
        except DeviceFault as refused:
            # It may have ended by itself meanwhile; its state tells.
            if refused.code != _code(Status.NOT_POSSIBLE):
                raise
        return self.wait(self._same_job(job, deadline), deadline, lambda _: None)

    def _same_job(self, job: PrintJob, deadline: Deadline) -> PrintJob:
        """Where this very job is: a printer that was switched off counts from one again."""
        now = self.job(job.job_id, deadline)
        if job.name and now.name != job.name:
            raise UnknownJob("another job has this number now: the printer was restarted")
        return now

    def _send_document(self, job: PrintJob, document: bytes, can: Capabilities, deadline: Deadline) -> PrintJob:
        """The second step. Whatever fails before the document's first byte leaves an empty job, which is
        cancelled.
        """
        message = self._requests.send_document(job.job_id, can)
        try:
            sent = operations.read_job(self._ask(message, deadline, document))
        except DocumentMayHaveLeft as lost:
            sent = self._ask_after_lost_answer(job, deadline, lost)
        except DriverError as failed:
            self._cancelled(job)
            if isinstance(failed, NotFound | DeviceFault):
                raise
            raise _not_sent() from failed
        return replace(sent, name=job.name)

    def _ask_after_lost_answer(self, job: PrintJob, deadline: Deadline, lost: DriverError) -> PrintJob:
        """The document may have arrived: the printer knows."""
        unknown = OutcomeUnknown(f"job {job.job_id} sent, and no answer came")
        soon = deadline.sooner(self._settings.silence_s)
        while not soon.expired:
            try:
                found = self._same_job(job, soon)
            except UnknownJob:
                break
            except DriverError:
                time.sleep(min(self._settings.poll_s, soon.remaining_s))
                continue
            if not found.lacks_document:
                return found
            if self._cancelled(job):
                raise DeviceFault("the document did not arrive whole; the job is cancelled", {}) from lost
            break
        raise unknown from lost

    def _print_job(self, document: bytes, name: str, can: Capabilities, deadline: Deadline) -> PrintJob:
        message = self._requests.print_job(name, can)
        try:
            answer = self._when_not_busy(lambda: self._ask(message, deadline, document), deadline)
        except DocumentMayHaveLeft as lost:
            raise OutcomeUnknown("a job was sent, and no answer came") from lost
        return replace(operations.read_job(answer), name=name)

    def _check_ready(self, deadline: Deadline) -> None:
        """Raises DeviceFault when a document sent now would not be printed."""
        status = operations.read_status(self._ask(self._requests.state(), deadline))
        if status.device is not DeviceState.ONLINE or blocks(status.reasons):
            said = {"device": status.device, "paper": status.paper, "toner": status.toner, "media": status.media}
            words = {name: str(word) for name, word in said.items() if word is not None}
            raise DeviceFault("the printer is not ready", words, ",".join(status.reasons))

    def _capabilities(self, deadline: Deadline) -> Capabilities:
        if self._can is None:
            can = operations.read_capabilities(self._ask(self._requests.capabilities(), deadline))
            if can.document_format is None or operations.A4 not in can.media:
                raise Unsupported("the printer takes neither PDF nor grey raster on A4")
            self._can = can
        return self._can

    def _when_not_busy(self, ask: Callable[[], Message], deadline: Deadline) -> Message:
        """A printer that takes one job at a time says busy, having taken nothing: try again."""
        while True:
            try:
                return ask()
            except DeviceFault as refused:
                if refused.code != _code(Status.BUSY) or deadline.remaining_s <= BUSY_PAUSE_S:
                    raise
            time.sleep(BUSY_PAUSE_S)

    def _cancelled(self, job: PrintJob) -> bool:
        """Cancel a job that has no whole document; whether the printer confirms that nothing came of it."""
        try:
            ended = self.cancel(job, Deadline.after(ANSWER_S))
        except DriverError:
            return False
        return ended.state in (JobState.CANCELED, JobState.ABORTED) and not ended.sheets_completed

    def _ask(self, message: Message, deadline: Deadline, document: bytes = b"") -> Message:
        """One request and its answer.

        Raises:
            NotFound, Disconnected, DeadlineExceeded, DocumentMayHaveLeft, ProtocolError: See IppTransport.
            UnknownJob: The printer does not know the job.
            DeviceFault: It refuses; the code is the IPP status.
        """
        until = deadline if document else deadline.sooner(ANSWER_S)
        raw = self._transport.request(encode(message), document, until)
        try:
            _, answer = decode(raw)
        except ProtocolError as garbled:
            if document:
                raise DocumentMayHaveLeft("the printer's answer makes no sense") from garbled
            raise
        if answer.code in (Status.NOT_FOUND, Status.GONE):
            raise UnknownJob("the printer does not know the job")
        if answer.code >= operations.SUCCESS_BELOW:
            words = {"device": str(DeviceState.DEVICE_BUSY)} if answer.code == Status.BUSY else {}
            raise DeviceFault("the printer refused", words, _code(answer.code))
        return answer


def _not_sent() -> DeviceFault:
    return DeviceFault("the printer does not answer; nothing was sent", {"device": str(DeviceState.OFFLINE)})


def _code(status: int) -> str:
    return f"ipp {status:#06x}"
