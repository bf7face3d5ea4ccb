"""An ESC/POS receipt printer on USB: status, and receipts whose end is acknowledged by the printer."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
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
from drivers.facts import either, tidy
from drivers.receipt_printer import escpos_replies as replies
from drivers.receipt_printer.compose import compose
from drivers.receipt_printer.port import Block, ReceiptEvidence, ReceiptPrinterStatus
from drivers.receipt_printer.profiles import PROFILES, Acknowledgement, ReceiptProfile
from drivers.receipt_printer.redact import redact
from drivers.status import DeviceState, PaperState
from drivers.transport.record import Channel, recorded
from drivers.transport.usb import LIBUSB, UsbAddress, UsbChannel, facts_of, parse_backend

PRINTER_CLASS = 7
LOOK_S = 0.5
"""How often a printer that has not finished is asked why."""
STATUS_S = 1.0
"""A printer answers DLE EOT within milliseconds, whatever it does."""
SETTLE_S = 0.02
"""How long a late answer to an earlier question is listened for."""
INITIALISE = b"\x1b@"
"""ESC @, with which each receipt begins."""
CUT = b"\x1dV\x42\x00"
"""GS V 66 0: feed to the blade, then cut."""
NEAR_END_RECEIPTS = 3
"""Receipts in a row with the near-end sensor covered before paper counts as low: the roll's edge wobbles."""

_T = TypeVar("_T")


def _check_backend(text: str) -> str:
    parse_backend(text)
    return text


def _check_profile(name: str) -> str:
    if name not in PROFILES:
        raise ValueError(f"no such model; one of {', '.join(sorted(PROFILES))}")
    return name


class Settings(DriverSettings):
    """Where the printer is and what it is.

    Attributes:
        serial: USB serial number; None takes any of the model.
        backend: "libusb", or "usbip:HOST:PORT".
        profile: Model, from `profiles.py`.
        columns: Characters a line, when fewer than the model's are wanted.
        record: File to which everything on the wire is added but what was printed; None records nothing.
    """

    vendor_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    product_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    serial: str | None = None
    backend: Annotated[str, AfterValidator(_check_backend)] = LIBUSB
    profile: Annotated[str, AfterValidator(_check_profile)] = "TM-T20II"
    columns: Annotated[int, Field(ge=24, le=48)] | None = None
    record: Path | None = None


def create(settings: Settings) -> "EscposUsbPrinter":
    """The printer, not yet opened."""
    return EscposUsbPrinter(settings)


