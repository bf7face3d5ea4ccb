"""Restart and shut down, as far as the configuration lets anybody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from adm.panel.v1 import technician_pb2 as tech

from kiosk import logs

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

ORDER_S: Final = 20.0
_WORDS: Final = {
    tech.TECHNICIAN_TASK_RESTART: ("restart_ask", "restart", "reboot"),
    tech.TECHNICIAN_TASK_SHUT_DOWN: ("shut_down_ask", "shut_down", "poweroff"),
}


async def power(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The task. What is being issued is never cut off: nobody is served in technician's mode."""
    ask, deed, order = _WORDS[task]
    await session.task(task, tech.TASK_STATE_ASK, ask)
    await session.deed(deed)
    await session.task(task, tech.TASK_STATE_WORKING, "working")
    if session.kiosk.config.technician.power == "daemon":
        session.kiosk.stop_wanted.set()
        await asyncio.Event().wait()  # the daemon ends, and this with it
    while not await _ordered(order):
        await session.task(task, tech.TASK_STATE_FAILED, "failed", reason="systemctl")
    await asyncio.sleep(ORDER_S)  # systemd ends us meanwhile


async def _ordered(order: str) -> bool:
    """Ask systemd; polkit lets the daemon's user do so (systemd/polkit)."""
    try:
        process = await asyncio.create_subprocess_exec("systemctl", "--no-ask-password", order)
        async with asyncio.timeout(ORDER_S):
            return await process.wait() == 0
    except (OSError, TimeoutError) as error:
        logs.event("power_order_failed", error=error)
        return False
