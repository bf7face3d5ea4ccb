"""Questions an Evolis printer is asked about itself, and what its answers mean."""

from drivers.card_printer.evolis_answers import (
    CARD_AT,
    PRESENT_VOLTS,
    Done,
    Refusal,
    Refused,
    Text,
    count,
    volts,
)
from drivers.card_printer.evolis_faults import OPEN_COVER, device_fault
from drivers.card_printer.evolis_link import EvolisLink
from drivers.card_printer.evolis_wire import Command, Name
from drivers.card_printer.port import CardPrinterStatus, Counters, Place
from drivers.card_printer.profiles import Profile, Ribbon
from drivers.deadline import Deadline
from drivers.errors import DeviceFault, ProtocolError
from drivers.status import DeviceState, InkState, MediaState, PaperState, PresentedState, RetractBinState

LOW_CARDS = 20
"""A ribbon for fewer cards than this is low; the makers' own programs warn there too."""


def status(link: EvolisLink, profile: Profile, ribbon: Ribbon, deadline: Deadline) -> CardPrinterStatus:
    """All of it. Raises DriverError when the printer does not answer."""
    cover_open = not _seen(link, "o", deadline)
    try:
        at, jammed = card_at(link, deadline), False
    except DeviceFault:
        at, jammed = None, True
    last = link.ask(Command(Name.LAST_ANSWER), deadline)
    fault = last if isinstance(last, Refused) else None
    presented = in_exit(link, deadline) if profile.exit_sensor else None
    if at is None and presented is PresentedState.PRESENTED:
        at = Place.EXIT
    sets = _sets_left(link, deadline) if profile.ribbon_chip else None
    cards = None if sets is None else sets // _sets_a_card(ribbon, True)
    return CardPrinterStatus(
        device=_device(cover_open, jammed, fault),
        media=MediaState.JAMMED if jammed else MediaState.NOT_PRESENT if at is None else MediaState.PRESENT,
        card_at=at,
        presented=presented,
        ribbon=_ribbon(link, cards, deadline),
        ribbon_panels=None if sets is None else sets * ribbon.panels_a_set,
        ribbon_cards=cards,
        hopper=_hopper(link, deadline) if profile.hopper_sensors else None,
        reject_bin=_reject_bin(link, deadline) if profile.reject_sensor else None,
        cleaning_due=_cleaning_due(link, deadline),
        cover_open=cover_open,
        # The language tells of a hot head only as the reason of a refusal; a head that is well it cannot tell.
        head_hot=True if fault is not None and fault.why is Refusal.HEAD else None,
        code=fault.code if fault is not None else "",
    )


def counters(link: EvolisLink, deadline: Deadline) -> Counters:
    """Life counters. Raises DriverError when the printer does not answer."""
    return Counters(*(counter(link, which, deadline) for which in ("p", "c", "n", "a")))


def counter(link: EvolisLink, which: str, deadline: Deadline) -> int | None:
    """One of them; None when this model does not know it."""
    answer = link.ask(Command(Name.COUNTER, (which,)), deadline)
    if isinstance(answer, Refused):
        return None
    if not isinstance(answer, Text):
        raise ProtocolError("the counter is no number")
    return count(answer.text)


def card_at(link: EvolisLink, deadline: Deadline) -> Place | None:
    """Where in the card path a card is; None when there is none.

    Raises:
        DeviceFault: It is jammed.
        DriverError: No answer that makes sense.
    """
    match link.ask(Command(Name.LAST_ANSWER, ("p",)), deadline):
        case Done():
            return None
        case Refused(Refusal.COMMAND | Refusal.PARAMETER):
            # It did not understand the question, and that says nothing about the card.
            raise ProtocolError("the printer refuses to say where the card is")
        case Refused() as refused:
            raise device_fault("the card is jammed", refused)
        case Text(text) if text in CARD_AT:
            return CARD_AT[text]
    raise ProtocolError("where the card is makes no sense")


def in_exit(link: EvolisLink, deadline: Deadline) -> PresentedState:
    """Whether a card lies where the resident can take it."""
    return PresentedState.PRESENTED if _seen(link, "b", deadline) else PresentedState.NOT_PRESENTED


def hopper_has_cards(link: EvolisLink, deadline: Deadline) -> bool:
    """Whether there is a blank left."""
    return _seen(link, "f", deadline)


def check_cover(link: EvolisLink, deadline: Deadline) -> None:
    """Raises DeviceFault when the cover is open."""
    if not _seen(link, "o", deadline):
        raise DeviceFault("the cover is open", OPEN_COVER)


def ribbon_lasts(link: EvolisLink, profile: Profile, ribbon: Ribbon, both_sides: bool, deadline: Deadline) -> bool:
    """Whether the ribbon is good for one more card, as far as the printer can tell."""
    if not profile.ribbon_chip:
        return _not_at_end(link, deadline)
    return _sets_left(link, deadline) >= _sets_a_card(ribbon, both_sides)


def _sets_a_card(ribbon: Ribbon, both_sides: bool) -> int:
    """Panel sets of the ribbon for one card: ymcko takes two for two sides, ymckok one."""
    return 2 if both_sides and ribbon.front == ribbon.back else 1


def _sets_left(link: EvolisLink, deadline: Deadline) -> int:
    match link.ask(Command(Name.RIBBON_CHIP, ("count",)), deadline):
        case Text(text):
            return count(text)
        case Refused(Refusal.RIBBON):
            return 0
    raise ProtocolError("the ribbon's count is no number")


def _ribbon(link: EvolisLink, cards: int | None, deadline: Deadline) -> InkState:
    if cards is None:
        return InkState.UNKNOWN if _not_at_end(link, deadline) else InkState.OUT
    if cards == 0:
        return InkState.OUT
    return InkState.LOW if cards < LOW_CARDS else InkState.FULL


def _not_at_end(link: EvolisLink, deadline: Deadline) -> bool:
    match link.ask(Command(Name.RIBBON_NOT_AT_END), deadline):
        case Done():
            return True
        case Refused(Refusal.RIBBON):
            return False
    raise ProtocolError("the ribbon's state makes no sense")


def _hopper(link: EvolisLink, deadline: Deadline) -> PaperState:
    if not hopper_has_cards(link, deadline):
        return PaperState.OUT
    return PaperState.LOW if _seen(link, "n", deadline) else PaperState.FULL


def _reject_bin(link: EvolisLink, deadline: Deadline) -> RetractBinState:
    match link.ask(Command(Name.LAST_ANSWER, ("h",)), deadline):
        case Text("CARD") | Refused(Refusal.REJECT_FULL):
            return RetractBinState.FULL
        case Text("NO CARD") | Done():
            return RetractBinState.OK
    return RetractBinState.UNKNOWN


def _cleaning_due(link: EvolisLink, deadline: Deadline) -> bool | None:
    match link.ask(Command(Name.LAST_ANSWER, ("r",)), deadline):
        case Done():
            return False
        case Text(text) if text.endswith("NEED CLEANING"):
            return True
    return None


def _seen(link: EvolisLink, sensor: str, deadline: Deadline) -> bool:
    return volts(link.text(Command(Name.SENSOR, (sensor,)), deadline)) >= PRESENT_VOLTS


def _device(cover_open: bool, jammed: bool, fault: Refused | None) -> DeviceState:
    """What lacks (blanks, ribbon) is told by its own word; the printer itself is well."""
    if cover_open:
        return DeviceState.USER_ERROR
    if jammed or (fault is not None and fault.why in (Refusal.MECHANICAL, Refusal.HEAD)):
        return DeviceState.HARDWARE_ERROR
    return DeviceState.ONLINE