class EscposUsbPrinter:
    """Implements `ReceiptPrinter`. One thread at a time."""

    def __init__(self, settings: Settings, open_channel: Callable[[UsbAddress], Channel] = UsbChannel.open) -> None:
        """Make it.

        Args:
            open_channel: Another wire, as a recording that is played back.
        """
        self._profile: ReceiptProfile = PROFILES[settings.profile]
        self._columns = min(settings.columns or self._profile.columns, self._profile.columns)
        self._address = UsbAddress(
            settings.vendor_id, settings.product_id, settings.serial, PRINTER_CLASS, settings.backend
        )
        self._open_channel = open_channel
        self._record = settings.record
        self._channel: Channel | None = None
        self._buffer = b""
        self._answers_may_be_late = False
        self._receipts_near_end = 0
        # Part of a receipt may hang in the printer, uncut.
        self._scrap = False

    def open(self, deadline: Deadline) -> None:
        """See `ReceiptPrinter.open`."""
        try:
            self._connected()
        except (NotFound, ProtocolError):
            self.close()

    def close(self) -> None:
        """See `ReceiptPrinter.close`."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._buffer = b""

    def status(self, deadline: Deadline) -> ReceiptPrinterStatus:
        """See `ReceiptPrinter.status`."""
        try:
            return self._words(self._reopening(lambda channel: self._sensors(channel, deadline)))
        except NotFound:
            return ReceiptPrinterStatus(DeviceState.NO_DEVICE, None, None, None)
        except DriverError:
            return ReceiptPrinterStatus(DeviceState.OFFLINE, None, None, None)

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """See `ReceiptPrinter.facts`."""
        try:
            channel = self._connected()
            return either(self._told(channel, deadline), facts_of(channel))
        except DriverError:
            return {}

    def _told(self, channel: Channel, deadline: Deadline) -> dict[str, str]:
        """The printer's own answers; a model that does not know the question says nothing."""
        soon, said = deadline.sooner(STATUS_S), list[bytes]()
        self._answers_may_be_late = True
        try:
            channel.write(b"".join(replies.ask_about(what) for what in replies.ABOUT), soon)
            while len(said) < len(replies.ABOUT):
                reply = self._await_reply(channel, lambda one: isinstance(one, replies.About), soon)
                said += [reply.text] if isinstance(reply, replies.About) else []
        except DeadlineExceeded:
            return {}
        return tidy(**dict(zip(replies.ABOUT, said, strict=True)))

    def counters(self, deadline: Deadline) -> Mapping[str, int]:
        """See `ReceiptPrinter.counters`."""
        if not self._profile.counts:
            raise Unsupported("this model tells no counters")
        return self._reopening(lambda channel: self._counted(channel, deadline))

    def _counted(self, channel: Channel, deadline: Deadline) -> Mapping[str, int]:
        soon, counted = deadline.sooner(STATUS_S), dict[str, int]()
        self._answers_may_be_late = True
        for what in replies.COUNTED:
            channel.write(replies.ask_counter(what), soon)
            reply = self._await_reply(channel, lambda one: isinstance(one, replies.About), soon)
            text = reply.text if isinstance(reply, replies.About) else b""
            if not text.isdigit():
                raise ProtocolError("a counter that is no number")
            counted[what] = int(text)
        return counted

    def print(self, blocks: tuple[Block, ...], deadline: Deadline) -> ReceiptEvidence:
        """See `ReceiptPrinter.print`. Raises ValueError when the blocks cannot be a receipt."""
        receipt = compose(blocks, self._profile, self._columns)
        self._check_ready(deadline)
        channel = self._connected()
        with self._outcome_unknown_on_error(channel):
            question, is_answer = self._question()
            channel.write(self._scrap_cut() + self._watched(receipt, question), deadline)
            if question:
                self._await_printed(channel, is_answer, deadline)
            sensors = self._sensors(channel, deadline)
            if sensors.cutter_fault or sensors.unrecoverable:
                raise DeviceFault("receipt printed, not cut", _fault_words(sensors))
        self._scrap = False
        self._receipts_near_end = self._receipts_near_end + 1 if sensors.paper_near_end else 0
        return ReceiptEvidence.ACKNOWLEDGED if question else ReceiptEvidence.SENT

    def _watched(self, receipt: bytes, question: bytes) -> bytes:
        """The receipt with its question, and a printer that can tells meanwhile what goes wrong."""
        if not self._profile.automatic_status:
            return receipt + question
        head = len(INITIALISE)
        return receipt[:head] + replies.AUTOMATIC_ON + receipt[head:] + question + replies.AUTOMATIC_OFF

    def clear(self, deadline: Deadline) -> bool:
        """See `ReceiptPrinter.clear`."""
        confirmed = self._reopening(lambda channel: self._cleared(channel, deadline))
        self._scrap = False
        return confirmed

    def _cleared(self, channel: Channel, deadline: Deadline) -> bool:
        soon, confirmed = deadline.sooner(STATUS_S), False
        if self._profile.clears_buffer:
            self._answers_may_be_late = True
            channel.write(replies.CLEAR_BUFFER, soon)
            confirmed = bool(self._await_reply(channel, lambda one: isinstance(one, replies.BufferCleared), soon))
        if self._profile.cutter:
            channel.write(INITIALISE + CUT, soon)
        return confirmed

    def _scrap_cut(self) -> bytes:
        """Parts what is left of one person's receipt from the next one's."""
        return INITIALISE + CUT if self._scrap and self._profile.cutter else b""

    def _check_ready(self, deadline: Deadline) -> None:
        """Raises NotFound or DeviceFault when the printer would not print."""
        try:
            sensors = self._reopening(lambda channel: self._sensors(channel, deadline))
        except NotFound:
            raise
        except DriverError as silent:
            raise DeviceFault("the printer does not answer", {"device": DeviceState.OFFLINE}) from silent
        if not sensors.ready:
            raise DeviceFault("the printer is not ready", _fault_words(sensors))

    def _question(self) -> tuple[bytes, Callable[[replies.Reply], bool]]:
        """What is asked after the cut, and how its answer is known."""
        match self._profile.acknowledgement:
            case Acknowledgement.PROCESS_ID:
                number = secrets.token_hex(2).encode("ascii")
                return replies.ask_process_id(number), lambda reply: reply == replies.ProcessId(number)
            case Acknowledgement.PAPER_STATUS:
                return replies.ASK_PAPER, lambda reply: isinstance(reply, replies.PaperStatus)
            case Acknowledgement.NONE:
                return b"", lambda reply: False

    @contextmanager
    def _outcome_unknown_on_error(self, channel: Channel) -> Iterator[None]:
        """Bytes are on their way: whatever goes wrong now, paper may carry them, and the rest must not
        follow.
        """
        try:
            yield
        except DriverError as failed:
            self._answers_may_be_late = True
            self._scrap = True
            why = self._forget(channel, failed)
            raise OutcomeUnknown(f"receipt sent, its end is not known: {why}") from failed

    def _forget(self, channel: Channel, failed: DriverError) -> str:
        """Have the printer drop what it has not printed, lest it come out before the next person's
        receipt.
        """
        if isinstance(failed, Disconnected):
            self.close()
        elif self._profile.clears_buffer:
            try:
                channel.write(replies.CLEAR_BUFFER, Deadline.after(STATUS_S))
            except DriverError:
                return f"{failed}; the rest may still be in the printer"
        return str(failed)

    def _connected(self) -> Channel:
        if self._channel is None:
            self._channel = recorded(self._open_channel(self._address), self._record, "escpos", redact)
            self._buffer = b""
            self._answers_may_be_late = True
        return self._channel

    def _reopening(self, ask: Callable[[Channel], _T]) -> _T:
        """Ask; a device that was unplugged and is back is asked again, once: asking moves no paper."""
        try:
            return ask(self._connected())
        except Disconnected:
            self.close()
        try:
            return ask(self._connected())
        except Disconnected as gone:
            self.close()
            raise NotFound(str(gone)) from gone

    def _sensors(self, channel: Channel, deadline: Deadline) -> replies.Sensors:
        soon = deadline.sooner(STATUS_S)
        if self._answers_may_be_late:
            self._discard(channel)
        self._answers_may_be_late = True
        channel.write(replies.ASK_STATUS, soon)
        answers = [self._await_reply(channel, _is_real_time, soon) for _ in range(4)]
        self._answers_may_be_late = False
        return replies.Sensors.read(*(answer.value for answer in answers if isinstance(answer, replies.RealTime)))

    def _await_printed(self, channel: Channel, is_answer: Callable[[replies.Reply], bool], deadline: Deadline) -> None:
        """Wait for the answer to what was asked after the cut, looking now and then whether the printer has
        stopped.

        Raises:
            DeviceFault: It has stopped, and the rest of the receipt is in its buffer.
        """
        real_time: list[replies.RealTime] = []
        while True:
            try:
                reply = self._await_reply(channel, lambda _: True, deadline.sooner(LOOK_S))
            except DeadlineExceeded:
                deadline.check("end of the receipt")
                real_time = []
                channel.write(replies.ASK_STATUS, deadline.sooner(STATUS_S))
                continue
            if is_answer(reply):
                return
            if isinstance(reply, replies.AutomaticStatus):
                _check_goes_on(replies.Sensors.read_automatic(reply.value))
            if isinstance(reply, replies.RealTime):
                real_time.append(reply)
            if len(real_time) == 4:
                _check_goes_on(replies.Sensors.read(*(answer.value for answer in real_time)))

    def _await_reply(
        self, channel: Channel, wanted: Callable[[replies.Reply], bool], deadline: Deadline
    ) -> replies.Reply:
        while True:
            used, reply = replies.decode(self._buffer)
            self._buffer = self._buffer[used:]
            if reply is None:
                self._buffer += channel.read(deadline)
            elif wanted(reply):
                return reply

    def _discard(self, channel: Channel) -> None:
        """Drop answers to questions nobody waits for any more."""
        self._buffer = b""
        give_up = time.monotonic() + STATUS_S
        while time.monotonic() < give_up:
            try:
                channel.read(Deadline.after(SETTLE_S))
            except DeadlineExceeded:
                return

    def _words(self, sensors: replies.Sensors) -> ReceiptPrinterStatus:
        paper = _paper(sensors)
        if paper is PaperState.LOW and self._receipts_near_end < NEAR_END_RECEIPTS:
            paper = PaperState.FULL
        return ReceiptPrinterStatus(_device(sensors), paper, sensors.cover_open, sensors.cutter_fault)


def _check_goes_on(sensors: replies.Sensors) -> None:
    """Raise DeviceFault when the printer stopped with a receipt under way."""
    if not sensors.ready:
        raise DeviceFault("the printer stopped in the receipt", _fault_words(sensors))


def _is_real_time(reply: replies.Reply) -> bool:
    return isinstance(reply, replies.RealTime)


def _paper(sensors: replies.Sensors) -> PaperState:
    if sensors.paper_end:
        return PaperState.OUT
    return PaperState.LOW if sensors.paper_near_end else PaperState.FULL


def _fault_words(sensors: replies.Sensors) -> dict[str, str]:
    return {"device": _device(sensors), "paper": _paper(sensors)}


def _device(sensors: replies.Sensors) -> DeviceState:
    """An empty roll is told by `paper`; the printer itself is well."""
    if sensors.cutter_fault or sensors.unrecoverable:
        return DeviceState.HARDWARE_ERROR
    if sensors.cover_open:
        return DeviceState.USER_ERROR
    if (sensors.offline or sensors.error) and not sensors.paper_end:
        return DeviceState.OFFLINE
    return DeviceState.ONLINE
