"""The presenter of a Zebra TTP kiosk printer on USB, as the port `PaperFeeder`: presents, sees taken, retracts.

It prints from a roll, so it feeds nothing and holds nothing; it counts nothing either. Unconfirmed on hardware.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, DriverError, NotFound, Unsupported
from drivers.paper_feeder import ttp_codec as ttp
from drivers.paper_feeder.page import Fault
from drivers.paper_feeder.port import Abilities, Counters, FeederStatus, MoveFailed, MoveUnknown, Position, SheetAt
from drivers.status import DeviceState, MediaState, PaperState, PresentedState
from drivers.transport.record import Channel, everything, recorded
from drivers.transport.usb import LIBUSB, UsbAddress, UsbChannel, facts_of, parse_backend

PRINTER_CLASS: Final = 7
ANSWER_S: Final = 1.0
"""Status is answered at once, whatever waits in the print queue."""
MOVE_S: Final = 10.0
POLL_S: Final = 0.1


def _check_backend(text: str) -> str:
    parse_backend(text)
    return text


class Settings(DriverSettings):
    """Where the printer is.

    Attributes:
        serial: USB serial number; None takes any of the model.
        backend: "libusb", or "usbip:HOST:PORT".
        present_mm: How far a page comes out to be pulled.
        record: File to which everything on the wire is added; None records nothing.
    """

    vendor_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    product_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    serial: str | None = None
    backend: Annotated[str, AfterValidator(_check_backend)] = LIBUSB
    present_mm: Annotated[int, Field(ge=1, le=ttp.MOST_PRESENT_MM)] = 80
    record: Path | None = None


def create(settings: Settings) -> "TtpPresenter":
    """The presenter, not yet opened."""
    return TtpPresenter(settings)


class TtpPresenter:
    """Implements `PaperFeeder`. One thread at a time."""

    abilities = Abilities(feeds=False, collects=1, retains=False)

    def __init__(self, settings: Settings, open_channel: Callable[[UsbAddress], Channel] = UsbChannel.open) -> None:
        """Make it.

        Args:
            open_channel: Another wire, as a recording that is played back.
        """
        self._settings = settings
        self._open_channel = open_channel
        self._channel: Channel | None = None

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
            self._channel = None

    def status(self, deadline: Deadline) -> FeederStatus:
        """See `PaperFeeder.status`."""
        try:
            return self._status(deadline)
        except NotFound:
            return FeederStatus(DeviceState.NO_DEVICE, None, None, None, None, None)
        except DriverError:
            return FeederStatus(DeviceState.OFFLINE, None, None, None, None, None)

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """See `PaperFeeder.facts`."""
        try:
            return facts_of(self._connected())
        except DriverError:
            return {}

    def sensors(self, deadline: Deadline) -> tuple[bool, ...]:
        """This path has other sensors than S1 to S8. Raises Unsupported."""
        raise Unsupported("this presenter's sensors are not those of an A4 path")

    def initialise(self, clear: bool, deadline: Deadline) -> FeederStatus:
        """See `PaperFeeder.initialise`."""
        if clear and self._status(deadline).position is Position.PRESENTED:
            self.retract(deadline)
        return self._status(deadline)

    def feed(self, deadline: Deadline) -> None:
        """It prints from a roll. Raises Unsupported."""
        raise Unsupported("this printer feeds its own paper")

    def present(self, deadline: Deadline) -> None:
        """See `PaperFeeder.present`."""
        self._move(ttp.present(self._settings.present_mm), Position.PRESENTED, deadline)

    def retract(self, deadline: Deadline) -> None:
        """See `PaperFeeder.retract`."""
        self._move(ttp.RETRACT, Position.NONE, deadline)

    def retain(self, deadline: Deadline) -> None:
        """It can only retract. Raises Unsupported."""
        raise Unsupported("this presenter holds nothing back")

    def wait_taken(self, deadline: Deadline) -> None:
        """See `PaperFeeder.wait_taken`."""
        while self._status(deadline).position is Position.PRESENTED:
            deadline.check("hand that takes the page")
            time.sleep(min(POLL_S, deadline.remaining_s))

    def counters(self, deadline: Deadline) -> Counters:
        """It counts nothing. Raises Unsupported."""
        raise Unsupported("this presenter counts nothing")

    def bin_emptied(self, deadline: Deadline) -> None:
        """It counts nothing. Raises Unsupported."""
        raise Unsupported("this presenter counts nothing")

    def _status(self, deadline: Deadline) -> FeederStatus:
        sensors, fault = self._asked(deadline)
        at_presenter = sensors.paper_at_presenter
        paper = PaperState.OUT if sensors.out else PaperState.LOW if sensors.near_end else PaperState.FULL
        device = fault.device if fault else DeviceState.ONLINE
        if sensors.head_lifted:
            device = DeviceState.USER_ERROR
        return FeederStatus(
            device=device,
            paper=paper,
            media=(fault.media if fault else None) or (MediaState.PRESENT if at_presenter else MediaState.NOT_PRESENT),
            position=Position.PRESENTED if at_presenter else Position.NONE,
            retract_bin=None,
            presented=PresentedState.PRESENTED if at_presenter else PresentedState.NOT_PRESENTED,
        )

    def _asked(self, deadline: Deadline) -> tuple[ttp.Sensors, Fault | None]:
        """Sensors, and the fault where there is one; a printer that is back is asked again, once."""
        try:
            return self._ask(deadline)
        except Disconnected:
            self.close()
        try:
            return self._ask(deadline)
        except Disconnected as gone:
            self.close()
            raise NotFound(str(gone)) from gone

    def _ask(self, deadline: Deadline) -> tuple[ttp.Sensors, Fault | None]:
        channel, soon = self._connected(), deadline.sooner(ANSWER_S)
        channel.write(ttp.ASK_STATUS, soon)
        answer = channel.read(soon)
        while len(answer) < 2:
            answer += channel.read(soon)
        sensors = ttp.Sensors.read(answer[:2])
        if not sensors.code_available:
            return sensors, None
        channel.write(ttp.ASK_CODE, soon)
        _, code = ttp.read_code(said := channel.read(soon))
        while code is None:
            said += channel.read(soon)
            _, code = ttp.read_code(said)
        return sensors, ttp.CODES.get(code, Fault("undefined", sheet=SheetAt.UNKNOWN)) if code else None

    def _move(self, command: bytes, reached: Position, deadline: Deadline) -> None:
        """Told once; where the page is then is seen by the presenter's sensor."""
        if self._status(deadline).position is reached:
            return
        until = deadline.sooner(MOVE_S)
        try:
            self._connected().write(command, until)
            while True:
                sensors, fault = self._asked(until)
                if sensors.paper_at_presenter is (reached is Position.PRESENTED):
                    return
                if fault is not None and fault.device is DeviceState.HARDWARE_ERROR:
                    raise MoveFailed(fault.what, {"device": fault.device}, fault.sheet or SheetAt.UNKNOWN)
                until.check("page at its place")
                time.sleep(min(POLL_S, until.remaining_s))
        except (DeadlineExceeded, Disconnected, NotFound) as lost:
            raise MoveUnknown("the presenter was told to move a page, and does not say where it is") from lost

    def _connected(self) -> Channel:
        if self._channel is None:
            settings = self._settings
            address = UsbAddress(
                settings.vendor_id, settings.product_id, settings.serial, PRINTER_CLASS, settings.backend
            )
            self._channel = recorded(self._open_channel(address), settings.record, "zebra_ttp", everything)
        return self._channel
