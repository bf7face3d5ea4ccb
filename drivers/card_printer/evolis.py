"""An Evolis card printer on USB: one blank at a time, each move sent once, each end known or said to be unknown."""

import time
from collections.abc import Callable
from typing import TypeVar

from drivers.card_printer import evolis_status as sensing
from drivers.card_printer.evolis_answers import Done, Refused, Text
from drivers.card_printer.evolis_faults import CARD_INSIDE, EMPTY_HOPPER, NO_CARD, NO_RIBBON, device_fault
from drivers.card_printer.evolis_link import EvolisLink
from drivers.card_printer.evolis_settings import Settings
from drivers.card_printer.evolis_wire import Command, Name
from drivers.card_printer.port import (
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
from drivers.card_printer.profiles import PROFILES, RIBBONS
from drivers.card_printer.raster import Alignment, Area, panels
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
from drivers.status import DeviceState, PresentedState
from drivers.transport.usb import UsbAddress

__all__ = ["EvolisPrinter", "Settings", "create"]

PRINTER_CLASS = 7
ANSWER_S = 2.0
"""A question is answered at once; a raster block as soon as its last byte is in."""
TAKEN_POLL_S = 0.2

_STATIONS = {Place.INSIDE: Name.INSERT, Place.CONTACT: Name.TO_CONTACT, Place.CONTACTLESS: Name.TO_CONTACTLESS}
_T = TypeVar("_T")


def create(settings: Settings) -> "EvolisPrinter":
    """The printer, not yet opened."""
    return EvolisPrinter(settings)


class EvolisPrinter:
    """Implements `CardPrinter`. One thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._profile = PROFILES[settings.profile]
        self._ribbon = RIBBONS[settings.ribbon]
        self._align = Alignment(**settings.alignment.model_dump())
        self._free = Area(**settings.chip_area.model_dump()) if settings.chip_area else None
        self._address = UsbAddress(
            settings.vendor_id, settings.product_id, settings.serial, PRINTER_CLASS, settings.backend
        )
        self._link: EvolisLink | None = None
        self._job: CardJob | None = None

    def open(self, deadline: Deadline) -> None:
        """See `CardPrinter.open`."""
        try:
            self._connected(deadline)
        except DriverError:
            self.close()

    def close(self) -> None:
        """See `CardPrinter.close`."""
        link, self._link, self._job = self._link, None, None
        if link is not None:
            link.close()

    def capabilities(self) -> Capabilities:
        """See `CardPrinter.capabilities`."""
        profile = self._profile
        places = {Place.INSIDE, Place.EXIT, Place.REJECT}
        places |= {Place.CONTACT} if profile.contact else set()
        places |= {Place.CONTACTLESS} if profile.contactless else set()
        return Capabilities(
            frozenset(places),
            duplex=profile.duplex,
            back_in_colour="y" in self._ribbon.back,
            holds_after_print=profile.keeps_card,
            retracts=profile.exit_sensor,
            tells_taken=profile.exit_sensor,
        )

    def identify(self, deadline: Deadline) -> Identity:
        """See `CardPrinter.identify`."""
        names = (Name.MODEL, Name.SERIAL, Name.FIRMWARE, Name.PRINT_HEAD)
        return self._reopening(lambda link: Identity(*(link.text(Command(name), deadline) for name in names)), deadline)

    def status(self, deadline: Deadline) -> CardPrinterStatus:
        """See `CardPrinter.status`."""
        if self._job is not None:
            return CardPrinterStatus(DeviceState.DEVICE_BUSY)
        try:
            soon = deadline.sooner(ANSWER_S)
            return self._reopening(lambda link: sensing.status(link, self._profile, self._ribbon, soon), soon)
        except NotFound:
            return CardPrinterStatus(DeviceState.NO_DEVICE)
        except DriverError:
            return CardPrinterStatus(DeviceState.OFFLINE)

    def counters(self, deadline: Deadline) -> Counters:
        """See `CardPrinter.counters`."""
        return self._reopening(lambda link: sensing.counters(link, deadline), deadline)

    def move(self, to: Place, deadline: Deadline) -> None:
        """See `CardPrinter.move`."""
        if to not in self.capabilities().places:
            raise Unsupported(f"a {self._profile.name} has no {to}")
        at = self._checked(lambda link: self._whereabouts(link, deadline), deadline)
        if at is to:
            return
        if to in _STATIONS:
            if at in (None, Place.EXIT):
                self._checked(lambda link: self._check_feeder(link, deadline), deadline)
            self._act(_STATIONS[to], deadline)
            return
        if at is None:
            raise DeviceFault("there is no card to move", NO_CARD)
        if to is Place.REJECT:
            if at is Place.EXIT:
                self._act(Name.INSERT_FROM_BACK, deadline)
            self._act(Name.REJECT, deadline)
        else:
            let_go = [Command(Name.KEEP_AFTER_PRINT, ("A", "1"))] if self._profile.keeps_card else []
            self._order([Command(Name.START), *let_go], deadline)
            self._act(Name.PRINT, deadline)

    def feed_by_hand(self, to: Place, deadline: Deadline) -> None:
        """See `CardPrinter.feed_by_hand`."""
        if to not in _STATIONS or to not in self.capabilities().places:
            raise Unsupported(f"a {self._profile.name} has no {to}")
        if self._checked(lambda link: self._whereabouts(link, deadline), deadline) not in (None, Place.EXIT):
            raise DeviceFault("a card is in the path already", CARD_INSIDE)
        self._checked(lambda link: sensing.check_cover(link, deadline), deadline)
        self._order([Command(Name.FEED_FROM, ("M",))], deadline)
        try:
            # The hopper's sensor says nothing about the slot.
            self._act(_STATIONS[to], deadline, lambda: None)
        finally:
            self._feed_from_hopper()

    def print(self, front: CardSide, back: CardSide | None, deadline: Deadline) -> CardJob:
        """See `CardPrinter.print`."""
        if back is not None and not self._profile.duplex:
            raise Unsupported(f"a {self._profile.name} prints one side")
        # Packed before the printer is asked anything, so that the wire is never waited for by it.
        commands = [Command(Name.FRONT), *self._blocks(front, self._ribbon.front, False)]
        if back is not None:
            upside_down = self._profile.back_upside_down
            commands += [Command(Name.BACK), *self._blocks(back, self._ribbon.back, upside_down)]
        before = self._checked(lambda link: self._check_printable(link, back is not None, deadline), deadline)
        keep = [Command(Name.KEEP_AFTER_PRINT, ("E",))] if self._profile.keeps_card else []
        ribbon = Command(Name.RIBBON, (self._ribbon.name,))
        self._order([ribbon, *keep, Command(Name.START), *commands], deadline)
        link = self._connected(deadline)
        job = CardJob(before, sum(command.data is not None for command in commands))
        self._job = job
        try:
            link.send(Command(Name.PRINT), deadline)
        except DriverError as failed:
            self._lost(failed)
            raise OutcomeUnknown(f"the start of the print may have been sent: {failed}") from failed
        return job

    def wait(self, job: CardJob, deadline: Deadline) -> PrintedCard:
        """See `CardPrinter.wait`."""
        if self._job is None or self._link is None:
            raise OutcomeUnknown("nothing is being printed any more")
        try:
            answer = self._link.answer(deadline)
        except DeadlineExceeded:
            raise
        except DriverError as failed:
            self._lost(failed)
            raise OutcomeUnknown(f"the end of the print is not known: {failed}") from failed
        self._job = None
        match answer:
            case Done():
                return PrintedCard(Place.INSIDE if self._profile.keeps_card else Place.EXIT)
            case Refused():
                raise device_fault("the printer stopped in the print", answer)
            case Text():
                raise OutcomeUnknown("the printer's answer to the print makes no sense")

    def recall(self, job: CardJob, deadline: Deadline) -> JobState:
        """See `CardPrinter.recall`."""
        self._job = None
        try:
            now = self._reopening(lambda link: sensing.counter(link, "p", deadline), deadline)
            inside = self._reopening(lambda link: sensing.card_at(link, deadline), deadline)
        except DriverError:
            return JobState.UNKNOWN
        if now is None or job.panels_before is None:
            return JobState.UNKNOWN
        used = now - job.panels_before
        if used == job.panels:
            return JobState.PRINTED
        if used == 0:
            return JobState.NOT_PRINTED if inside is not None else JobState.UNKNOWN
        return JobState.PARTLY if 0 < used < job.panels else JobState.UNKNOWN

    def wait_taken(self, deadline: Deadline) -> bool:
        """See `CardPrinter.wait_taken`."""
        if not self._profile.exit_sensor:
            raise Unsupported(f"a {self._profile.name} does not see its exit")
        while True:
            lies_there = self._reopening(lambda link: sensing.in_exit(link, deadline.sooner(ANSWER_S)), deadline)
            if lies_there is PresentedState.NOT_PRESENTED:
                return True
            if deadline.remaining_s < TAKEN_POLL_S:
                return False
            # The printer tells nothing by itself: looking now and then is the only way to hear of it.
            time.sleep(TAKEN_POLL_S)

    def clean(self, deadline: Deadline) -> None:
        """See `CardPrinter.clean`."""
        self._act(Name.CLEAN, deadline)

    def reset(self, deadline: Deadline) -> None:
        """See `CardPrinter.reset`."""
        self._job = None
        self._act(Name.RESET, deadline)

    def _blocks(self, side: CardSide, wanted: str, upside_down: bool) -> list[Command]:
        levels = self._profile.levels
        packed = panels(side, wanted, levels, align=self._align, free=self._free, upside_down=upside_down)
        return [Command(Name.BITMAP, (panel, str(shades)), data) for panel, shades, data in packed]

    def _feed_from_hopper(self) -> None:
        """As `_connected` leaves it; a link over which that cannot be said is not kept."""
        try:
            self._order([Command(Name.FEED_FROM, ("F",))], Deadline.after(ANSWER_S))
        except DriverError:
            self.close()

    def _act(self, name: Name, deadline: Deadline, holds_cards: Callable[[], bool | None] | None = None) -> None:
        """Send a command that moves a card, once.

        Args:
            holds_cards: Whether there is a card to feed, asked after a feeder fault; by itself, the hopper's sensor.

        Raises:
            NotFound, DeviceFault, OutcomeUnknown: As `CardPrinter.move`.
        """
        link = self._checked(lambda link: link.ready(deadline), deadline)
        try:
            answer = link.ask(Command(name), deadline)
        except DriverError as failed:
            self._lost(failed)
            raise OutcomeUnknown(f"whether the card moved is not known: {failed}") from failed
        if isinstance(answer, Refused):
            raise device_fault("the printer could not move the card", answer, holds_cards or self._feeder_holds_cards)
        if not isinstance(answer, Done):
            raise OutcomeUnknown(f"the printer's answer to {name} makes no sense")

    def _order(self, commands: list[Command], deadline: Deadline) -> None:
        """Send commands that move nothing. Raises DriverError."""
        link = self._connected(deadline)
        try:
            for command, answer in link.ask_each(commands, deadline):
                if isinstance(answer, Refused):
                    raise device_fault(f"the printer refuses {command.name}", answer)
                if not isinstance(answer, Done):
                    raise ProtocolError(f"the printer's answer to {command.name} makes no sense")
        except Disconnected:
            self.close()
            raise

    def _checked(self, ask: Callable[[EvolisLink], _T], deadline: Deadline) -> _T:
        """Ask before anything moves. Raises NotFound or DeviceFault."""
        try:
            return self._reopening(ask, deadline)
        except (NotFound, DeviceFault):
            raise
        except DriverError as silent:
            raise DeviceFault("the printer does not answer", {"device": DeviceState.OFFLINE}) from silent

    def _whereabouts(self, link: EvolisLink, deadline: Deadline) -> Place | None:
        at = sensing.card_at(link, deadline)
        if at is None and self._profile.exit_sensor and sensing.in_exit(link, deadline) is PresentedState.PRESENTED:
            return Place.EXIT
        return at

    def _check_feeder(self, link: EvolisLink, deadline: Deadline) -> None:
        sensing.check_cover(link, deadline)
        if self._profile.hopper_sensors and not sensing.hopper_has_cards(link, deadline):
            raise DeviceFault("the hopper is empty", EMPTY_HOPPER)

    def _check_printable(self, link: EvolisLink, both_sides: bool, deadline: Deadline) -> int | None:
        """Raises DeviceFault when a print would fail; else the panel count before it."""
        sensing.check_cover(link, deadline)
        if sensing.card_at(link, deadline) is None:
            raise DeviceFault("there is no card to print on", NO_CARD)
        if not sensing.ribbon_lasts(link, self._profile, self._ribbon, both_sides, deadline):
            raise DeviceFault("the ribbon is used up", NO_RIBBON)
        return sensing.counter(link, "p", deadline)

    def _feeder_holds_cards(self) -> bool | None:
        """After a feeder fault: an empty hopper or a jam?"""
        if not self._profile.hopper_sensors:
            return None
        soon = Deadline.after(ANSWER_S)
        try:
            return self._reopening(lambda link: sensing.hopper_has_cards(link, soon), soon)
        except DriverError:
            return None

    def _connected(self, deadline: Deadline) -> EvolisLink:
        if self._link is None:
            link = EvolisLink.open(self._address)
            try:
                # The host handles errors; without it the printer waits for a button and retries by itself.
                for command in (Command(Name.ERROR_MODE, ("2",)), Command(Name.FEED_FROM, ("F",))):
                    if isinstance(answer := link.ask(command, deadline), Refused):
                        raise device_fault(f"the printer refuses {command.name}", answer)
            except DriverError:
                link.close()
                raise
            self._link = link
        return self._link

    def _reopening(self, ask: Callable[[EvolisLink], _T], deadline: Deadline) -> _T:
        """Ask; a device that was unplugged and is back is asked again, once: asking moves no card."""
        try:
            return ask(self._connected(deadline))
        except Disconnected:
            self.close()
        try:
            return ask(self._connected(deadline))
        except Disconnected as gone:
            self.close()
            raise NotFound(str(gone)) from gone

    def _lost(self, failed: DriverError) -> None:
        self._job = None
        if isinstance(failed, Disconnected):
            self.close()
