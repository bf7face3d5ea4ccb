"""The turns of one liveness check: which are asked, how long each is held, and whether one is a repetition.

Nobody turns the head twice in the same way; a recording that comes round again does. Turns are asked until one side
was turned to twice, so that a recording with one turn to each side has to show one of them again. The second time the
request to look straight comes clearly earlier or later, so that whoever does as asked is not taken for a recording.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# What came before a turn is kept too, so that its beginning is seen.
LEAD_S: Final = 0.5
COMPARED_EVERY_S: Final = 0.1
# Curves may begin at different moments of a movement: the best fit within this shift counts.
SHIFTS_S: Final = tuple(round(-0.4 + 0.05 * step, 2) for step in range(17))


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One turn from straight to straight.

    Attributes:
        times_s: From its beginning, rising.
        degrees: Change against the straight view at these times.
    """

    times_s: NDArray[np.float64]
    degrees: NDArray[np.float64]

    @property
    def to_own_left(self) -> bool:
        """Which side it went to."""
        return bool(self.degrees[np.abs(self.degrees).argmax()] > 0)


def unlike_deg(a: Curve, b: Curve) -> float:
    """How far apart two turns are at the best shift, degrees RMS; a recording that repeats stays below 3."""
    length_s = max(a.times_s[-1], b.times_s[-1])
    at = np.arange(0.0, length_s, COMPARED_EVERY_S)
    ours = np.interp(at, a.times_s, a.degrees)
    theirs = (np.interp(at + shift, b.times_s, b.degrees) for shift in SHIFTS_S)
    return float(min(np.sqrt(((ours - their) ** 2).mean()) for their in theirs))


class Turns:
    """Draws what is asked and remembers what was done.

    Args:
        draw: Uniform random numbers from 0 to below 1.
        hold_s: Least and most time between the head being turned and the request to look straight.
        apart_s: How different two such times to the same side are at least.
        straight_deg: Up to this change the head looks straight ahead; turns begin and end there.
        min_deg: Change that a movement needs to be a turn.
        same_deg: Up to this far apart, two turns are one turn shown twice.
    """

    TWICE: Final = 2
    # With two sides, the third turn is a repetition at the latest.
    MOST: Final = 3

    def __init__(
        self,
        draw: Callable[[], float],
        hold_s: tuple[float, float],
        apart_s: float,
        straight_deg: float,
        min_deg: float,
        same_deg: float,
    ) -> None:
        self._draw, self._hold_s, self._apart_s = draw, hold_s, apart_s
        self._straight_deg, self._min_deg, self._same_deg = straight_deg, min_deg, same_deg
        self._done: list[bool] = []
        self._holds: dict[bool, float] = {}
        self._curves: list[Curve] = []
        self._times: list[float] = []
        self._degrees: list[float] = []
        self._turning = False

    @property
    def done(self) -> tuple[bool, ...]:
        """Sides that were turned to as asked; True is the own left."""
        return tuple(self._done)

    @property
    def complete(self) -> bool:
        """Whether one side was turned to twice."""
        return any(self._done.count(side) >= self.TWICE for side in (True, False))

    @property
    def progress(self) -> float:
        """0 to 1."""
        return 1.0 if self.complete else len(self._done) / self.MOST

    def side(self) -> bool:
        """Draw the next turn: True is to the own left."""
        return self._draw() < 0.5

    def hold(self, side: bool) -> float:
        """Draw how long the head stays turned before it is asked back, seconds."""
        least, most = self._hold_s
        drawn = least + (most - least) * self._draw()
        before = self._holds.get(side)
        if before is not None and abs(drawn - before) < self._apart_s:
            # To whichever end is farther from the last one.
            early, late = before - self._apart_s, before + self._apart_s
            drawn = early if early - least > most - late else late
        self._holds[side] = drawn = min(most, max(least, drawn))
        return drawn

    def count(self, side: bool) -> None:
        """A turn was done as asked."""
        self._done.append(side)

    def begin_again(self) -> None:
        """Nothing was done; turns that were seen stay known."""
        self._done.clear()

    def see(self, at_s: float, change_deg: float) -> bool:
        """Follow the head; True when a turn has just ended that was seen before, and so nothing counts any more.

        Args:
            at_s: Of the frame.
            change_deg: Against the straight view, positive to the own left.
        """
        self._times.append(at_s)
        self._degrees.append(change_deg)
        if not self._turning:
            if abs(change_deg) > self._straight_deg:
                self._turning = True
            else:
                self._forget_before(at_s - LEAD_S)
            return False
        if abs(change_deg) > self._straight_deg and change_deg * self._degrees[-2] > 0:
            return False
        curve = self._closed()
        if curve is None:
            return False
        side = curve.to_own_left
        again = any(known.to_own_left is side and unlike_deg(known, curve) <= self._same_deg for known in self._curves)
        self._curves.append(curve)
        if again:
            self.begin_again()
        return again

    def lose(self) -> None:
        """The face was out of sight: a turn that had begun is not known whole."""
        self._times, self._degrees, self._turning = [], [], False

    def forget(self) -> None:
        """Drop everything that was seen."""
        self.lose()
        self._curves.clear()
        self._done.clear()
        self._holds.clear()

    def _closed(self) -> Curve | None:
        times, degrees = np.array(self._times), np.array(self._degrees)
        self._times, self._degrees = self._times[-1:], self._degrees[-1:]
        # From one side straight to the other, the next turn has begun already.
        self._turning = abs(self._degrees[-1]) > self._straight_deg
        turned = np.flatnonzero(np.abs(degrees) >= self._min_deg)
        if not turned.size:
            return None
        # Whoever looks a little aside before or after makes the same turn longer: that part is left out.
        kept = (times >= times[turned[0]] - LEAD_S) & (times <= times[turned[-1]] + LEAD_S)
        return Curve(times[kept] - times[kept][0], degrees[kept])

    def _forget_before(self, at_s: float) -> None:
        gone = bisect_right(self._times, at_s)
        del self._times[:gone], self._degrees[:gone]
