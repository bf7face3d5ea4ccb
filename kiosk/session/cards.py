"""A card in a journey: proofread both sides, have it made, take it, give the old one."""

from __future__ import annotations

import asyncio
import io
import secrets
from collections.abc import Callable
from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk import logs
from kiosk.issuance import card_content
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_outcome import Card, CardEnd, CardFailed, CardStep
from kiosk.issuance.cards.errors import CardDesignError
from kiosk.issuance.cards.licence import LicenceUnusable
from kiosk.issuance.cards.sides import Sides, preview
from kiosk.issuance.errors import JournalError
from kiosk.issuance.outcome import End, IssueFailed
from kiosk.registry.client import RegistryError
from kiosk.session.handing_over import LOOK_S, REMINDERS, failure_slip
from kiosk.session.old_card import ask_for_old_card
from kiosk.session.panel import Abandoned
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble, of_registry

_STEPS: Final = {
    CardStep.SIGNING: pb.PRINTING_STEP_SIGNING,
    CardStep.FEEDING: pb.PRINTING_STEP_FEEDING,
    CardStep.ENCODING: pb.PRINTING_STEP_ENCODING,
    CardStep.PRINTING: pb.PRINTING_STEP_PRINTING,
}
_TROUBLE: Final = {
    CardEnd.CLOSED: pb.TROUBLE_KIND_SERVICE_CLOSED,
    CardEnd.NOT_PRINTED: pb.TROUBLE_KIND_NOT_PRINTED,
    CardEnd.BLANK_DEFECTIVE: pb.TROUBLE_KIND_BLANK_DEFECTIVE,
    CardEnd.SPOILED: pb.TROUBLE_KIND_SPOILED,
    CardEnd.RETRACTED: pb.TROUBLE_KIND_CARD_NOT_TAKEN,
    CardEnd.UNKNOWN: pb.TROUBLE_KIND_OUTCOME_UNKNOWN,
}
# What stands on the slip to come back with; who left without the card has gone.
_SLIP: Final = {
    CardEnd.NOT_PRINTED: End.NOT_PRINTED,
    CardEnd.BLANK_DEFECTIVE: End.NOT_PRINTED,
    CardEnd.SPOILED: End.SPOILED,
    CardEnd.UNKNOWN: End.UNKNOWN,
}


async def issue_card(session: ResidentSession, document: registry.Document) -> Card | None:
    """From proofreading to the old card; None when the resident goes back to the list.

    Raises:
        Trouble, Abandoned
    """
    issuer = session.kiosk.cards.get(document.kind)
    if issuer is None:
        raise Trouble(pb.TROUBLE_KIND_SERVICE_CLOSED)
    try:
        data_version = await _proofread(session, document, issuer)
        if data_version is None:
            return None
        with issuer.station.at_work():
            card = await issuer.make(
                session.token, document, data_version, lambda step, done: _show_step(session, document, step, done)
            )
            await _hand_over(session, document, issuer, card)
    except CardFailed as error:
        raise _failed(session, document, error) from error
    except RegistryError as error:
        raise of_registry(error) from error
    except CardDesignError as error:
        logs.event("card_not_drawn", kind=document.kind, reason=error.field.replace(" ", "_"))
        raise Trouble(pb.TROUBLE_KIND_DATA_WRONG) from error
    except LicenceUnusable as error:
        logs.event("card_not_drawn", kind=document.kind, reason="licence")
        raise Trouble(pb.TROUBLE_KIND_SERVICE_CLOSED) from error
    except JournalError as error:
        raise Trouble(pb.TROUBLE_KIND_MACHINE) from error
    finally:
        session.kiosk.background(session.kiosk.look())
    if card.replaces and session.kiosk.config.cards.old_card != "not_asked":
        await ask_for_old_card(session, document, issuer, card)
    return card


async def _proofread(session: ResidentSession, document: registry.Document, issuer: CardIssuer) -> str | None:
    """The version of the data the resident said is right; None to go back."""
    data, data_version = await session.kiosk.registry.get_draft(session.token, document.document_id)
    front, back = await asyncio.to_thread(_pictures, issuer.draw, data)
    screen = pb.ProofreadScreen(
        kind=document.kind,
        subject_name=document.subject_name,
        image_id=_keep(session, front),
        back_image_id=_keep(session, back),
        page=1,
        page_count=1,
    )
    act = await session.ask(screen, "confirm", "reject", "cancel")
    match act.WhichOneof("act"):
        case "confirm":
            return data_version
        case "reject":
            raise Trouble(pb.TROUBLE_KIND_DATA_WRONG)
        case _:
            return None


def _pictures(draw: Callable[[registry.CardContent], Sides], data: bytes) -> tuple[bytes, bytes]:
    """Front and back as PNG, as they will be printed."""
    sides = draw(card_content.read(data))
    pngs = []
    for side in sides.printable():
        out = io.BytesIO()
        # Fast compression: the picture travels over a local socket and is dropped with the session.
        preview(side).save(out, "PNG", compress_level=1)
        pngs.append(out.getvalue())
    return pngs[0], pngs[1]


def _keep(session: ResidentSession, png: bytes) -> str:
    image_id = secrets.token_hex(8)
    session.panel.add_image(image_id, png)
    return image_id


async def _show_step(session: ResidentSession, document: registry.Document, step: CardStep, done: float) -> None:
    await session.panel.show(pb.PrintingScreen(kind=document.kind, step=_STEPS[step], progress=done))


async def _hand_over(session: ResidentSession, document: registry.Document, issuer: CardIssuer, card: Card) -> None:
    """Returns when the resident has it. Raises CardFailed."""
    config = session.kiosk.config
    take_s = config.take_s(document.kind)
    seen = issuer.station.sees_exit
    screen = pb.TakeCardScreen(kind=document.kind, confirm_by_touch=not seen)
    if seen:
        if not await _seen_to_go(session, screen, issuer, card, take_s):
            await issuer.take_back(card)
        return
    try:
        await session.panel.ask(screen, "done", idle_s=take_s, still_there_s=config.session.still_there_s)
    except Abandoned:
        await issuer.not_confirmed(card, config.printing.when_not_confirmed == "assume_taken")
        return
    await issuer.endings.take(card, "touch")


async def _seen_to_go(
    session: ResidentSession, screen: pb.TakeCardScreen, issuer: CardIssuer, card: Card, take_s: float
) -> bool:
    """Whether the sensor saw it go; whoever leaves it lying is asked to take it.

    Raises:
        CardFailed: The printer does not tell any more.
    """
    waits = session.kiosk.config.session
    for _ in range(1 + REMINDERS):
        await session.panel.show(screen, take_s)
        if await issuer.saw_taken(card, take_s):
            return True
        asking = asyncio.create_task(session.panel.still_there(waits.still_there_s, screen.kind))
        try:
            while not asking.done():
                # In small pieces and never cancelled: what the sensor saw is journaled before anything else.
                if await issuer.saw_taken(card, LOOK_S):
                    return True
        finally:
            asking.cancel()
            (answer,) = await asyncio.gather(asking, return_exceptions=True)
        if isinstance(answer, Abandoned):
            return False
    return False


def _failed(session: ResidentSession, document: registry.Document, error: CardFailed) -> Trouble:
    kind = _TROUBLE[error.end]
    if error.end not in _SLIP:
        return Trouble(kind, error.number)
    trouble = failure_slip(session, document.kind, IssueFailed(_SLIP[error.end], error.number))
    trouble.kind = kind
    return trouble
