"""A card printer and its encoder whose cards are counted by themselves: what it says and what is are two things.

Conserves every card: each is in the hopper, in the path, jammed, in the exit, in the reject bin, in somebody's hands,
or destroyed by a technician.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from drivers.card_printer.personalise import BlankDefective, CardFiles
from drivers.card_printer.port import (
    Capabilities,
    CardJob,
    CardPrinterStatus,
    CardSide,
    JobState,
    Place,
    PrintedCard,
)
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DeviceFault, NotFound, OutcomeUnknown
from drivers.status import DeviceState, InkState, MediaState, PaperState, PresentedState

PANELS = 5
_PLACES = frozenset({Place.INSIDE, Place.CONTACTLESS, Place.EXIT, Place.REJECT})
_ABLE = Capabilities(_PLACES, True, False, True, True, True)


class Spot(StrEnum):
    """Where a card is that left the hopper."""

    PATH = "path"
    JAMMED = "jammed"
    EXIT = "exit"
    REJECTED = "rejected"
    HANDS = "hands"
    DESTROYED = "destroyed"


class Move(StrEnum):
    """What becomes of one movement."""

    OK = "ok"
    STAYS = "does not move, and says so"
    JAMS = "jams, and says so"
    LOST_AFTER = "moves, and the answer is lost"
    LOST_BEFORE = "does not move, and the answer is lost"
    GOES_SILENT = "moves, and the printer says nothing any more"


class Write(StrEnum):
    """What becomes of the writing of a chip."""

    OK = "ok"
    DEFECTIVE = "defective"
    TOO_SLOW = "too slow"
    GONE = "the encoder is gone"


class Print(StrEnum):
    """What becomes of a print."""

    OK = "ok"
    REFUSED = "refused before anything is printed"
    LOST_AFTER = "printed, and the answer to the start is lost"
    LOST_BEFORE = "not printed, and the answer to the start is lost"
    STOPS = "stops half way, and says so"
    ENDS_UNSAID = "printed, and nobody hears of its end"
    STOPS_UNSAID = "stops half way, and nobody hears of it"
    GOES_SILENT = "printed, and the printer says nothing any more"


class Taking(StrEnum):
    """What the resident does with what lies in the exit."""

    TAKES = "takes it"
    LEAVES = "leaves it"
    LATE = "takes it as it is drawn in"


@dataclass
class Plastic:
    """One card.

    Attributes:
        key: Of the issuance that it was fed for.
        whole: Printed to its end.
    """

    key: str
    spot: Spot = Spot.PATH
    prints: int = 0
    whole: bool = False


@dataclass
class ModelCardPrinter:
    """Implements `CardPrinter` and what `CardIssuer` uses of `PcscEncoder`.

    Attributes:
        tick: Called wherever the machine may die.
        key: Of the issuance that is being made.
        feeds, writes, presents, rejects: What becomes of the next ones, first first; OK when there is none left.
        silent: It answers nothing until it is switched off and on.
    """

    tick: Callable[[], None]
    hopper: int
    key: str = ""
    feeds: list[Move] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    prints: Print = Print.OK
    presents: list[Move] = field(default_factory=list)
    rejects: list[Move] = field(default_factory=list)
    taking: Taking = Taking.TAKES
    silent: bool = False
    panels: int = 0
    cards: list[Plastic] = field(default_factory=list)

    def of(self, *spots: Spot) -> list[Plastic]:
        """The cards there."""
        return [card for card in self.cards if card.spot in spots]

    def taken_out(self, key: str) -> Plastic:
        """A person takes a blank out of the hopper, on account of an issuance."""
        self.hopper -= 1
        self.cards.append(Plastic(key))
        return self.cards[-1]

    def open(self, deadline: Deadline) -> None:
        """See `CardPrinter.open`."""

    def close(self) -> None:
        """See `CardPrinter.close`."""

    def capabilities(self) -> Capabilities:
        """See `CardPrinter.capabilities`."""
        return _ABLE

    def state(self, deadline: Deadline) -> DeviceState:
        """See `PcscEncoder.state`."""
        return DeviceState.ONLINE

    def status(self, deadline: Deadline) -> CardPrinterStatus:
        """See `CardPrinter.status`."""
        self.tick()
        if self.silent:
            return CardPrinterStatus(DeviceState.OFFLINE)
        inside, out = self.of(Spot.PATH), self.of(Spot.EXIT)
        media = MediaState.PRESENT if inside or out else MediaState.NOT_PRESENT
        return CardPrinterStatus(
            DeviceState.ONLINE,
            MediaState.JAMMED if self.of(Spot.JAMMED) else media,
            Place.CONTACTLESS if inside else Place.EXIT if out else None,
            PresentedState.PRESENTED if out else PresentedState.NOT_PRESENTED,
            InkState.FULL,
            hopper=PaperState.FULL if self.hopper else PaperState.OUT,
        )

    def move(self, to: Place, deadline: Deadline) -> None:
        """See `CardPrinter.move`."""
        self.tick()
        if self.silent:
            raise NotFound("gone")
        if self.of(Spot.JAMMED):
            raise DeviceFault("jammed", {"media": "jammed"})
        inside = self.of(Spot.PATH)
        if to in (Place.CONTACTLESS, Place.INSIDE):
            if not inside:
                self._moved(self.feeds, self._feed)
            return
        there = inside or (self.of(Spot.EXIT) if to is Place.REJECT else [])
        if not there:
            raise DeviceFault("no card", {})
        card, exits = there[0], to is Place.EXIT
        if not exits and card.spot is Spot.EXIT and self.taking is Taking.LATE:
            card.spot = Spot.HANDS
            raise DeviceFault("no card", {})
        spot = Spot.EXIT if exits else Spot.REJECTED
        self._moved(self.presents if exits else self.rejects, lambda: self._go(card, spot), card)

    def encode(self, files: CardFiles, deadline: Deadline, on_progress: Callable[[float], None]) -> bytes:
        """See `PcscEncoder.encode`."""
        self.tick()
        match self.writes.pop(0) if self.writes else Write.OK:
            case Write.DEFECTIVE:
                raise BlankDefective("worn out")
            case Write.TOO_SLOW:
                raise DeadlineExceeded("slow")
            case Write.GONE:
                raise NotFound("no reader")
        self.tick()
        return len(self.cards).to_bytes(7, "big")

    def print(self, front: CardSide, back: CardSide | None, deadline: Deadline) -> CardJob:
        """See `CardPrinter.print`."""
        self.tick()
        (card,) = self.of(Spot.PATH)
        if self.silent or self.prints is Print.REFUSED:
            raise DeviceFault("no", {})
        before = self.panels
        if self.prints is not Print.LOST_BEFORE:
            card.prints += 1
            card.whole = self.prints not in (Print.STOPS, Print.STOPS_UNSAID)
            self.panels += PANELS if card.whole else 1
        self.silent = self.prints is Print.GOES_SILENT
        self.tick()
        if self.prints in (Print.LOST_AFTER, Print.LOST_BEFORE):
            raise OutcomeUnknown("no answer")
        return CardJob(before, PANELS)

    def wait(self, job: CardJob, deadline: Deadline) -> PrintedCard:
        """See `CardPrinter.wait`."""
        self.tick()
        if self.prints is Print.STOPS:
            raise DeviceFault("ribbon", {})
        if self.silent or self.prints in (Print.ENDS_UNSAID, Print.STOPS_UNSAID):
            raise OutcomeUnknown("not heard")
        return PrintedCard(Place.INSIDE)

    def recall(self, job: CardJob, deadline: Deadline) -> JobState:
        """See `CardPrinter.recall`."""
        self.tick()
        if self.silent or job.panels_before is None:
            return JobState.UNKNOWN
        made = self.panels - job.panels_before
        if made == 0:
            return JobState.NOT_PRINTED if self.of(Spot.PATH) else JobState.UNKNOWN
        return JobState.PRINTED if made == job.panels else JobState.PARTLY

    def wait_taken(self, deadline: Deadline) -> bool:
        """See `CardPrinter.wait_taken`; no place to die: how often it is asked depends on how busy the computer is."""
        if self.taking is Taking.TAKES:
            for card in self.of(Spot.EXIT):
                card.spot = Spot.HANDS
        return not self.of(Spot.EXIT)

    def reset(self, deadline: Deadline) -> None:
        """See `CardPrinter.reset`."""
        self.tick()
        if self.silent:
            raise NotFound("gone")

    def _feed(self) -> None:
        if self.hopper == 0:
            raise DeviceFault("empty", {"paper": "out"})
        self.taken_out(self.key)

    def _go(self, card: Plastic, spot: Spot) -> None:
        card.spot = spot

    def _moved(self, fates: list[Move], go: Callable[[], None], card: Plastic | None = None) -> None:
        fate = fates.pop(0) if fates else Move.OK
        if fate is Move.STAYS:
            raise DeviceFault("did not move", {})
        if fate is not Move.LOST_BEFORE:
            go()
        if fate is Move.JAMS:
            (card or self.cards[-1]).spot = Spot.JAMMED
            raise DeviceFault("jammed", {"media": "jammed"})
        self.silent = fate is Move.GOES_SILENT
        self.tick()
        if fate in (Move.LOST_AFTER, Move.LOST_BEFORE, Move.GOES_SILENT):
            raise OutcomeUnknown("no answer")
