"""The virtual card printer's mechanics: hopper, card path, head, ribbon, exit and reject box. Conserves every card."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from drivers.card_printer.evolis_answers import Done, Refusal, Refused
from simulator.card_printer.card import Card, Panel, Spot
from simulator.card_printer.faults import Fault, Step

HOPPER_CARDS = 50
HOPPER_LOW_CARDS = 10
RIBBON_SETS = 200
REJECT_CARDS = 20
CLEAN_AFTER_CARDS = 1000
FEED_S, MOVE_S, FLIP_S, DYE_S, BLACK_S = 1.5, 0.7, 1.2, 2.5, 1.5
"""A mid-range printer: about 25 s for both sides in colour."""

_STATIONS = {Spot.INSIDE, Spot.CONTACT, Spot.CONTACTLESS}
Result = Done | Refused
OK = Done()


class PowerLost(Exception):
    """The power failed in the middle of a movement."""


class Encoder(Protocol):
    """What sees a card's chip at the contactless station."""

    async def place(self, card: Card) -> None:
        """The card's chip is in the field; returns when the reader has noticed."""

    async def withdraw(self) -> None:
        """It has left."""

    async def set_mute(self, mute: bool) -> None:
        """Whether the chip stops answering."""


@dataclass
class Strike:
    """A fault that waits for its step; gone once it has struck."""

    fault: Fault
    step: Step


