"""The old card is asked for once the new one is in the hand, and what became of it is written down."""

from __future__ import annotations

from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech
from adm.registry.v1 import registry_pb2 as registry

from kiosk import logs
from kiosk.identity.chip import wait_until_placed, wait_until_removed
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_outcome import Card
from kiosk.issuance.errors import JournalError
from kiosk.kiosk import Kiosk
from kiosk.session.meanwhile import meanwhile
from kiosk.session.panel import Abandoned
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble
from kiosk.technician.door import admitted
from kiosk.technician.staff import Holder, Role

TAKE_CARDS: Final = frozenset({Role.ATTENDANT, Role.TECHNICIAN})
"""Who may confirm that a resident's old card was handed over."""


class _Lost(Exception):
    """The resident says that there is none."""


async def ask_for_old_card(
    session: ResidentSession, document: registry.Document, issuer: CardIssuer, card: Card
) -> None:
    """Ask for the card that the new one replaces, and write down what became of it.

    Raises:
        Trouble: The journal takes no entry.
        Abandoned: Nobody answered; that is written down too.
    """
    config = session.kiosk.config
    screen = pb.SurrenderCardScreen(
        kind=document.kind, into_slot=config.cards.old_card == "reject_bin" and issuer.station.sees_exit
    )
    officer = ""
    try:
        if screen.into_slot:
            became = await _into_slot(session, screen, issuer)
        elif session.kiosk.door.staff is None:
            await _asked(session, screen, "confirm")
            became = registry.OLD_CARD_SAID_OFFICER
        else:
            screen.officer_confirms = True
            officer = await _confirmed_by_officer(session, screen)
            became = registry.OLD_CARD_OFFICER
    except _Lost:
        became = registry.OLD_CARD_LOST
    except OSError as error:
        # A wrong PIN that cannot be counted proves nothing.
        logs.event("old_card_not_confirmed", error=error)
        became = registry.OLD_CARD_SAID_OFFICER
    except Abandoned:
        await _record(issuer, card, registry.OLD_CARD_KEPT, "")
        raise
    await _record(issuer, card, became, officer)


async def _asked(session: ResidentSession, screen: pb.SurrenderCardScreen, *acts: str) -> None:
    """Raises _Lost or Abandoned."""
    config = session.kiosk.config
    act = await session.panel.ask(
        screen, *acts, "reject", idle_s=config.cards.surrender_s, still_there_s=config.session.still_there_s
    )
    if act.WhichOneof("act") == "reject":
        raise _Lost


async def _into_slot(
    session: ResidentSession, screen: pb.SurrenderCardScreen, issuer: CardIssuer
) -> registry.OldCard.ValueType:
    """The printer's sensor sees it in the slot, and the printer says that it is in the reject box."""
    while True:
        await _asked(session, screen, "confirm")
        if await issuer.take_in_old_card():
            return registry.OLD_CARD_REJECT_BIN
        screen.not_seen = True


async def _confirmed_by_officer(session: ResidentSession, screen: pb.SurrenderCardScreen) -> str:
    """Staff number of the officer who has it: service card and PIN, as everywhere else."""
    kiosk = session.kiosk
    while True:
        holder = await meanwhile(_officer_comes(kiosk), _asked(session, screen))
        if await admitted(kiosk, kiosk.door, holder, tech.TECHNICIAN_PIN_PURPOSE_OLD_CARD):
            return holder.staff
        await meanwhile(wait_until_removed(kiosk.card_reader), _asked(session, screen))


async def _officer_comes(kiosk: Kiosk) -> Holder:
    """The service card of somebody who may take old cards lies on the reader; any other card is waited out."""
    while True:
        await wait_until_placed(kiosk.card_reader)
        holder = await kiosk.door.holder_of_card(kiosk.card_reader)
        if holder is not None and holder.role in TAKE_CARDS:
            return holder
        await wait_until_removed(kiosk.card_reader)


async def _record(issuer: CardIssuer, card: Card, became: registry.OldCard.ValueType, officer: str) -> None:
    try:
        await issuer.endings.surrender(card, became, officer)
    except JournalError as error:
        raise Trouble(pb.TROUBLE_KIND_MACHINE) from error
