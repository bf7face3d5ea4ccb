"""The document into the resident's hands, seen by a sensor or said by a touch; and a slip where it could not be."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from drivers.receipt_printer.port import Block
from kiosk import logs
from kiosk.issuance import receipts
from kiosk.issuance.outcome import IssueFailed, Printed
from kiosk.session.panel import Abandoned
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble, of_issue

REMINDERS: Final = 2
"""So often somebody may say that they are there, and not take it."""
LOOK_S: Final = 1.0


async def hand_over(session: ResidentSession, document: registry.Document, printed: Printed) -> None:
    """Returns when the resident has it.

    Raises:
        Trouble: They have not; the journal says where it is.
    """
    if printed.taken:
        return
    try:
        await (_by_sensor if printed.noticed else _by_touch)(session, document, printed)
    except IssueFailed as error:
        raise failure_slip(session, document.kind, error) from error


async def _by_touch(session: ResidentSession, document: registry.Document, printed: Printed) -> None:
    screen = pb.TakePaperScreen(kind=document.kind, page_count=printed.page_count)
    issuer, waits = session.kiosk.issuer, session.kiosk.config.session
    take_s = session.kiosk.config.take_s(document.kind)
    try:
        await session.panel.ask(screen, "done", idle_s=take_s, still_there_s=waits.still_there_s)
    except Abandoned as error:
        await issuer.not_confirmed(printed.key, printed.grant_id)
        raise Trouble(pb.TROUBLE_KIND_NOT_TAKEN, printed.receipt_number) from error
    await issuer.taken(printed)


async def _by_sensor(session: ResidentSession, document: registry.Document, printed: Printed) -> None:
    screen = pb.TakePaperScreen(kind=document.kind, page_count=printed.page_count, noticed=True)
    issuer, waits = session.kiosk.issuer, session.kiosk.config.session
    take_s = session.kiosk.config.take_s(document.kind)
    for _ in range(1 + REMINDERS):
        await session.panel.show(screen, take_s)
        if await issuer.wait_taken(printed, take_s):
            return
        asking = asyncio.create_task(session.panel.still_there(waits.still_there_s, document.kind))
        try:
            while not asking.done():
                # In small pieces and never cancelled: what the sensor saw is journaled before anything else.
                if await issuer.wait_taken(printed, LOOK_S):
                    return
        finally:
            asking.cancel()
            (answer,) = await asyncio.gather(asking, return_exceptions=True)
        if isinstance(answer, Abandoned):
            break
    await issuer.draw_back(printed)


def frame(session: ResidentSession) -> receipts.Frame:
    """What every slip of this session has."""
    config = session.kiosk.config
    return receipts.Frame(datetime.now().astimezone(), config.site_name, session.panel.language, config.simulation)


def failure_slip(session: ResidentSession, kind: registry.DocumentKind.ValueType, error: IssueFailed) -> Trouble:
    """What to show after a failed issuance; its slip is printed meanwhile, where there is a number and paper."""
    trouble = of_issue(error)
    printer = session.kiosk.receipt_printer
    if error.number and receipts.printable(printer):
        trouble.slip = True
        blocks = receipts.failed(frame(session), number=error.number, kind=kind, end=error.end)
        session.kiosk.background(print_slip(session, blocks, error.number))
    return trouble


async def print_slip(session: ResidentSession, blocks: tuple[Block, ...], number: str) -> None:
    """Print one that nobody waits for."""
    if not await receipts.print_receipt(session.kiosk.receipt_printer, blocks, number):
        logs.event("slip_failed", receipt_number=number)
