"""A self-test on the machine's own screen: live progress, questions to the person there, and what it found."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk import checkup, logs
from kiosk.checkup_subjects import Context, subjects
from kiosk.session.panel import Panel, Screen, Worded
from kiosk.technician.operator import AtThePanel
from kiosk.technician.using import used_up
from selftest.model import Check, Finding, Level, Outcome
from selftest.runner import wanted

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

LEVELS: Final = {
    tech.TECHNICIAN_TASK_SELF_TEST_QUICK: Level.QUICK,
    tech.TECHNICIAN_TASK_SELF_TEST_FULL: Level.FULL,
    tech.TECHNICIAN_TASK_SELF_TEST_ENDURANCE: Level.ENDURANCE,
}
TASKS: Final = {level: task for task, level in LEVELS.items()}
OUTCOMES: Final[Mapping[str, tech.CheckOutcome.ValueType]] = {
    Outcome.PASS: tech.CHECK_OUTCOME_PASS,
    Outcome.FAIL: tech.CHECK_OUTCOME_FAIL,
    Outcome.ERROR: tech.CHECK_OUTCOME_ERROR,
    Outcome.TIMEOUT: tech.CHECK_OUTCOME_TIMEOUT,
    Outcome.SKIPPED: tech.CHECK_OUTCOME_SKIPPED,
}
ACTIONS: Final[Mapping[str, tech.AdviceAction.ValueType]] = {
    "reset": tech.ADVICE_ACTION_RESET,
    "softwareError": tech.ADVICE_ACTION_SOFTWARE_ERROR,
    "configuration": tech.ADVICE_ACTION_CONFIGURATION,
    "clear": tech.ADVICE_ACTION_CLEAR,
    "maintenance": tech.ADVICE_ACTION_MAINTENANCE,
    "suspend": tech.ADVICE_ACTION_SUSPEND,
}
_MEASURED: Final = 3


async def self_test(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The task: as often as they want."""
    level = LEVELS[task]
    while True:
        await session.deed("self_test", level=level.value)
        report, signature, complaint = await _run(session, level)
        if complaint:
            logs.event("selftest_not_kept")
        session.kiosk.tested_now(report, signature)
        screen = result_screen(report, kept=not complaint)
        if (await session.ask(screen, "done", "retry")).WhichOneof("act") == "done":
            return


async def _run(session: TechnicianSession, level: Level) -> tuple[dict[str, Any], bytes, str]:
    kiosk = session.kiosk
    loop = asyncio.get_running_loop()
    async with kiosk.devices_put_down():
        ports = checkup.ports(kiosk.config, list(kiosk.config.devices))
        running = Running(session.panel, level)
        spend = _Spending(session, loop)
        context = Context(AtThePanel(running, loop), spend, lambda: kiosk.clock_offset_s, kiosk.faces)
        nothing = subjects(kiosk.config, ports, Context(), checkup.journal_wrongs)
        running.expect([check for subject in nothing for check in wanted(subject, level)])
        await running.draw()

        def progress(check: Check, finding: Finding | None) -> None:
            asyncio.run_coroutine_threadsafe(running.told(check, finding), loop)

        watching = asyncio.create_task(running.watch_cancel())
        try:
            run = asyncio.to_thread(
                checkup.checked, kiosk.config, ports, level, frozenset(), progress, context, lambda: running.ending
            )
            # A run is never left half way: its threads hold the devices.
            report = await asyncio.shield(run)
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
    return await asyncio.to_thread(checkup.keep, kiosk.config, report)


class _Spending:
    """Writes down what a self-test uses up, before it does. Called from the checks' threads."""

    def __init__(self, session: TechnicianSession, loop: asyncio.AbstractEventLoop) -> None:
        self._session = session
        self._loop = loop

    def __call__(self, what: str, count: int) -> None:
        asyncio.run_coroutine_threadsafe(self._write(what, count), self._loop).result(30.0)

    async def _write(self, what: str, count: int) -> None:
        holder = self._session.holder
        await used_up(self._session.kiosk, holder.staff, holder.role.value, what, count)


