"""The same movement again and again: median, worst case, and whether it gets slower."""

import statistics
import time
from collections.abc import Callable
from typing import Final

from selftest.model import Limits, Measurement

# A third of a run is compared with another: fewer cycles than this say nothing about drift.
FEWEST: Final = 6


def timed(work: Callable[[], None], cycles: int) -> list[float]:
    """Seconds that each one took. What `work` raises ends it."""
    seconds = []
    for _ in range(cycles):
        began = time.monotonic()
        work()
        seconds.append(time.monotonic() - began)
    return seconds


def measurements(seconds: list[float], worst: Limits, drift: Limits) -> tuple[Measurement, ...]:
    """Of a run.

    Args:
        worst: Of the slowest one, ms.
        drift: Of the last third's median over the first third's, as a factor.
    """
    told = [
        Measurement("cycles", len(seconds)),
        Measurement("median", 1000 * statistics.median(seconds), "ms"),
        Measurement("worst", 1000 * max(seconds), "ms", worst),
    ]
    third = len(seconds) // 3
    if len(seconds) >= FEWEST:
        first, last = statistics.median(seconds[:third]), statistics.median(seconds[-third:])
        told.append(Measurement("drift", last / first if first > 0 else 1.0, "x", drift))
    return tuple(told)
