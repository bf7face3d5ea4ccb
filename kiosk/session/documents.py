"""The middle of a journey: choose a document, read it through, have it printed, take it, take the receipt."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import Final

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk import logs
from kiosk.fleet.health import Services
from kiosk.issuance import receipts
from kiosk.issuance.card_outcome import CARD_KINDS
from kiosk.issuance.issue import IssueFailed, Step
from kiosk.issuance.journal import JournalError
from kiosk.registry.client import RegistryError
from kiosk.session import pages
from kiosk.session.cards import issue_card
from kiosk.session.handing_over import failure_slip, frame, hand_over
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble, of_registry

_STEPS: Final = {
    Step.SIGNING: pb.PRINTING_STEP_SIGNING,
    Step.FEEDING: pb.PRINTING_STEP_FEEDING,
    Step.SENDING: pb.PRINTING_STEP_SENDING,
    Step.PRINTING: pb.PRINTING_STEP_PRINTING,
}


async def choose_document(session: ResidentSession) -> registry.Document | None:
    """The document the resident wants next; None when they have all they want.

    Raises:
        Trouble, Abandoned
    """
    try:
        documents = await session.kiosk.registry.list_documents(session.token)
    except RegistryError as error:
        raise of_registry(error) from error
    by_id = {document.document_id: document for document in documents}
    services = session.kiosk.services
    screen = pb.ChooseDocumentScreen(
        resident_name=session.resident_name,
        documents=[
            pb.DocumentChoice(
                document_id=document.document_id,
                kind=document.kind,
                subject_name=document.subject_name,
                state=document.state,
                availability=services.of(document.kind).availability,
                opens_at=services.of(document.kind).opens,
                taken_back_at=document.taken_back_at if document.HasField("taken_back_at") else None,
            )
            for document in documents
        ],
    )
    while True:
        act = await session.ask(screen, "choose", "done", "cancel")
        if act.WhichOneof("act") != "choose":
            return None
        chosen = by_id.get(act.choose.document_id)
        if chosen is not None and chosen.state == registry.DOCUMENT_STATE_READY and _offered(services, chosen):
            return chosen


async def issue(session: ResidentSession, document: registry.Document) -> None:
    """Proofread, print, hand over, receipt. Returns also when the resident goes back to the list.

    Raises:
        Trouble, Abandoned
    """
    if document.kind in CARD_KINDS:
        card = await issue_card(session, document)
        if card is not None:
            await _receipt(session, document, card.receipt_number, card.tracking_url, 1)
        return
    data_version = await _proofread(session, document)
    if data_version is None:
        return
    try:
        printed = await session.kiosk.issuer.print(
            session.token,
            document,
            data_version,
            lambda step, done: _show_step(session, document, step, done),
        )
    except IssueFailed as error:
        raise failure_slip(session, document.kind, error) from error
    except RegistryError as error:
        raise of_registry(error) from error
    except JournalError as error:
        raise Trouble(pb.TROUBLE_KIND_MACHINE) from error
    await hand_over(session, document, printed)
    await _receipt(session, document, printed.receipt_number, printed.tracking_url, printed.page_count)


async def _proofread(session: ResidentSession, document: registry.Document) -> str | None:
    """The version of the data the resident said is right; None to go back."""
    try:
        pdf, data_version = await session.kiosk.registry.get_draft(session.token, document.document_id)
        pictures = await asyncio.to_thread(pages.render, pdf)
    except RegistryError as error:
        raise of_registry(error) from error
    except pages.BadDocument as error:
        logs.event("draft_unusable", kind=document.kind, error=error)
        raise Trouble(pb.TROUBLE_KIND_MACHINE) from error
    del pdf
    image_ids = _keep(session, pictures)
    page = 1
    while True:
        screen = pb.ProofreadScreen(
            kind=document.kind,
            subject_name=document.subject_name,
            image_id=image_ids[page - 1],
            page=page,
            page_count=len(image_ids),
        )
        act = await session.ask(screen, "confirm", "reject", "turn_page", "cancel")
        match act.WhichOneof("act"):
            case "confirm":
                return data_version
            case "turn_page":
                page = min(len(image_ids), act.turn_page.page)
            case "reject":
                raise Trouble(pb.TROUBLE_KIND_DATA_WRONG)
            case _:
                return None


def _keep(session: ResidentSession, pictures: Sequence[bytes]) -> list[str]:
    image_ids = [secrets.token_hex(8) for _ in pictures]
    for image_id, png in zip(image_ids, pictures, strict=True):
        session.panel.add_image(image_id, png)
    return image_ids


async def _show_step(session: ResidentSession, document: registry.Document, step: Step, done: float) -> None:
    await session.panel.show(pb.PrintingScreen(kind=document.kind, step=_STEPS[step], progress=done))


async def _receipt(
    session: ResidentSession, document: registry.Document, number: str, tracking_url: str, page_count: int
) -> None:
    screen = pb.ReceiptScreen(state=pb.RECEIPT_STATE_PRINTING, receipt_number=number)
    await session.panel.show(screen)
    blocks = receipts.issued(
        frame(session),
        number=number,
        kind=document.kind,
        page_count=page_count,
        tracking_url=tracking_url,
    )
    came_out = await receipts.print_receipt(session.kiosk.receipt_printer, blocks, number)
    state = pb.RECEIPT_STATE_READY if came_out else pb.RECEIPT_STATE_UNAVAILABLE
    await session.ask(pb.ReceiptScreen(state=state, receipt_number=number), "done")


def _offered(services: Services, document: registry.Document) -> bool:
    return services.of(document.kind).availability != fleet.AVAILABILITY_UNAVAILABLE
