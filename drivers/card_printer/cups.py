"""A card printer behind a closed driver (Fargo HDP5000/5600/6600, Magicard): jobs through cupsd, by IPP.

What the spooler cannot tell is None, what it cannot do raises `Unsupported`: it feeds, prints and ejects by itself. Its
"completed" means that the driver handed everything over, so a print is never `acknowledged`. The encoder inside such a
printer is a PC/SC reader of its own (`drivers.card_printer.encoder`); a card comes to it where the maker's driver has
job options for that.
"""

import time
from contextlib import suppress
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from drivers.card_printer.pdf import pdf
from drivers.card_printer.port import (
    HEIGHT_DOTS,
    WIDTH_DOTS,
    Capabilities,
    CardJob,
    CardPrinterStatus,
    CardSide,
    Counters,
    Identity,
    JobState,
    Place,
    PrintedCard,
)
from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
from drivers.document_printer import ipp_operations as operations
from drivers.document_printer import port as documents
from drivers.document_printer.ipp_codec import Attribute, Group, Message, Tag, attribute, decode, encode
from drivers.document_printer.ipp_operations import Requests, Status
from drivers.document_printer.reasons import blocks
from drivers.errors import (
    DeadlineExceeded,
    DeviceFault,
    DriverError,
    NotFound,
    OutcomeUnknown,
    Unsupported,
)
from drivers.status import DeviceState
from drivers.transport.ipp import DocumentMayHaveLeft, IppTransport

ANSWER_S = 3.0
"""cupsd is on this machine and answers within milliseconds."""
NEVER_AGAIN = frozenset(("abort-job", "stop-printer"))
"""printer-error-policy values of CUPS under which a job is not sent to the printer again by itself."""
_EMPTY = CardSide(np.full((HEIGHT_DOTS, WIDTH_DOTS, 3), 255, np.uint8), np.zeros((HEIGHT_DOTS, WIDTH_DOTS), np.bool_))
_OUT_OF_REACH = "jobs through a spooler feed, print and eject by themselves"


Options = dict[
    Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")],
    Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,127}$")],
]
"""Options of a queue's driver, name to choice."""


def _check_uri(uri: str) -> str:
    IppTransport(uri)
    return uri


class Settings(DriverSettings):
    """Where the queue is, and which job options its driver has for the chip station.

    What a maker's driver calls these is in its documentation; none is confirmed on hardware of ours. Without them no
    card can be brought to the encoder.

    Attributes:
        to_encoder: Options of a job, with an empty page, that takes a blank to the encoder and leaves it there.
        at_encoder: Options of the job that prints on the card at the encoder, and ejects it.
        reject: Options of a job, with an empty page, that brings the card at the encoder to the reject box.
        uri: "ipp://127.0.0.1:631/printers/HDP6600".
        media: Keyword of the card's size in the queue's driver.
        user: Name the spooler's log shows.
        poll_s: How often a job is asked after.
        silence_s: A spooler that does not answer for this long while a job is followed counts as gone.
    """

    uri: Annotated[str, AfterValidator(_check_uri)]
    media: str = "Card"
    user: str = "adm"
    poll_s: Annotated[float, Field(ge=0.05, le=5)] = 0.5
    silence_s: Annotated[float, Field(ge=1, le=60)] = 5.0
    to_encoder: Options = Field(default_factory=dict)
    at_encoder: Options = Field(default_factory=dict)
    reject: Options = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> "Settings":
        if len({bool(options) for options in (self.to_encoder, self.at_encoder, self.reject)}) > 1:
            # Else one blank could be written and another printed, or one that fails be left at the encoder.
            raise ValueError("to_encoder, at_encoder and reject belong together")
        return self


def create(settings: Settings) -> "CupsCardPrinter":
    """The printer, not yet opened."""
    return CupsCardPrinter(settings)


