"""The runner goes on whatever a check does, and says what became of each."""

import threading
from collections.abc import Callable

import pytest

from drivers.status import ErrorAction
from selftest.model import (
    Advice,
    Check,
    Finding,
    Level,
    Limits,
    Machine,
    Measurement,
    Outcome,
    Subject,
    Words,
    failed,
    judged,
    passed,
    skipped,
)
from selftest.runner import run

MACHINE = Machine("kiosk/3520/test", {}, {}, True)
ADVICE = Advice(ErrorAction.CLEAR, Words("Bersihkan.", "Clear it."))
LONG_S = 30.0


def check(
    name: str, work: Callable[[], Finding] = passed, within_s: float = LONG_S, level: Level = Level.QUICK
) -> Check:
    return Check(name, name.split(".")[0], Words(name, name), work, within_s, level=level)


def outcomes(*subjects: Subject, level: Level = Level.QUICK, devices: frozenset[str] = frozenset()) -> dict[str, str]:
    report = run(subjects, MACHINE, level, devices)
    return {result.check.id: result.finding.outcome.value for result in report.results}


def raises() -> Finding:
    raise RuntimeError("3520061708780003")


def test_a_check_that_raises_is_an_error_and_the_others_go_on() -> None:
    subjects = Subject((check("a.one", raises), check("a.two"))), Subject((check("b.one"),))
    report = run(subjects, MACHINE, Level.QUICK)
    assert [result.finding.outcome for result in report.results] == [Outcome.ERROR, Outcome.PASS, Outcome.PASS]
    assert report.results[0].finding.reason == "RuntimeError"
    assert not report.well


def test_a_check_that_hangs_is_a_timeout_and_its_device_is_let_be_and_closed() -> None:
    release, closed = threading.Event(), threading.Event()

    def hangs() -> Finding:
        assert release.wait(LONG_S)
        return passed()

    def close() -> None:
        release.set()
        closed.set()

    subject = Subject((check("a.one", hangs, 0.05), check("a.two"), check("a.three")), close=close)
    report = run((subject, Subject((check("b.one"),))), MACHINE, Level.QUICK)
    found = {result.check.id: (result.finding.outcome, result.finding.reason) for result in report.results}
    assert found["a.one"][0] is Outcome.TIMEOUT
    assert found["a.two"] == found["a.three"] == (Outcome.SKIPPED, "blocked:a.one")
    assert found["b.one"][0] is Outcome.PASS
    assert closed.is_set()


def test_a_driver_that_cannot_be_opened_is_the_first_checks_error() -> None:
    def explode() -> None:
        raise OSError

    assert outcomes(Subject((check("a.one"), check("a.two")), open=explode)) == {"a.one": "error", "a.two": "skipped"}


def test_a_device_is_opened_asked_and_closed_by_one_thread() -> None:
    threads: list[int] = []

    def here() -> None:
        threads.append(threading.get_ident())

    def ask() -> Finding:
        here()
        return passed()

    assert outcomes(Subject((check("a.one", ask), check("a.two", ask)), here, here))["a.two"] == "pass"
    assert len(threads) == 4
    assert len(set(threads)) == 1


def test_only_checks_of_the_level_and_of_the_devices_run() -> None:
    subjects = (
        Subject((check("a.one"), check("a.paper", level=Level.FULL))),
        Subject((check("b.one"),), open=pytest.fail),
    )
    assert outcomes(Subject((check("a.one"), check("a.paper", level=Level.FULL)))) == {"a.one": "pass"}
    assert outcomes(*subjects, level=Level.FULL, devices=frozenset({"a"})) == {"a.one": "pass", "a.paper": "pass"}


def test_progress_tells_the_beginning_and_the_end_of_each_check() -> None:
    heard: list[tuple[str, Outcome | None]] = []
    run(
        (Subject((check("a.one"), check("a.two", raises))),),
        MACHINE,
        Level.QUICK,
        on_progress=lambda one, finding: heard.append((one.id, finding.outcome if finding else None)),
    )
    assert heard == [("a.one", None), ("a.one", Outcome.PASS), ("a.two", None), ("a.two", Outcome.ERROR)]


def test_a_run_that_tried_nothing_or_only_skipped_is_not_well() -> None:
    assert not run((), MACHINE, Level.QUICK).well
    assert not run((Subject((check("a.one", lambda: skipped("no sensor")),)),), MACHINE, Level.QUICK).well
    assert run((Subject((check("a.one"), check("a.two", lambda: skipped("x")))),), MACHINE, Level.QUICK).well


@pytest.mark.parametrize(
    ("value", "limits", "holds"),
    [
        (1.0, Limits(), True),
        (1.0, Limits(at_least=1.0), True),
        (0.9, Limits(at_least=1.0), False),
        (1.1, Limits(at_most=1.0), False),
        (float("nan"), Limits(), False),
    ],
)
def test_limits_are_inclusive_and_no_number_never_holds(value: float, limits: Limits, holds: bool) -> None:
    assert limits.hold(value) is holds


def test_a_finding_names_the_measurements_outside_their_limits() -> None:
    good, bad = Measurement("rate", 15, "1/s", Limits(6)), Measurement("mean", 3, "", Limits(30))
    assert judged("picture", ADVICE, good).outcome is Outcome.PASS
    assert judged("picture", ADVICE, good, bad) == failed("picture:mean", ADVICE, good, bad)
