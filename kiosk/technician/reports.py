"""The last self-tests, one to look at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk import checkup
from kiosk.session.panel import Worded
from kiosk.technician.testing import number_of, result_screen
from kiosk.technician.words import say

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

SHOWN: Final = 20


async def reports(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The task."""
    kept = checkup.archive(session.kiosk.config)
    found = list(reversed(await asyncio.to_thread(kept.reports)))[:SHOWN]
    by_number = {number_of(report): report for report in found}
    await session.deed("reports")
    while True:
        answer = await session.ask(_list(task, found), "pick", "done")
        if answer.WhichOneof("act") == "done":
            return
        report = by_number.get(answer.pick.id)
        if report is not None:
            await session.ask(result_screen(report, kept=True, earlier=True), "done")


def _list(task: tech.TechnicianTask.ValueType, found: Sequence[Mapping[str, Any]]) -> Worded:
    def worded(language: pb.Language.ValueType) -> tech.PickScreen:
        return tech.PickScreen(task=task, lines=[_line(report, language) for report in found])

    return worded


def _line(report: Mapping[str, Any], language: pb.Language.ValueType) -> tech.PickLine:
    ill = sum(report["counts"][outcome] for outcome in ("fail", "error", "timeout"))
    return tech.PickLine(
        id=number_of(report),
        icon="report",
        title=f"{number_of(report)}  {say('level_' + report['level'], language)}",
        detail=say("ill_report", language, count=ill) if ill else say("well", language),
        marked=bool(ill),
    )
