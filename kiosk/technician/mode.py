"""Technician's mode from the door to the door: who, the menu, a task, the menu, out."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adm.panel.v1 import technician_pb2 as tech

from drivers.errors import DriverError
from kiosk import logs
from kiosk.issuance.errors import JournalError
from kiosk.session.panel import Abandoned
from kiosk.technician.door import Door, admitted
from kiosk.technician.menu import menu
from kiosk.technician.notebook import vouch
from kiosk.technician.session import Back, TechnicianSession
from kiosk.technician.tasks import TASKS

if TYPE_CHECKING:
    from kiosk.kiosk import Kiosk


async def technician_mode(kiosk: Kiosk, door: Door) -> None:
    """Let in who has just been recognised, and work for them until they leave or are forgotten."""
    holder, door.comer = door.comer, None
    if holder is None:
        return
    kiosk.attended = True
    try:
        if await admitted(kiosk, door, holder):
            await _work(TechnicianSession(kiosk, holder))
    except Abandoned:
        logs.event("technician", reason="nobody_there")
    except (JournalError, OSError) as error:
        logs.event("technician", reason="refused", error=error)
    finally:
        await asyncio.shield(kiosk.panel.forget())
        kiosk.attended = False
        await kiosk.look()


async def _work(session: TechnicianSession) -> None:
    await _entered(session)
    try:
        while True:
            answer = await session.ask(await menu(session), "choose_task", "done")
            if answer.WhichOneof("act") == "done":
                return
            task = answer.choose_task.task
            if task in await enabled(session):
                await _one(session, task)
    except Back:
        return
    finally:
        await session.deed("leave")


async def _entered(session: TechnicianSession) -> None:
    """Written down. Where the journal takes nothing a technician is needed most: in, but only to look."""
    try:
        await session.deed("enter")
        await vouch(session.kiosk, session.holder)
    except JournalError as error:
        logs.event("technician", reason="journal_refuses", error=error)
        session.read_only = True
        await session.deed("enter")
    except OSError as error:
        logs.event("technician", reason="notes_kept", error=error)


async def enabled(session: TechnicianSession) -> frozenset[tech.TechnicianTask.ValueType]:
    """What may be chosen now; a touch proves nothing about who may."""
    screen = (await menu(session))(session.panel.language)
    assert isinstance(screen, tech.TechnicianMenuScreen)
    return frozenset(choice.task for choice in screen.tasks if choice.enabled)


async def _one(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """A task that fails leads back to the menu, not out."""
    try:
        await TASKS[task](session, task)
    except Back:
        return
    except JournalError as error:
        logs.event("technician", reason="journal_refuses", error=error)
        await _tell(session, task, "journal_refuses")
    except DriverError as error:
        logs.event("technician", reason="device", error=error)
        await _tell(session, task, "failed", reason=type(error).__name__)


async def _tell(session: TechnicianSession, task: tech.TechnicianTask.ValueType, key: str, reason: str = "") -> None:
    try:
        await session.task(task, tech.TASK_STATE_FAILED, key, reason=reason)
    except Back:
        return
