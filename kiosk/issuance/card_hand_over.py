"""A printed card from the exit into the hand, or back into the machine; and the old one that it replaces."""

from __future__ import annotations

from typing import Final

from drivers.deadline import Deadline
from drivers.errors import DriverError
from kiosk.issuance.card_endings import CardEndings
from kiosk.issuance.card_outcome import Card, CardEnd, CardFailed
from kiosk.issuance.card_station import Station, Where

TAKEN_S: Final = 5.0


class CardHandOver:
    """What is journaled of it.

    Attributes:
        endings: Writes that.
        station: Where the card lies.
    """

    def __init__(self, endings: CardEndings, station: Station) -> None:
        self.endings = endings
        self.station = station

    async def wait_taken(self, card: Card, seconds: float) -> None:
        """The sensor sees the card go, within so many seconds; else it is taken back.

        Raises:
            CardFailed: It was not taken.
        """
        if not await self.saw_taken(card, seconds):
            await self.take_back(card)

    async def saw_taken(self, card: Card, seconds: float) -> bool:
        """Whether the sensor saw the card go within so many seconds; then it is journaled.

        Raises:
            CardFailed: The printer does not tell any more.
        """
        deadline = Deadline.after(seconds)
        while not deadline.expired:
            try:
                gone = await self._saw_it_go(deadline.sooner(TAKEN_S).remaining_s)
            except DriverError as error:
                if await self.station.where() is not Where.UNKNOWN:
                    continue
                await self.endings.lose(card, error)
                raise CardFailed(CardEnd.UNKNOWN, card.receipt_number) from error
            if gone:
                await self.endings.take(card, "sensor")
                return True
        return False

    async def take_back(self, card: Card) -> None:
        """Nobody took it: into the reject bin with it.

        Raises:
            CardFailed: Unless a hand was faster.
        """
        if await self.station.take_in():
            await self.endings.retract(card, "not_taken")
            raise CardFailed(CardEnd.RETRACTED, card.receipt_number)
        match await self.station.settled():
            case Where.NOWHERE:
                # A hand was faster.
                return await self.endings.take(card, "sensor")
            case Where.INSIDE:
                await self.endings.retract(card, "not_taken")
                raise CardFailed(CardEnd.RETRACTED, card.receipt_number)
        await self.endings.lose(card, "not_taken_back")
        raise CardFailed(CardEnd.UNKNOWN, card.receipt_number)

    async def not_confirmed(self, card: Card, assume_taken: bool) -> None:
        """Nobody said that the card was taken, and no sensor sees it. Raises CardFailed unless it is assumed."""
        if assume_taken:
            return await self.endings.assume_taken(card)
        await self.endings.lose(card, "not_confirmed")
        raise CardFailed(CardEnd.UNKNOWN, card.receipt_number)

    async def take_in_old_card(self) -> bool:
        """Take in what lies in the slot; whether there was a card, and it is in the reject bin."""
        return await self.station.where() is Where.EXIT and await self.station.take_in()

    async def _saw_it_go(self, seconds: float) -> bool:
        return await self.station.printer.call(lambda port: port.wait_taken(Deadline.after(seconds)), seconds)
