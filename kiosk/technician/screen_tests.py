"""The touch panel and the display, each by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adm.panel.v1 import technician_pb2 as tech

from selftest.checks.panel import COLUMNS, ROWS, TOUCH_S

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession


async def touch_test(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """Every cell of the screen."""
    screen = tech.TouchTestScreen(columns=COLUMNS, rows=ROWS, seconds_left=round(TOUCH_S))
    answer = await session.ask(screen, "touch_map")
    dead = len({cell for cell in answer.touch_map.dead if cell < COLUMNS * ROWS})
    await session.deed("touch_test", dead=dead)
    state, key = (tech.TASK_STATE_FAILED, "touch_bad") if dead else (tech.TASK_STATE_DONE, "touch_ok")
    await session.task(task, state, key, device="touch", count=dead)


async def display_test(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """Plain colours and fine lines."""
    fine = (await session.ask(tech.DisplayTestScreen(), "confirm", "reject")).WhichOneof("act") == "confirm"
    await session.deed("display_test", fine=int(fine))
    state, key = (tech.TASK_STATE_DONE, "display_ok") if fine else (tech.TASK_STATE_FAILED, "display_bad")
    await session.task(task, state, key, device="display")
