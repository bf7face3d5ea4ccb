"""A resident's journey, top to bottom."""

import asyncio
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from drivers.card_reader.port import Biodata
from kiosk import logs
from kiosk.identity.chip import card_present, read_card, wait_until_removed
from kiosk.identity.code import release_by_officer, show_code, sign_in
from kiosk.identity.person import verify_face
from kiosk.identity.qr import CodeKind
from kiosk.kiosk import Kiosk
from kiosk.registry.client import RegistryError
from kiosk.session.documents import choose_document, issue
from kiosk.session.panel import Abandoned
from kiosk.session.session import Chose, ResidentSession, resident_session
from kiosk.session.tickets import ticket
from kiosk.session.trouble import ABOUT_ONE_DOCUMENT, Trouble, of_registry


async def resident_journey(kiosk: Kiosk, begin: str) -> None:
    """Serve one resident; returns when the machine is ready for the next.

    Args:
        begin: How they began: start, use_qr or check_document.
    """
    async with resident_session(kiosk) as session:
        try:
            if begin == "check_document":
                await check_documents(session)
                return
            await identify(session, with_code=begin == "use_qr")
            while document := await choose_document(session):
                await issue_or_explain(session, document)
        except Abandoned:
            logs.event("abandoned", resident_step=session.panel.screen_name)
        except Trouble as trouble:
            await _show(session, trouble)
        await say_goodbye(session)


async def identify(session: ResidentSession, with_code: bool) -> None:
    """Card, or QR code and PIN; then the face. Afterwards the session holds the right to list and print.

    Raises:
        Trouble, Abandoned
    """
    try:
        started = await (sign_in(session) if with_code else by_card(session))
    except Chose:
        started = await sign_in(session)
    session.session_id = started.session_id
    verified: registry.VerifyFaceResponse | registry.ReleaseSessionResponse
    try:
        verified = await verify_face(session, started)
    except Chose:
        verified = await release_by_officer(session)
    session.token, session.resident_name = verified.session_token, verified.resident.name


async def by_card(session: ResidentSession) -> registry.StartSessionResponse:
    """A session at the registry by e-KTP.

    Raises:
        Chose: The resident has a QR code instead.
        Trouble, Abandoned
    """
    reading = await read_card(session)
    assert isinstance(reading.biodata, Biodata), "read_card promises biodata"
    try:
        return await session.kiosk.registry.start_session(
            reading.biodata.nik, reading.uid, registry.CHIP_ASSURANCE_SAM_VERIFIED
        )
    except RegistryError as error:
        raise of_registry(error) from error


async def check_documents(session: ResidentSession) -> None:
    """Tell anybody whether a printed document is genuine; one after the other.

    Raises:
        Trouble, Abandoned
    """
    again = True
    while again:
        code = await show_code(session, pb.QR_PURPOSE_CHECK_DOCUMENT)
        verdict = registry.VerifyDocumentResponse(validity=registry.DOCUMENT_VALIDITY_NOT_GENUINE)
        if code.kind is CodeKind.DOCUMENT:
            try:
                verdict = await session.kiosk.registry.verify_document(code.text)
            except RegistryError as error:
                raise of_registry(error) from error
        screen = pb.VerdictScreen(validity=verdict.validity, kind=verdict.kind, signer=verdict.signer)
        if verdict.HasField("issued_at"):
            screen.issued_at.CopyFrom(verdict.issued_at)
        act = await session.ask(screen, "check_document", "done")
        again = act.WhichOneof("act") == "check_document"


async def issue_or_explain(session: ResidentSession, document: registry.Document) -> None:
    """Issue one document; what is wrong with it alone leads back to the list.

    Raises:
        Trouble, Abandoned
    """
    try:
        await issue(session, document)
    except Trouble as trouble:
        if trouble.kind not in ABOUT_ONE_DOCUMENT:
            raise
        await _show(session, trouble)


async def say_goodbye(session: ResidentSession) -> None:
    """Thank, and see to it that the card is not left behind."""
    kiosk, seconds = session.kiosk, session.kiosk.config.session.goodbye_s
    left_behind = await card_present(kiosk.card_reader)
    await session.panel.show(pb.GoodbyeScreen(card_on_reader=left_behind), seconds)
    ends: list[asyncio.Task[Any]] = [asyncio.create_task(session.panel.wait_act("done"))]
    if left_behind:
        seconds += kiosk.config.session.still_there_s
        ends.append(asyncio.create_task(wait_until_removed(kiosk.card_reader)))
    try:
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)


async def _show(session: ResidentSession, trouble: Trouble) -> None:
    kind = pb.TroubleKind.Name(trouble.kind)
    await ticket(session, trouble)
    logs.event("trouble", reason=kind, receipt_number=trouble.reference)
    screen = pb.TroubleScreen(
        kind=trouble.kind,
        reference=trouble.reference,
        locked_minutes=trouble.locked_minutes,
        slip=trouble.slip,
    )
    await session.panel.show(screen, session.kiosk.config.session.trouble_s)
    try:
        async with asyncio.timeout(session.kiosk.config.session.trouble_s):
            await session.panel.wait_act("done", "cancel")
    except TimeoutError:
        return