class CupsCardPrinter:
    """Implements `CardPrinter`. One thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._transport = IppTransport(settings.uri)
        self._requests = Requests(self._transport.printer_uri, settings.user)
        self._jobs = 0

    def open(self, deadline: Deadline) -> None:
        """See `CardPrinter.open`. There is nothing to hold on to: each question has a connection of its own."""

    def close(self) -> None:
        """See `CardPrinter.close`."""

    def capabilities(self) -> Capabilities:
        """See `CardPrinter.capabilities`."""
        encodes = bool(self._settings.to_encoder)
        return Capabilities(
            places=frozenset({Place.CONTACTLESS, Place.REJECT} if encodes else ()),
            duplex=True,
            back_in_colour=True,
            holds_after_print=False,
            retracts=False,
            tells_taken=False,
            feeds_on_print=not encodes,
        )

    def identify(self, deadline: Deadline) -> Identity:
        """See `CardPrinter.identify`."""
        said = self._ask(self._requests.printer("printer-make-and-model"), deadline).attributes(Group.PRINTER)
        model = next((str(value.data) for value in said.get("printer-make-and-model", ())), "")
        return Identity(model=model, serial="", firmware="", print_head="")

    def status(self, deadline: Deadline) -> CardPrinterStatus:
        """See `CardPrinter.status`."""
        try:
            said = operations.read_status(self._ask(self._requests.state(), deadline))
        except NotFound:
            return CardPrinterStatus(DeviceState.NO_DEVICE)
        except DriverError:
            return CardPrinterStatus(DeviceState.OFFLINE)
        opened = any(reason.startswith(("cover-open", "door-open")) for reason in said.reasons)
        return CardPrinterStatus(
            device=said.device,
            media=said.media,
            ribbon=said.toner,
            # The absence of a reason is no reading of a sensor.
            hopper=said.paper if any(reason.startswith(("media", "input")) for reason in said.reasons) else None,
            cover_open=True if opened else None,
            code=",".join(said.reasons),
        )

    def counters(self, deadline: Deadline) -> Counters:
        """See `CardPrinter.counters`."""
        return Counters(None, None, None, None)

    def move(self, to: Place, deadline: Deadline) -> None:
        """See `CardPrinter.move`. A spooler's word for it; at the encoder the chip itself tells that it is there."""
        options = {Place.CONTACTLESS: self._settings.to_encoder, Place.REJECT: self._settings.reject}.get(to)
        if not options:
            raise Unsupported(_OUT_OF_REACH)
        try:
            self._checked(deadline)
        except DeviceFault as not_ready:
            raise NotFound("the printer is not ready; nothing moved") from not_ready
        job = self._sent(pdf((_EMPTY,)), self._template(options, 1), deadline)
        try:
            self.wait(job, deadline)
        except DeadlineExceeded as slow:
            with suppress(DriverError):
                self._cancel(job, Deadline.after(ANSWER_S))
            raise OutcomeUnknown("whether the card moved is not known") from slow

    def feed_by_hand(self, to: Place, deadline: Deadline) -> None:
        """See `CardPrinter.feed_by_hand`."""
        raise Unsupported(_OUT_OF_REACH)

    def print(self, front: CardSide, back: CardSide | None, deadline: Deadline) -> CardJob:
        """See `CardPrinter.print`. Takes a blank by itself, unless one was brought to the encoder."""
        sides = (front,) if back is None else (front, back)
        return self._sent(pdf(sides), self._template(self._settings.at_encoder, len(sides)), deadline)

    def wait(self, job: CardJob, deadline: Deadline) -> PrintedCard:
        """See `CardPrinter.wait`."""
        heard = time.monotonic()
        while True:
            try:
                now = self._job(job, deadline)
            except NotFound as forgotten:
                raise OutcomeUnknown("the spooler does not know the job any more") from forgotten
            except DriverError as silent:
                if time.monotonic() - heard >= self._settings.silence_s:
                    raise OutcomeUnknown("the spooler stopped answering") from silent
            else:
                heard = time.monotonic()
                if now.state is documents.JobState.COMPLETED:
                    return PrintedCard(None, acknowledged=False)
                if now.state.ended:
                    words = {"device": str(DeviceState.HARDWARE_ERROR)}
                    raise DeviceFault("the spooler ended the job", words, ",".join(now.reasons))
            deadline.check("end of the card's job")
            time.sleep(min(self._settings.poll_s, deadline.remaining_s))

    def recall(self, job: CardJob, deadline: Deadline) -> JobState:
        """See `CardPrinter.recall`. A job that has not ended is cancelled: it must not print later."""
        try:
            now = self._job(job, deadline)
            if not now.state.ended:
                waiting = now.state in (documents.JobState.PENDING, documents.JobState.HELD)
                self._cancel(job, deadline)
                now = self._job(job, deadline)
                if waiting and now.state is documents.JobState.CANCELED:
                    # It never reached the printer.
                    return JobState.NOT_PRINTED
        except DriverError:
            return JobState.UNKNOWN
        if now.state is documents.JobState.COMPLETED:
            return JobState.PRINTED
        return JobState.PARTLY if now.state.ended else JobState.UNKNOWN

    def wait_taken(self, deadline: Deadline) -> bool:
        """See `CardPrinter.wait_taken`."""
        raise Unsupported("a spooler does not see the exit")

    def clean(self, deadline: Deadline) -> None:
        """See `CardPrinter.clean`."""
        raise Unsupported("cleaning is started at the printer")

    def reset(self, deadline: Deadline) -> None:
        """See `CardPrinter.reset`."""
        raise Unsupported("a spooler cannot reset the printer")

    def _template(self, options: Options, sides: int) -> tuple[Attribute, ...]:
        return (
            attribute("copies", Tag.INTEGER, 1),
            attribute("media", Tag.KEYWORD, self._settings.media),
            attribute("sides", Tag.KEYWORD, "one-sided" if sides == 1 else "two-sided-long-edge"),
            *(attribute(name, Tag.KEYWORD, choice) for name, choice in sorted(options.items())),
        )

    def _sent(self, document: bytes, template: tuple[Attribute, ...], deadline: Deadline) -> CardJob:
        """A job that is sent once. Raises as `CardPrinter.print`."""
        can = self._checked(deadline)
        # Unique on this machine, and nobody's: a spooler that was reinstalled may number jobs from one again.
        self._jobs += 1
        name = f"card-{time.time_ns():x}-{self._jobs}"
        created = operations.read_job(self._ask(self._requests.create_job(name, can, template), deadline))
        job = CardJob(None, 0, created.job_id, name)
        try:
            self._ask(self._requests.send_document(created.job_id, can), deadline, document)
        except DocumentMayHaveLeft:
            # The job's number tells where it is: `wait` hears.
            return job
        except DriverError:
            self._cancel(job, Deadline.after(ANSWER_S))
            raise
        return job

    def _checked(self, deadline: Deadline) -> operations.Capabilities:
        """Raises NotFound, DeviceFault or Unsupported when a job sent now would not be printed, or perhaps twice."""
        try:
            can = operations.read_capabilities(self._ask(self._requests.capabilities(), deadline))
            policy = self._ask(self._requests.printer("printer-error-policy"), deadline).attributes(Group.PRINTER)
            said = operations.read_status(self._ask(self._requests.state(), deadline))
        except (NotFound, DeviceFault):
            raise
        except DriverError as silent:
            raise DeviceFault("the spooler does not answer", {"device": str(DeviceState.OFFLINE)}) from silent
        if can.document_format != operations.PDF or not can.two_steps:
            raise Unsupported("the queue takes no PDF, or no job in two steps")
        named = {str(value.data) for value in policy.get("printer-error-policy", ())}
        if not named or not named <= NEVER_AGAIN:
            raise Unsupported("the queue would print a failed card again: set its error policy to abort-job")
        if said.device is not DeviceState.ONLINE or blocks(said.reasons):
            raise DeviceFault("the printer is not ready", {"device": str(said.device)}, ",".join(said.reasons))
        return can

    def _job(self, job: CardJob, deadline: Deadline) -> documents.PrintJob:
        if job.job_id is None:
            raise NotFound("that is no spooler's job")
        now = operations.read_job(self._ask(self._requests.job(job.job_id), deadline))
        if now.name != job.name:
            raise NotFound("another job has this number now")
        return now

    def _cancel(self, job: CardJob, deadline: Deadline) -> None:
        assert job.job_id is not None  # only jobs that were made are cancelled
        try:
            self._ask(self._requests.cancel(job.job_id), deadline)
        except DeviceFault as refused:
            # It ended by itself meanwhile; its state tells.
            if refused.code != _code(Status.NOT_POSSIBLE):
                raise

    def _ask(self, message: Message, deadline: Deadline, document: bytes = b"") -> Message:
        """One request and its answer. Raises DriverError, `DocumentMayHaveLeft` among them."""
        until = deadline if document else deadline.sooner(ANSWER_S)
        _, answer = decode(self._transport.request(encode(message), document, until))
        if answer.code in (Status.NOT_FOUND, Status.GONE):
            raise NotFound("the spooler knows no such queue or job")
        if answer.code >= operations.SUCCESS_BELOW:
            raise DeviceFault("the spooler refused", {}, _code(answer.code))
        return answer


def _code(status: int) -> str:
    return f"ipp {status:#06x}"