class Mechanism:
    """Moves cards and prints on them.

    Attributes:
        cards: Every card that ever left the hopper or was pushed in.
        panels_done, cards_done, cleanings_done: Life counters, kept without power.
        test_blank: Whether a test blank lies in the manual slot, which is fed from before the hopper.
        by_hand: Whether only the manual slot is fed from.
        prints_begun: How often printing on a card was begun, whatever came of it.
        strike: A fault still to come.
        head_hot, cover_open, reject_full: As sensed.
        ribbon_sets: Panel sets left.
        busy_s: Seconds that its movements have taken.
    """

    def __init__(self, panels_a_set: str, pace: float, on_printed: Callable[[Card], Awaitable[None]]) -> None:
        """Make it.

        Args:
            panels_a_set: The ribbon's panels, in the order they follow each other.
            pace: 1 takes as long as a printer, 0 no time.
            on_printed: Hears of every card on which something was printed.
        """
        self.hopper = HOPPER_CARDS
        self.test_blank = False
        self.by_hand = False
        self.ribbon_sets = RIBBON_SETS
        self.cards: list[Card] = []
        self.cover_open = False
        self.head_hot = False
        self.reject_full = False
        self.panels_done = 0
        self.cards_done = 0
        self.prints_begun = 0
        self.busy_s = 0.0
        self.cleanings_done = 0
        self.cards_since_cleaning = 0
        self.strike: Strike | None = None
        self.defective_next = False
        self.encoder: Encoder | None = None
        self.jammed = False
        self._panels_a_set = panels_a_set
        self._pace = pace
        self._on_printed = on_printed

    def at(self, *spots: Spot) -> list[Card]:
        """Cards that are there."""
        return [card for card in self.cards if card.spot in spots]

    @property
    def in_path(self) -> Card | None:
        """The card inside, wherever it is."""
        found = self.at(*_STATIONS, Spot.FEEDER)
        return found[0] if found else None

    @property
    def in_exit(self) -> Card | None:
        """The card that lies where people take it."""
        found = self.at(Spot.EXIT)
        return found[0] if found else None

    async def bring(self, spot: Spot) -> Result:
        """Si, Sis, Sic: a card to a station, from the manual slot or the hopper when the path is empty."""
        if refused := self._not_now():
            return refused
        card = self.in_path
        if card is None:
            if not self.test_blank and (self.by_hand or self.hopper == 0):
                return Refused(Refusal.FEEDER, "")
            card = await self._feed()
            if self._strikes(Fault.FEEDER_JAM, Step.FEED):
                self.jammed = True
                return Refused(Refusal.FEEDER, "")
            if stopped := self._stopped(Step.FEED):
                return stopped
        return await self._to(card, spot)

    async def print(self, sides: dict[str, list[Panel]]) -> Result:
        """Print these panels on the card inside, front first."""
        if refused := self._not_now():
            return refused
        card = self.in_path
        if card is None:
            return Refused(Refusal.FEEDER, "")
        if self.head_hot:
            return Refused(Refusal.HEAD, "")
        await self._to(card, Spot.INSIDE)
        self.prints_begun += 1
        try:
            for number, (side, panels) in enumerate(sides.items()):
                if number:
                    await self._take(FLIP_S)
                for panel in panels:
                    if refused := await self._panel(card, side, panel):
                        return refused
        finally:
            await self._on_printed(card)
        self.cards_done += 1
        self.cards_since_cleaning += 1
        return OK

    async def eject(self) -> Result:
        """The card inside to the exit; one that still lies there is pushed out and counts as taken."""
        if refused := self._not_now():
            return refused
        card = self.in_path
        if card is None:
            return OK
        if stopped := self._stopped(Step.PRESENT):
            return stopped
        lying = self.in_exit
        await self._to(card, Spot.EXIT)
        if lying is not None:
            lying.spot = Spot.TAKEN
        return OK

    async def reject(self) -> Result:
        """The card inside to the reject box."""
        if refused := self._not_now():
            return refused
        card = self.in_path
        if card is None:
            return Refused(Refusal.FEEDER, "")
        if self.reject_full or len(self.at(Spot.REJECT)) >= REJECT_CARDS:
            return Refused(Refusal.REJECT_FULL, "")
        return await self._to(card, Spot.REJECT)

    async def take_back(self) -> Result:
        """Sib: the card in the exit back inside."""
        if refused := self._not_now():
            return refused
        card = self.in_exit
        if card is None or self.in_path is not None:
            return Refused(Refusal.FEEDER, "")
        return await self._to(card, Spot.INSIDE)

    async def clean(self) -> Result:
        """Scp, with a cleaning card that a person has put in."""
        if refused := self._not_now():
            return refused
        if self.in_path is not None:
            return Refused(Refusal.MECHANICAL, "")
        await self._take(4 * MOVE_S)
        self.cleanings_done += 1
        self.cards_since_cleaning = 0
        return OK

    def reset(self) -> Result:
        """Srs: forget the fault; a card that sticks still does."""
        self.head_hot = False
        return Refused(Refusal.MECHANICAL, "") if self.jammed else OK

    def push_in(self) -> Card:
        """Somebody pushes a card of theirs into the exit."""
        card = Card(len(self.cards) + 1, Spot.EXIT, pushed_in=True)
        self.cards.append(card)
        return card

    def open_up(self) -> list[Card]:
        """A person opens it, takes out whatever is inside, and closes it."""
        found = self.at(*_STATIONS, Spot.FEEDER)
        for card in found:
            card.spot = Spot.REMOVED
        self.jammed = False
        self.cover_open = False
        return found

    def strikes_at(self, step: Step, *faults: Fault) -> Fault | None:
        """The fault that strikes at this step, if it is one of these; it is used up."""
        strike = self.strike
        if strike is None or strike.step is not step or strike.fault not in faults:
            return None
        self.strike = None
        return strike.fault

    def _strikes(self, fault: Fault, step: Step) -> bool:
        return self.strikes_at(step, fault) is not None

    def _not_now(self) -> Refused | None:
        if self.cover_open:
            return Refused(Refusal.COVER, "")
        return Refused(Refusal.MECHANICAL, "") if self.jammed else None

    def _stopped(self, step: Step) -> Refused | None:
        """What stops a card half way, at this step."""
        match self.strikes_at(step, Fault.MECHANICAL, Fault.COVER_OPENED, Fault.POWER_LOST, Fault.HEAD_HOT):
            case Fault.MECHANICAL:
                self.jammed = True
                return Refused(Refusal.MECHANICAL, "")
            case Fault.COVER_OPENED:
                self.cover_open = True
                return Refused(Refusal.COVER, "")
            case Fault.HEAD_HOT:
                self.head_hot = True
                return Refused(Refusal.HEAD, "")
            case Fault.POWER_LOST:
                raise PowerLost
        return None

    async def _feed(self) -> Card:
        card = Card(len(self.cards) + 1, Spot.FEEDER, defective=self.defective_next, test=self.test_blank)
        if not self.test_blank:
            self.hopper -= 1
        self.test_blank = False
        self.defective_next = False
        self.cards.append(card)
        await self._take(FEED_S)
        return card

    async def _to(self, card: Card, spot: Spot) -> Result:
        if card.spot is spot:
            return OK
        if card.spot is Spot.CONTACTLESS and self.encoder is not None:
            await self.encoder.withdraw()
        await self._take(MOVE_S)
        card.spot = spot
        if spot is Spot.CONTACTLESS and self.encoder is not None:
            await self.encoder.place(card)
        return OK

    async def _panel(self, card: Card, side: str, panel: Panel) -> Refused | None:
        if panel.name == self._panels_a_set[0]:
            if self.ribbon_sets == 0:
                return Refused(Refusal.RIBBON, "")
            self.ribbon_sets -= 1
        middle = self.panels_on(card) == 2
        if middle and self._strikes(Fault.RIBBON_OUT, Step.PRINT):
            self.ribbon_sets = 0
            return Refused(Refusal.RIBBON, "")
        if middle and (stopped := self._stopped(Step.PRINT)):
            return stopped
        await self._take(DYE_S if panel.name in "ymc" else BLACK_S)
        card.printed[side].append(panel)
        self.panels_done += 1
        return None

    def panels_on(self, card: Card) -> int:
        """How many panels were printed on it."""
        return sum(map(len, card.printed.values()))

    async def _take(self, seconds: float) -> None:
        if self._pace:
            await asyncio.sleep(seconds * self._pace)
            self.busy_s += seconds * self._pace
