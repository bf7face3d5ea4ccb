"""Runs checks: subjects side by side, each in a thread of its own. One that raises or hangs takes nothing else down."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from selftest.model import CANCELLED, Check, Finding, Level, Machine, Outcome, Report, Result, Subject, skipped

OPEN_S: Final = 12.0
CLOSE_S: Final = 5.0

Progress = Callable[[Check, Finding | None], None]
_LEVELS: Final = {
    Level.QUICK: (Level.QUICK,),
    Level.FULL: (Level.QUICK, Level.FULL),
    Level.ENDURANCE: (Level.QUICK, Level.ENDURANCE),
}


def run(
    subjects: Sequence[Subject],
    machine: Machine,
    level: Level,
    devices: frozenset[str] = frozenset(),
    on_progress: Progress = lambda check, finding: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Run every check of a level.

    Args:
        subjects: What to check.
        machine: For the report.
        level: `full` and `endurance` begin with the checks of `quick`.
        devices: Only these; empty for all.
        on_progress: Called with None when a check begins and with its finding when it ends; from several threads,
            one call at a time.
        cancelled: Once it says so, checks that have not begun are left out.
    """
    began, began_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="milliseconds")
    turn = threading.Lock()

    def tell(check: Check, finding: Finding | None) -> None:
        with turn:
            on_progress(check, finding)

    chosen = [(subject, wanted(subject, level, devices)) for subject in subjects]
    results: dict[str, Result] = {}
    for phase in sorted({subject.phase for subject, _ in chosen}):
        now = [one for one in chosen if one[0].phase == phase and one[1]]
        _run_phase(now, _Run(tell, results, cancelled), side_by_side=phase == 0)
    ordered = tuple(results[check.id] for _, checks in chosen for check in checks)
    return Report(machine, level, began_at, time.monotonic() - began, ordered, tuple(sorted(devices)))


@dataclass(frozen=True, slots=True)
class _Run:
    """What every subject's supervisor reports to."""

    tell: Callable[[Check, Finding | None], None]
    results: dict[str, Result]
    cancelled: Callable[[], bool]

    def ended(self, check: Check, finding: Finding, seconds: float) -> None:
        self.results[check.id] = Result(check, finding, seconds)
        self.tell(check, finding)


def _run_phase(
    chosen: Sequence[tuple[Subject, Sequence[Check]]],
    run: _Run,
    *,
    side_by_side: bool,
) -> None:
    threads = []
    for subject, checks in chosen:
        work = threading.Thread(target=_run_subject, args=(subject, checks, run), daemon=True)
        work.start()
        threads.append(work)
        if not side_by_side:
            work.join()
    for work in threads:
        work.join()


def wanted(subject: Subject, level: Level, devices: frozenset[str] = frozenset()) -> list[Check]:
    """The checks of a subject that a run at this level does."""
    of_level = [check for check in subject.checks if check.level in _LEVELS[level]]
    return [check for check in of_level if not devices or check.device in devices]


def _run_subject(subject: Subject, checks: Sequence[Check], run: _Run) -> None:
    """The supervisor of one subject: it never calls the device itself, so it never hangs."""
    if run.cancelled():
        for check in checks:
            run.tell(check, None)
            run.ended(check, skipped(CANCELLED), 0.0)
        return
    worker = _Worker(checks[0].device)
    broken = worker.do(_quietly(subject.open), OPEN_S)
    blocked = "" if broken.outcome is Outcome.PASS else "open"
    for check in checks:
        run.tell(check, None)
        began = time.monotonic()
        if run.cancelled():
            finding = skipped(CANCELLED)
        elif not blocked:
            finding = worker.do(check.run, check.within_s)
        elif check is checks[0]:
            finding = broken
        else:
            finding = skipped(f"blocked:{blocked}")
        if finding.outcome is Outcome.TIMEOUT and not blocked:
            # Its thread still holds the driver, and one thread owns one device.
            blocked = check.id
        run.ended(check, finding, time.monotonic() - began)
    # A hung call ends when its driver is closed; closing from elsewhere is what the ports allow.
    closer = worker if not worker.hung else _Worker("closer")
    closer.do(_quietly(subject.close), CLOSE_S)
    closer.end()
    worker.end()


def _quietly(work: Callable[[], None]) -> Callable[[], Finding]:
    def done() -> Finding:
        work()
        return Finding(Outcome.PASS)

    return done


class _Worker:
    """A thread that may be left behind."""

    def __init__(self, name: str) -> None:
        self.hung = False
        self._jobs: queue.SimpleQueue[Callable[[], Finding] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Finding] = queue.SimpleQueue()
        threading.Thread(target=self._run, name=f"selftest-{name}", daemon=True).start()

    def do(self, work: Callable[[], Finding], within_s: float) -> Finding:
        """What `work` found; ERROR when it raised, TIMEOUT when it is still at it, and then nothing more is done."""
        self._jobs.put(work)
        try:
            return self._done.get(timeout=within_s)
        except queue.Empty:
            self.hung = True
            return Finding(Outcome.TIMEOUT, f"no end within {within_s:g} s")

    def end(self) -> None:
        """Let the thread end when it comes back."""
        self._jobs.put(None)

    def _run(self) -> None:
        while (work := self._jobs.get()) is not None:
            try:
                finding = work()
            except BaseException as error:  # noqa: BLE001 - supervised: a check that breaks is an outcome
                # The type alone: the message of an unforeseen error may be anything.
                finding = Finding(Outcome.ERROR, type(error).__name__)
            self._done.put(finding)
