"""An A4 feeder with the CRT-style framing on USB, as the port `PaperFeeder`."""

import struct
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
from drivers.errors import (
    DeadlineExceeded,
    Disconnected,
    DriverError,
    NotFound,
    ProtocolError,
    Unsupported,
)
from drivers.paper_feeder import page
from drivers.paper_feeder.link import Link
from drivers.paper_feeder.port import (
    Abilities,
    Counters,
    FeederStatus,
    MoveFailed,
    MoveUnknown,
    NotInitialised,
    Position,
    SheetAt,
)
from drivers.paper_feeder.profiles import PROFILES
from drivers.paper_feeder.wire import Answer, CommandCode, Refusal
from drivers.status import DeviceState, MediaState, PresentedState
from drivers.transport.record import Channel, everything, recorded
from drivers.transport.usb import LIBUSB, UsbAddress, UsbChannel, facts_of, parse_backend

VENDOR_CLASS = 255
POLL_S = 0.1
"""How often a presented sheet is looked at: a hand takes longer than that."""
SILENCE_S = 3.0
"""A feeder that does not answer for so long while a sheet is presented counts as gone."""


def _check_backend(text: str) -> str:
    parse_backend(text)
    return text


class Settings(DriverSettings):
    """Where the feeder is.

    Attributes:
        serial: USB serial number; None takes any of the model.
        backend: "libusb", or "usbip:HOST:PORT".
        page: Command page: "a4-1" is ours, "crt-571" Creator's card transports' (unconfirmed on hardware).
        record: File to which everything on the wire is added; None records nothing.
    """

    vendor_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    product_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    serial: str | None = None
    backend: Annotated[str, AfterValidator(_check_backend)] = LIBUSB
    page: Literal["a4-1", "crt-571"] = "a4-1"
    record: Path | None = None


def create(settings: Settings) -> "CrtFeeder":
    """The feeder, not yet opened."""
    return CrtFeeder(settings)


