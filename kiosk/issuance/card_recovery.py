"""Ends a card's issuance that a crash or power cut left open: asks the printer where the card is, and takes it in.

Nobody is there any more for whom it was made, so no card is handed out here, and none is printed.
"""

from __future__ import annotations

from typing import Final

from kiosk.issuance.card_endings import CardEndings, card_of
from kiosk.issuance.card_outcome import Card, CardEnd, CardFailed
from kiosk.issuance.card_station import Station, Where
from kiosk.issuance.journal import Issuance
from kiosk.issuance.states import State

RESTART: Final = "restart"


async def end_left_open(endings: CardEndings, station: Station, issuance: Issuance, print_s: float) -> None:
    """End it in exactly one state.

    Args:
        print_s: Longest time a print may take that may still be going on.
    """
    card = card_of(issuance)
    if issuance.state in (State.ASKED, State.GRANTED):
        # No blank moved before `feeding` was on disk.
        await endings.cancel(card, RESTART)
        return
    where = await station.settled(print_s)
    if issuance.state is State.FEEDING and where in (Where.INSIDE, Where.JAMMED, Where.EXIT):
        await keep_blank(endings, station, card, where, RESTART)
        return
    taken_in = where in (Where.INSIDE, Where.EXIT) and await station.take_in()
    inside = taken_in or where in (Where.INSIDE, Where.JAMMED)
    match issuance.state:
        case State.FEEDING if where is Where.NOWHERE and not station.feeds_by_itself:
            await endings.cancel(card, RESTART)
        case State.ENCODING | State.PRINTING | State.ACCEPTED if inside:
            await endings.spoil(card, RESTART)
        case State.PRINTED if where is Where.JAMMED:
            await endings.spoil(card, RESTART)
        case State.PRINTED | State.PRESENTED if inside and where is not Where.JAMMED:
            await endings.retract(card, RESTART)
        case _:
            # Gone from the exit, too: a hand, or we ourselves, just before we died; no sensor tells these apart.
            await endings.lose(card, RESTART, in_hopper=issuance.state is State.FEEDING)


async def keep_blank(
    endings: CardEndings, station: Station, card: Card, where: Where, why: Exception | str
) -> CardFailed:
    """A blank that came out of the hopper and was not written: it stays in the machine; gives what to raise."""
    if where in (Where.INSIDE, Where.JAMMED):
        # On disk before it moves on: gone from the path, it would be taken to be in the hopper still.
        await endings.spoil(card, why)
        await station.take_in()
        return CardFailed(CardEnd.SPOILED, card.receipt_number)
    await endings.lose(card, why, in_hopper=where is not Where.EXIT)
    await station.take_in()
    return CardFailed(CardEnd.UNKNOWN, card.receipt_number)