class Running:
    """What the screen shows of a run, and the one question that is open."""

    def __init__(self, panel: Panel, level: Level) -> None:
        self.panel = panel
        self.ending = False
        self._level = level
        self._checks: dict[str, Check] = {}
        self._found: dict[str, Finding | None] = {}
        self._step = tech.OPERATOR_STEP_UNSPECIFIED
        self._left_s = 0.0
        self._away = False
        self._waiting: asyncio.Future[pb.ActRequest] | None = None

    def expect(self, checks: Sequence[Check]) -> None:
        """Which checks there will be, in order."""
        self._checks = {check.id: check for check in checks}

    async def told(self, check: Check, finding: Finding | None) -> None:
        """A check began (None) or ended."""
        self._checks.setdefault(check.id, check)
        self._found[check.id] = finding
        await self.draw()

    async def draw(self) -> None:
        """Show how far it is, unless a test of the display has the screen."""
        if not self._away:
            await self.panel.show(self._worded())

    async def watch_cancel(self) -> None:
        """Cancel ends the run after the checks under way; every other touch answers the open question."""
        while True:
            act = await self.panel.wait_act("cancel", "confirm", "reject", "frame_shown", "touch_map")
            name, waiting = act.WhichOneof("act"), self._waiting
            if name == "cancel" and not self._away:
                self.ending = True
                await self.draw()
            if waiting is not None and not waiting.done():
                waiting.set_result(act)

    async def answer(self, step: tech.OperatorStep.ValueType, within_s: float) -> bool | None:
        """Ask for a step: confirm, reject, or None when the time is over or the run was cancelled."""
        self._step, self._left_s = step, within_s
        await self.draw()
        try:
            async with asyncio.timeout(within_s):
                while True:
                    name = (await self._next()).WhichOneof("act")
                    if name in ("confirm", "reject", "cancel"):
                        return None if name == "cancel" else name == "confirm"
        except TimeoutError:
            return None
        finally:
            await self.step_over()

    async def step_over(self) -> None:
        """Nothing is asked any more."""
        if self._step != tech.OPERATOR_STEP_UNSPECIFIED:
            self._step, self._left_s = tech.OPERATOR_STEP_UNSPECIFIED, 0.0
            await self.draw()

    async def shown(self, frame: pb.PreviewResponse, number: int) -> bool:
        """Show a frame, and wait until the screens have drawn it."""
        waiting = asyncio.ensure_future(self._next())
        await self.panel.add_frame(frame)
        try:
            while (act := await waiting).frame_shown.number < number:
                waiting = asyncio.ensure_future(self._next())
            return act.WhichOneof("act") == "frame_shown"
        finally:
            waiting.cancel()

    async def detour(self, screen: Screen, within_s: float, *acts: str) -> pb.ActRequest | None:
        """Another screen in between."""
        self._away = True
        await self.panel.show(screen, within_s)
        try:
            async with asyncio.timeout(within_s):
                while (act := await self._next()).WhichOneof("act") not in acts:
                    pass
                return act
        except TimeoutError:
            return None
        finally:
            self._away = False
            await self.draw()

    async def _next(self) -> pb.ActRequest:
        self._waiting = asyncio.get_running_loop().create_future()
        return await self._waiting

    def _worded(self) -> Worded:
        checks, found = list(self._checks.values()), dict(self._found)
        ended = sum(one is not None for one in found.values())
        step, left, ending, task = self._step, round(self._left_s), self.ending, TASKS[self._level]

        def worded(language: pb.Language.ValueType) -> tech.SelfTestScreen:
            return tech.SelfTestScreen(
                level=task,
                checks=[_line(check, check.id in found, found.get(check.id), language) for check in checks],
                progress=ended / max(1, len(checks)),
                step=step,
                seconds_left=left,
                ending=ending,
            )

        return worded


def _line(check: Check, begun: bool, finding: Finding | None, language: pb.Language.ValueType) -> tech.CheckLine:
    title = check.title.en if language == pb.LANGUAGE_EN else check.title.id
    line = tech.CheckLine(id=check.id, device=check.device, title=title)
    if finding is None:
        line.outcome = tech.CHECK_OUTCOME_RUNNING if begun else tech.CHECK_OUTCOME_WAITING
        return line
    line.outcome = OUTCOMES[finding.outcome]
    told = [f"{one.name} {one.value:.3g} {one.unit}".strip() for one in finding.measurements]
    line.detail = finding.reason or ", ".join(told[:_MEASURED])
    return line


def result_screen(report: Mapping[str, Any], *, kept: bool, earlier: bool = False) -> Worded:
    """A report as it is kept, in the View's language."""

    def worded(language: pb.Language.ValueType) -> tech.SelfTestResultScreen:
        key = "en" if language == pb.LANGUAGE_EN else "id"
        counts = report["counts"]
        screen = tech.SelfTestResultScreen(
            passed=report["well"],
            checks=[_kept_line(check, key) for check in report["checks"]],
            to_do=[_to_do(check, key) for check in report["checks"] if check["outcome"] not in ("pass", "skipped")],
            report_number=number_of(report),
            passed_count=counts["pass"],
            failed_count=counts["fail"] + counts["error"] + counts["timeout"],
            skipped_count=counts["skipped"],
            level=TASKS[Level(report["level"])],
            kept=kept,
            earlier=earlier,
        )
        screen.at.FromDatetime(datetime.fromisoformat(report["began_at"]))
        return screen

    return worded


def number_of(report: Mapping[str, Any]) -> str:
    """What people call a report: when it began."""
    return datetime.fromisoformat(report["began_at"]).strftime("ST-%Y%m%d-%H%M%S")


def _kept_line(check: Mapping[str, Any], key: str) -> tech.CheckLine:
    told = [f"{one['name']} {_short(one['value'])} {one['unit']}".strip() for one in check["measurements"]]
    return tech.CheckLine(
        id=check["id"],
        device=check["device"],
        title=check["title"][key],
        outcome=OUTCOMES[check["outcome"]],
        detail=check["reason"] or ", ".join(told[:_MEASURED]),
    )


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _to_do(check: Mapping[str, Any], key: str) -> tech.ToDo:
    advice = check["advice"] or {"action": "", "id": "", "en": ""}
    return tech.ToDo(
        device=check["device"],
        title=check["title"][key],
        advice=advice[key],
        action=ACTIONS.get(advice["action"], tech.ADVICE_ACTION_UNSPECIFIED),
        reason=check["reason"],
    )