class CrtFeeder:
    """Implements `PaperFeeder`. One thread at a time."""

    def __init__(self, settings: Settings, open_channel: Callable[[UsbAddress], Channel] = UsbChannel.open) -> None:
        """Make it.

        Args:
            open_channel: Another wire, as a recording that is played back.
        """
        self._address = UsbAddress(
            settings.vendor_id, settings.product_id, settings.serial, VENDOR_CLASS, settings.backend
        )
        self._profile = PROFILES[settings.page]
        self._open_channel = open_channel
        self._record = settings.record
        self._channel: Channel | None = None
        self._link: Link | None = None

    @property
    def abilities(self) -> Abilities:
        """See `PaperFeeder.abilities`."""
        return self._profile.abilities

    def open(self, deadline: Deadline) -> None:
        """See `PaperFeeder.open`."""
        try:
            self._connected()
        except DriverError:
            self.close()

    def close(self) -> None:
        """See `PaperFeeder.close`."""
        if self._channel is not None:
            self._channel.close()
        self._channel = self._link = None

    def status(self, deadline: Deadline) -> FeederStatus:
        """See `PaperFeeder.status`."""
        try:
            return self._words(self._question(CommandCode.STATUS, page.Status.STATE, deadline))
        except NotFound:
            return FeederStatus(DeviceState.NO_DEVICE, None, None, None, None, None)
        except DriverError:
            return FeederStatus(DeviceState.OFFLINE, None, None, None, None, None)

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """See `PaperFeeder.facts`."""
        try:
            self._connected()
        except DriverError:
            return {}
        return facts_of(self._channel)

    def sensors(self, deadline: Deadline) -> tuple[bool, ...]:
        """See `PaperFeeder.sensors`."""
        if not self._profile.sensors:
            raise Unsupported("what this model's sensors stand for is not known")
        answer = self._question(CommandCode.STATUS, page.Status.SENSORS, deadline)
        if len(answer.data) != 1:
            raise ProtocolError("sensors are one byte")
        return tuple(bool(answer.data[0] >> bit & 1) for bit in range(8))

    def initialise(self, clear: bool, deadline: Deadline) -> FeederStatus:
        """See `PaperFeeder.initialise`."""
        how = self._profile.clear if clear else self._profile.stay
        return self._words(self._move(CommandCode.INITIALISE, how, deadline))

    def feed(self, deadline: Deadline) -> None:
        """See `PaperFeeder.feed`."""
        self._move(CommandCode.MOVE, self._profile.feed, deadline)

    def present(self, deadline: Deadline) -> None:
        """See `PaperFeeder.present`."""
        self._move(CommandCode.MOVE, self._profile.present, deadline)

    def retain(self, deadline: Deadline) -> None:
        """See `PaperFeeder.retain`."""
        self._move(CommandCode.MOVE, self._profile.retain, deadline)

    def retract(self, deadline: Deadline) -> None:
        """See `PaperFeeder.retract`."""
        self._move(CommandCode.MOVE, self._profile.retract, deadline)

    def wait_taken(self, deadline: Deadline) -> None:
        """See `PaperFeeder.wait_taken`."""
        heard = time.monotonic()
        while True:
            status = self.status(deadline.sooner(page.STATUS_S))
            if status.position is not None:
                heard = time.monotonic()
                if status.position is Position.NONE:
                    return
            elif time.monotonic() - heard > SILENCE_S:
                raise Disconnected("the feeder stopped answering while a sheet was presented")
            deadline.check("hand that takes the sheet")
            time.sleep(min(POLL_S, deadline.remaining_s))

    def counters(self, deadline: Deadline) -> Counters:
        """See `PaperFeeder.counters`."""
        if not self._profile.counts:
            raise Unsupported("this model tells no counters")
        answer = self._question(CommandCode.COUNTERS, page.CountersWhat.READ, deadline)
        if len(answer.data) != 5 * 4:
            raise ProtocolError("counters are five numbers of four bytes")
        return Counters(*struct.unpack(">5I", answer.data))

    def bin_emptied(self, deadline: Deadline) -> None:
        """See `PaperFeeder.bin_emptied`."""
        if not self._profile.counts:
            raise Unsupported("this model tells no counters")
        self._question(CommandCode.COUNTERS, page.CountersWhat.BIN_EMPTIED, deadline)

    def _connected(self) -> Link:
        if self._link is None:
            self._channel = recorded(self._open_channel(self._address), self._record, "crt", everything)
            link = Link(self._channel, self._profile.sequenced)
            try:
                link.begin(Deadline.after(page.STATUS_S))
            except DriverError:
                self.close()
                raise
            self._link = link
        return self._link

    def _question(self, code: CommandCode, parameter: int, deadline: Deadline) -> Answer:
        """Ask something that moves nothing; a feeder that was unplugged and is back is asked again, once."""
        try:
            return self._accepted(self._connected().ask(code, parameter, deadline))
        except Disconnected:
            self.close()
        try:
            return self._accepted(self._connected().ask(code, parameter, deadline))
        except Disconnected as gone:
            self.close()
            raise NotFound(str(gone)) from gone

    def _move(self, code: CommandCode, parameter: int | None, deadline: Deadline) -> Answer:
        """Have paper moved, after a look whether anybody is there: what is asked of nobody was not asked."""
        if parameter is None:
            raise Unsupported("this model has no such move")
        try:
            self._question(CommandCode.STATUS, page.Status.STATE, deadline.sooner(page.STATUS_S))
        except (DeadlineExceeded, ProtocolError) as silent:
            words = {"device": DeviceState.OFFLINE}
            raise MoveFailed("the feeder does not answer", words, SheetAt.UNMOVED) from silent
        link = self._connected()
        try:
            return self._accepted(link.ask(code, parameter, deadline.sooner(page.MOVE_S)))
        except ProtocolError as refused:
            words = {"device": DeviceState.HARDWARE_ERROR}
            raise MoveFailed("the feeder refuses; nothing moved", words, SheetAt.UNMOVED) from refused
        except DeadlineExceeded as silent:
            raise MoveUnknown("the feeder fell silent when it was asked to move paper") from silent
        except Disconnected as gone:
            self.close()
            raise MoveUnknown("the feeder went away when it was asked to move paper") from gone

    def _accepted(self, reply: Answer | Refusal) -> Answer:
        if isinstance(reply, Answer):
            return reply
        fault = self._profile.errors.get(reply.error, page.Fault("unknown error", sheet=SheetAt.UNKNOWN))
        said = {
            "device": fault.device,
            "paper": fault.paper,
            "media": fault.media,
            "retract_bin": fault.retract_bin,
        }
        words = {name: str(word) for name, word in said.items() if word is not None}
        sensor = reply.data[0] if reply.data else 0
        where = f" at S{sensor}" if sensor else ""
        failed = NotInitialised if reply.error == page.NOT_INITIALISED else MoveFailed
        raise failed(
            fault.what + where, words, self._profile.sheet_at(fault, sensor), reply.error.decode("ascii", "replace")
        )

    def _words(self, answer: Answer) -> FeederStatus:
        position = self._profile.positions.get(answer.status[0])
        if position is None:
            raise ProtocolError(f"st0 {answer.status[0]:#04x}")
        # The data of a state answer is the fault that stands, as an error code's characters.
        fault = self._profile.errors.get(answer.data[:2]) if len(answer.data) >= 2 else None
        media = MediaState.NOT_PRESENT if position is Position.NONE else MediaState.PRESENT
        presented = PresentedState.PRESENTED if position is Position.PRESENTED else PresentedState.NOT_PRESENTED
        return FeederStatus(
            device=fault.device if fault else DeviceState.ONLINE,
            paper=self._profile.hopper.get(answer.status[1]),
            media=(fault.media if fault else None) or media,
            position=position,
            retract_bin=self._profile.bin.get(answer.status[2]),
            presented=presented,
        )
