"""A test card is made of the test blank that somebody put in, never of a resident's blank; the virtual printer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.card_printer.port import Place
from drivers.deadline import Deadline
from drivers.status import ErrorAction
from selftest import advice
from selftest.checks import card_printer, test_card
from selftest.model import Finding, Level, Machine, Outcome
from selftest.operator import Absent, Step
from selftest.report import as_json
from selftest.runner import run
from simulator.card_printer.card import Spot
from simulator.card_printer.device import SERIAL
from simulator.card_printer.faults import Fault
from simulator.card_printer.mechanism import HOPPER_CARDS
from tests.support.card_printer_bench import CardPrinterBench

FEED = "card_printer.feed"
CHECK = "card_printer.print"


class Technician(Absent):
    """A `selftest.operator.Operator` who has test blanks, or none, or says so and puts none in."""

    def __init__(self, bench: CardPrinterBench, blanks: int, forgets: bool = False) -> None:
        self._bench = bench
        self._blanks = blanks
        self._forgets = forgets

    def ask(self, step: Step, within_s: float) -> bool | None:
        if step is not Step.LOAD_TEST_BLANK:
            return None
        if not self._blanks:
            return False
        self._blanks -= 1
        if not self._forgets:
            self._bench.act("put_test_blank")
        return True


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[CardPrinterBench]:
    bench = CardPrinterBench(tmp_path)
    yield bench
    bench.close()


def identity(bench: CardPrinterBench, accepted: str) -> dict[str, Any]:
    """As the report has it."""
    driver = bench.driver()
    driver.close()
    subject = card_printer.subject("card_printer", driver, accepted)
    report = as_json(run((subject,), Machine("kiosk/3520/test", {}, {}, True), Level.QUICK))
    (found,) = (check for check in report["checks"] if check["id"] == "card_printer.identity")
    return dict(found)


@pytest.mark.parametrize(("accepted", "outcome"), [("", "skipped"), (SERIAL, "pass"), ("another", "fail")])
def test_the_report_says_which_printer_it_is_and_with_what_firmware(
    bench: CardPrinterBench, accepted: str, outcome: str
) -> None:
    found = identity(bench, accepted)
    assert found["outcome"] == outcome
    assert found["facts"]["serial"] == SERIAL
    assert found["facts"]["model"]
    assert found["facts"]["firmware"]


def made(
    bench: CardPrinterBench, blanks: int, spent: list[str] | None = None, *, forgets: bool = False
) -> dict[str, Finding]:
    """By check."""
    driver = bench.driver()
    driver.close()
    used: list[str] = [] if spent is None else spent
    operator = Technician(bench, blanks, forgets)
    way = test_card.Way("card_printer", driver, None, None, operator, lambda what, count: used.extend([what] * count))
    report = run((test_card.subject(way),), Machine("kiosk/3520/test", {}, {}, True), Level.FULL)
    return {result.check.id: result.finding for result in report.results}


def printed(bench: CardPrinterBench, blanks: int, spent: list[str] | None = None) -> Finding:
    return made(bench, blanks, spent)[CHECK]


def test_a_test_card_uses_the_test_blank_and_none_of_the_residents(bench: CardPrinterBench) -> None:
    spent: list[str] = []
    assert printed(bench, 1, spent).outcome is Outcome.PASS
    assert [card.spot for card in bench.virtual.mechanism.cards] == [Spot.REJECT]
    mechanism = bench.virtual.mechanism
    assert [(card.test, card.clean) for card in mechanism.cards] == [(True, False)]
    assert spent == ["test_blank"]
    assert mechanism.hopper == HOPPER_CARDS


def test_without_a_test_blank_nothing_is_printed(bench: CardPrinterBench) -> None:
    spent: list[str] = []
    assert printed(bench, 0, spent).outcome is Outcome.SKIPPED
    assert bench.virtual.mechanism.cards == []
    assert spent == []


def test_a_test_blank_that_was_forgotten_costs_no_blank_of_the_residents(bench: CardPrinterBench) -> None:
    found = made(bench, 1, forgets=True)
    assert (found[FEED].outcome, found[FEED].reason) == (Outcome.FAIL, "feed:DeviceFault")
    assert found[FEED].advice is advice.FEED_CARD
    assert found[CHECK].outcome is Outcome.SKIPPED
    mechanism = bench.virtual.mechanism
    assert (mechanism.cards, mechanism.hopper, mechanism.by_hand) == ([], HOPPER_CARDS, False)


@pytest.mark.parametrize(
    ("fault", "check", "reason", "action"),
    [
        (Fault.FEEDER_JAM, FEED, "media:jammed", ErrorAction.CLEAR),
        (Fault.MECHANICAL, CHECK, "media:jammed", ErrorAction.CLEAR),
        (Fault.RIBBON_OUT, CHECK, "ribbon:out", ErrorAction.MAINTENANCE),
        (Fault.COVER_OPENED, CHECK, "cover:open", ErrorAction.CLEAR),
        (Fault.HEAD_HOT, CHECK, "head:hot", ErrorAction.RESET),
        (Fault.POWER_LOST, CHECK, "device:noDevice", ErrorAction.MAINTENANCE),
    ],
)
def test_what_stops_a_test_card_is_named(
    bench: CardPrinterBench, fault: Fault, check: str, reason: str, action: ErrorAction
) -> None:
    bench.fault(fault)
    found = made(bench, 1)[check]
    assert (found.outcome, found.reason) == (Outcome.FAIL, reason)
    assert found.advice is not None
    assert found.advice.action is action


def test_no_test_blank_is_asked_for_while_the_printer_is_open(bench: CardPrinterBench) -> None:
    bench.virtual.mechanism.cover_open = True
    spent: list[str] = []
    assert made(bench, 1, spent)[FEED].reason == "card_printer:userError"
    assert spent == []


def test_after_the_test_blank_come_the_blanks_of_the_hopper(bench: CardPrinterBench) -> None:
    assert printed(bench, 1).outcome is Outcome.PASS
    driver = bench.driver()
    try:
        driver.move(Place.INSIDE, Deadline.after(30.0))
    finally:
        driver.close()
    assert not bench.virtual.mechanism.cards[-1].test
    assert bench.virtual.mechanism.hopper == HOPPER_CARDS - 1
