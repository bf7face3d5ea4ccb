"""What a check is and what comes of it. Data only.

Actions that mend a fault are XFS4IoT's error actions (`drivers.status.ErrorAction`); texts are Indonesian and English.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.status import ErrorAction

CANCELLED: Final = "cancelled"
ALONE: Final = "nobody is there"
"""Beginnings of reasons for which a check was skipped, though it could have been done."""


class Outcome(StrEnum):
    """How a check ended.

    PASS: as it should be. FAIL: the device is not well. ERROR: the check itself broke. TIMEOUT: it did not end in
    time. SKIPPED: not done; the reason says why.
    """

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"


class Level(StrEnum):
    """`quick`: no paper, nobody there. `full`: everything, prints test pages and asks for a card. `endurance`: a few
    movements again and again, for drift and the worst case.
    """

    QUICK = "quick"
    FULL = "full"
    ENDURANCE = "endurance"


class Needs(StrEnum):
    """What a check needs besides the device."""

    NOTHING = "nothing"
    OPERATOR = "operator"
    PAPER = "paper"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Words:
    """The same text for people of both languages."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What mends it: the action as XFS4IoT names it, and a sentence."""

    action: ErrorAction
    words: Words


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value may be, inclusive; None: no limit on that side."""

    at_least: float | None = None
    at_most: float | None = None

    def hold(self, value: float) -> bool:
        """Whether the value is within; one that is no number never is."""
        low = self.at_least is None or value >= self.at_least
        high = self.at_most is None or value <= self.at_most
        return value == value and low and high


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure.

    Attributes:
        name: Within its check, as rate.
        unit: As 1/s; empty for a count.
    """

    name: str
    value: float
    unit: str = ""
    limits: Limits = Limits()

    @property
    def holds(self) -> bool:
        """Whether it is within its limits."""
        return self.limits.hold(self.value)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to.

    Attributes:
        reason: Key words such as paper:out; empty when it passed.
        advice: For a FAIL, what to do.
        facts: What the device says of itself: name and value, as its serial number.
        blames: Device that is to blame, where it is another than the check's.
    """

    outcome: Outcome
    reason: str = ""
    advice: Advice | None = None
    measurements: tuple[Measurement, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    blames: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One question to one device.

    Attributes:
        id: device.question, as camera.picture; never changes, trends go by it.
        device: What is to blame when it fails.
        run: Does it; may raise anything and hang, the runner sees to that.
        within_s: When it counts as hung.
    """

    id: str
    device: str
    title: Words
    run: Callable[[], Finding]
    within_s: float
    needs: Needs = Needs.NOTHING
    level: Level = Level.QUICK


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Subject:
    """Checks that share one driver, and so one thread; in order.

    Attributes:
        open: Called first in that thread.
        close: Called last, also when a check hangs.
        phase: Subjects of a phase run side by side; of phase 1 and above, one after the other, for they share
            devices with others.
    """

    checks: tuple[Check, ...]
    open: Callable[[], None] = _nothing
    close: Callable[[], None] = _nothing
    phase: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """A check and what came of it.

    Attributes:
        seconds: How long it took.
    """

    check: Check
    finding: Finding
    seconds: float

    @property
    def device(self) -> str:
        """Which device it is about."""
        return self.finding.blames or self.check.device


@dataclass(frozen=True, slots=True)
class Machine:
    """Whose report this is.

    Attributes:
        versions: Software by name.
        drivers: Driver by role.
        simulation: Devices are virtual, and the report says so.
    """

    machine_id: str
    versions: dict[str, str]
    drivers: dict[str, str]
    simulation: bool


@dataclass(frozen=True, slots=True)
class Report:
    """One run.

    Attributes:
        began_at: UTC, ISO 8601.
        seconds: Of wall time, from the first check to the last.
        devices: Only these were meant; empty for all.
    """

    machine: Machine
    level: Level
    began_at: str
    seconds: float
    results: tuple[Result, ...]
    devices: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Every device was meant, nobody cancelled, and who was needed was there: it counts as a test of its level."""
        left_out = (CANCELLED, ALONE)
        return not self.devices and not any(one.finding.reason.startswith(left_out) for one in self.results)

    @property
    def well(self) -> bool:
        """Nothing failed, broke or hung, and something was tried."""
        outcomes = {result.finding.outcome for result in self.results}
        return Outcome.PASS in outcomes and outcomes <= {Outcome.PASS, Outcome.SKIPPED}


def passed(*measurements: Measurement) -> Finding:
    """A PASS."""
    return Finding(Outcome.PASS, measurements=measurements)


def failed(reason: str, advice: Advice, *measurements: Measurement) -> Finding:
    """A FAIL and what to do."""
    return Finding(Outcome.FAIL, reason, advice, measurements)


def skipped(reason: str) -> Finding:
    """Not done, and why."""
    return Finding(Outcome.SKIPPED, reason)


def judged(reason: str, advice: Advice, *measurements: Measurement) -> Finding:
    """PASS when every measurement is within its limits, else a FAIL whose reason names those that are not."""
    outside = [one.name for one in measurements if not one.holds]
    if not outside:
        return passed(*measurements)
    return failed(f"{reason}:{','.join(outside)}" if reason else ",".join(outside), advice, *measurements)
