"""A journey's time, split into software, device and simulated human.

How each is obtained:

- human: measured. From the moment the screens have drawn a page (their targets file says so) to the touch or the
  act on a device (card put, paper taken); whatever the tour does meanwhile, as taking pictures, counts here too.
- device: as the virtual devices know it. The chip tells the air time it has simulated, the A4 printer how long its
  mechanics took for the sheet, the receipt printer its paper's length over its speed.
- software: the rest. It holds everything that is ours (daemon, drivers, screens drawing, central) and the waits
  inside real middleware, as pcscd's polling for a card.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Step:
    """One screen of a journey.

    Attributes:
        name: The screen's, as "place_card".
        start_s: Seconds since the journey began.
        total_s: Until the next step.
        human_s: Of the total, a person's.
        device_s: Of the total, a machine part's.
    """

    name: str
    start_s: float
    total_s: float = 0.0
    human_s: float = 0.0
    device_s: float = 0.0

    @property
    def software_s(self) -> float:
        """What is left of the total; never negative."""
        return max(0.0, self.total_s - self.human_s - self.device_s)


@dataclass(slots=True)
class Timeline:
    """Steps one after the other, without gaps.

    Attributes:
        began_s: Monotonic seconds of the first step's start.
        steps: In order.
        marks: Moments worth naming, monotonic seconds.
    """

    began_s: float = 0.0
    steps: list[Step] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)
    _intervals: list[tuple[float, float]] = field(default_factory=list)

    def begin(self, name: str, at_s: float) -> None:
        """The screen changed at this moment; the same screen again is no new step."""
        if self.steps and self.steps[-1].name == name:
            return
        if not self.steps:
            self.began_s = at_s
        self._close(at_s)
        self.steps.append(Step(name, at_s - self.began_s))

    def end(self, at_s: float) -> None:
        """The journey is over."""
        self._close(at_s)

    @contextmanager
    def human(self) -> Iterator[None]:
        """What happens inside is a person's."""
        from_s = time.monotonic()
        try:
            yield
        finally:
            to_s = time.monotonic()
            self.steps[-1].human_s += to_s - from_s
            self._intervals.append((from_s, to_s))

    def device(self, seconds: float) -> None:
        """The current step waited this long for a machine part."""
        self.steps[-1].device_s += seconds

    def mark(self, name: str, at_s: float) -> None:
        """Name a moment."""
        self.marks[name] = at_s

    def human_between(self, from_s: float, to_s: float) -> float:
        """A person's time between two moments."""
        return sum(max(0.0, min(end, to_s) - max(start, from_s)) for start, end in self._intervals)

    def _close(self, at_s: float) -> None:
        if self.steps:
            self.steps[-1].total_s = at_s - self.began_s - self.steps[-1].start_s
