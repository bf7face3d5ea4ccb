"""How long the machine waits before it moves on by itself: quiet, and redrawn no more often than a person needs."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.countdown import shown
from screens.words import count


class TimeLeft(FloatLayout):
    """A line with the time left; empty when the machine waits for ever."""

    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ends = 0.0
        self._tick: Any = None

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
