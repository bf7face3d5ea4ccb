"""A resident's journey, top to bottom."""

import asyncio
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from drivers.card_reader.port import Biodata
from kiosk import logs
from kiosk.identity.chip import card_present, read_card, wait_until_removed
from kiosk.identity.person import verify_face
from kiosk.kiosk import Kiosk
from kiosk.registry.client import RegistryError
from kiosk.session.documents import choose_document, issue
from kiosk.session.panel import Abandoned
from kiosk.session.session import ResidentSession, resident_session
from kiosk.session.trouble import ABOUT_ONE_DOCUMENT, Trouble, of_registry


async def resident_journey(kiosk: Kiosk) -> None:
    """Serve one resident; returns when the machine is ready for the next."""
    async with resident_session(kiosk) as session:
        try:
            await identify(session)
            while document := await choose_document(session):
                await issue_or_explain(session, document)
        except Abandoned:
            logs.event("abandoned", resident_step=session.panel.screen_name)
        except Trouble as trouble:
            await _show(session, trouble)
        await say_goodbye(session)


async def identify(session: ResidentSession) -> None:
    """Card, then face; afterwards the session holds the right to list and print.

    Raises:
        Trouble, Abandoned
    """
    reading = await read_card(session)
    assert isinstance(reading.biodata, Biodata), "read_card promises biodata"
    try:
        started = await session.kiosk.registry.start_session(
            reading.biodata.nik, reading.uid, registry.CHIP_ASSURANCE_SAM_VERIFIED
        )
    except RegistryError as error:
        raise of_registry(error) from error
    finally:
        del reading
    session.session_id = started.session_id
    verified = await verify_face(session, started)
    session.token, session.resident_name = verified.session_token, verified.resident.name


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
    logs.event("trouble", reason=kind, receipt_number=trouble.reference)
    screen = pb.TroubleScreen(kind=trouble.kind, reference=trouble.reference, locked_minutes=trouble.locked_minutes)
    await session.panel.show(screen, session.kiosk.config.session.trouble_s)
    try:
        async with asyncio.timeout(session.kiosk.config.session.trouble_s):
            await session.panel.wait_act("done", "cancel")
    except TimeoutError:
        return
