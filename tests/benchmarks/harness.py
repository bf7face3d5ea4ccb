"""What a benchmark says: a `Row` a figure, gathered from repeated runs."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

COLUMNS = ("name", "value", "unit", "target", "met", "reference", "ratio", "runs", "median", "min", "max")


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked for.

    Attributes:
        faces: A folder of photographs for areas that measure recognition; such areas say what they need.
        only: Areas, or areas with a row's name (`journey`, `journey.first_frame_s`); empty for all.
    """

    faces: Path | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        name: `area.figure_unit`, as `journey.software_s`.
        value: What is held against the target, in `unit`; mostly the median.
        target: The limit, None when there is none.
        at_most: Whether the target is an upper limit (else a lower one).
        reference: What another way, or a known figure, takes; in `unit`.
        runs: How many times it was measured; `median`, `min` and `max` are over these.
        note: A few words on how it was measured; in the JSON only.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_most: bool = True
    reference: float | None = None
    runs: int = 1
    median: float | None = None
    min: float | None = None
    max: float | None = None
    note: str = field(default="", kw_only=True)

    @property
    def ratio(self) -> float | None:
        """Value over reference."""
        return self.value / self.reference if self.reference else None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target

    def as_json(self) -> dict[str, Any]:
        """All of it, computed figures too."""
        return asdict(self) | {"ratio": self.ratio, "met": self.met}

    def cells(self) -> list[str]:
        """The table's line, in the order of `COLUMNS`."""
        sign = "<=" if self.at_most else ">="
        target = "" if self.target is None else f"{sign} {figure(self.target)}"
        met = {None: "", True: "yes", False: "NO"}[self.met]
        numbers = (self.median, self.min, self.max)
        return [
            self.name,
            figure(self.value),
            self.unit,
            target,
            met,
            figure(self.reference),
            figure(self.ratio),
            str(self.runs),
            *map(figure, numbers),
        ]


def measured(name: str, unit: str, samples: Sequence[float], **words: Any) -> Row:
    """A row whose value is the samples' median.

    Args:
        name: As in `Row`.
        unit: As in `Row`.
        samples: One figure a run, at least one.
        words: Other attributes of `Row`.
    """
    median = statistics.median(samples)
    given = {"value": median} | words
    return Row(name, unit=unit, runs=len(samples), median=median, min=min(samples), max=max(samples), **given)


def seconds(work: Callable[[], object], runs: int, warm_up: int = 1) -> list[float]:
    """How long `work` takes, each of `runs` times after `warm_up` times that do not count."""
    for _ in range(warm_up):
        work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return taken


def row_of(given: "Row | Mapping[str, Any]") -> Row:
    """A row from a row or from a mapping with its attributes (computed ones are computed again)."""
    if isinstance(given, Row):
        return given
    return Row(**{key: value for key, value in given.items() if key not in ("ratio", "met")})


def figure(number: float | None) -> str:
    """A number short enough to read, at least three digits of it."""
    if number is None:
        return ""
    return f"{number:.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def table(rows: Sequence[Row]) -> str:
    """The rows under their headings, aligned: numbers to the right."""
    lines = [list(COLUMNS), *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(COLUMNS))]
    left = {0, 2}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
