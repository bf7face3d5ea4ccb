"""Runs checks: subjects side by side, each in a thread of its own. One that raises or hangs takes nothing else down."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

from selftest.model import Check, Finding, Level, Machine, Outcome, Report, Result, Subject, skipped

OPEN_S: Final = 12.0
CLOSE_S: Final = 5.0

Progress = Callable[[Check, Finding | None], None]
_ORDER: Final = {Level.QUICK: 0, Level.FULL: 1}


def run(
    subjects: Sequence[Subject],
    machine: Machine,
    level: Level,
    devices: frozenset[str] = frozenset(),
    on_progress: Progress = lambda check, finding: None,
) -> Report:
    """Run every check of a level.

    Args:
        subjects: What to check.
        machine: For the report.
        level: Checks of this level and below.
        devices: Only these; empty for all.
        on_progress: Called with None when a check begins and with its finding when it ends; from several threads,
            one call at a time.
    """
    began, began_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="milliseconds")
    turn = threading.Lock()

    def tell(check: Check, finding: Finding | None) -> None:
        with turn:
            on_progress(check, finding)

    chosen = [(subject, _wanted(subject, level, devices)) for subject in subjects]
    results: dict[str, Result] = {}
    threads = []
    for subject, checks in chosen:
        if checks:
            work = threading.Thread(target=_run_subject, args=(subject, checks, tell, results), daemon=True)
            work.start()
            threads.append(work)
    for work in threads:
        work.join()
    ordered = tuple(results[check.id] for _, checks in chosen for check in checks)
    return Report(machine, level, began_at, time.monotonic() - began, ordered)


def _wanted(subject: Subject, level: Level, devices: frozenset[str]) -> list[Check]:
    of_level = [check for check in subject.checks if _ORDER[check.level] <= _ORDER[level]]
    return [check for check in of_level if not devices or check.device in devices]


def _run_subject(
    subject: Subject,
    checks: Sequence[Check],
    tell: Callable[[Check, Finding | None], None],
    results: dict[str, Result],
) -> None:
    """The supervisor of one subject: it never calls the device itself, so it never hangs."""
    worker = _Worker(checks[0].device)
    broken = worker.do(_quietly(subject.open), OPEN_S)
    blocked = "" if broken.outcome is Outcome.PASS else "open"
    for check in checks:
        tell(check, None)
        began = time.monotonic()
        if not blocked:
            finding = worker.do(check.run, check.within_s)
        elif check is checks[0]:
            finding = broken
        else:
            finding = skipped(f"blocked:{blocked}")
        if finding.outcome is Outcome.TIMEOUT and not blocked:
            # Its thread still holds the driver, and one thread owns one device.
            blocked = check.id
        results[check.id] = Result(check, finding, time.monotonic() - began)
        tell(check, finding)
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
