"""How long the machine waits before it moves on by itself: quiet, and redrawn no more often than a person needs."""

import math

from kivy.clock import Clock
from kivy.properties import StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.words import count


def shown(seconds: float) -> tuple[str, int, float]:
    """What to show, and for how long it stays true.

    Args:
        seconds: left, 0 or more.

    Returns:
        ``minutes`` or ``seconds``; how many; seconds until the next change. Above a minute whole minutes, above
        twenty seconds whole tens, then every second.
    """
    unit, step = ("minutes", 60) if seconds > 60 else ("seconds", 10) if seconds > 20 else ("seconds", 1)
    steps = math.ceil(seconds / step)
    floor = {60: 60, 10: 20, 1: 0}[step]
    return unit, steps * (1 if step == 60 else step), seconds - max(floor, (steps - 1) * step)


class TimeLeft(FloatLayout):
    """A line with the time left; empty when the machine waits for ever."""

    text = StringProperty("")

    def __init__(self, **kwargs):  # type: ignore[no-untyped-def]
        super().__init__(**kwargs)
        self._ends = 0.0
        self._tick = None

    def start(self, seconds: int) -> None:
        """Counts down from now; 0 shows nothing."""
        self.stop()
        self._ends = Clock.get_time() + seconds
        if seconds:
            self._draw(float(seconds))
        else:
            self.text = ""

    def stop(self) -> None:
        """Stops counting."""
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None

    def _draw(self, seconds: float) -> None:
        unit, number, lasts = shown(max(0.0, seconds))
        self.text = count(f"time_left.{unit}", number)
        if seconds > 0 and theme.settings.motion:
            self._tick = Clock.schedule_once(lambda _dt: self._draw(self._ends - Clock.get_time()), lasts)
