"""How often somebody may ask: a bucket a caller, in memory."""

import time
from collections.abc import Callable

# More callers than this are forgotten when their buckets are full again.
_MANY = 10_000


class Rate:
    """Lets each caller ask `per_minute` times in a burst, and as often a minute from then on.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._per_s = per_minute / 60
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> float:
        """Count one question; returns 0 when it may be asked, else how many seconds to wait."""
        now = self._clock()
        left, at = self._left.get(caller, (self._most, now))
        left = min(self._most, left + (now - at) * self._per_s)
        granted = left >= 1
        self._left[caller] = (left - 1 if granted else left, now)
        if len(self._left) > _MANY:
            self._forget(now)
        return 0.0 if granted else (1 - left) / self._per_s

    def _forget(self, now: float) -> None:
        full = [caller for caller, (left, at) in self._left.items() if left + (now - at) * self._per_s >= self._most]
        for caller in full:
            del self._left[caller]
