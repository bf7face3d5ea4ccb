"""Asks before everything personal is erased, with the seconds that are left."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.clock import Clock
from kivy.properties import NumericProperty, StringProperty

from screens import theme
from screens.kinds import kind_name
from screens.widgets.page import Page
from screens.words import say


class StillTherePage(Page):
    """Counts down by itself; the daemon decides when time is up.

    Attributes:
        total: seconds at the start.
        left: seconds left, whole.
    """

    switches_language = False
    total = NumericProperty(1)
    left = NumericProperty(0)
    title = StringProperty("")
    body = StringProperty("")
    keep_going = StringProperty("")
    end = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._tick = Clock.create_trigger(self._count, 1.0, interval=True)

    def show(self, view: pb.View) -> None:
        """The ring is the countdown: no second one below."""
        self.draw(view.still_there)

    def draw(self, screen: pb.StillThereScreen) -> None:
        """Starts the ring; what lies ready is the more urgent question."""
        if screen.to_take:
            self.title = say("still_there.take_title", kind=kind_name(screen.to_take))
            self.body = say("still_there.take_body")
            self.keep_going, self.end = say("still_there.take_wait"), say("still_there.take_not")
        else:
            self.title, self.body = say("still_there.title"), say("still_there.body")
            self.keep_going, self.end = say("still_there.keep_going"), say("still_there.cancel")
        self.total = max(1, self.total, screen.seconds_left)
        self.left = screen.seconds_left
        if theme.settings.motion:
            self._tick()

    def leave(self) -> None:
        """Stops counting."""
        super().leave()
        self._tick.cancel()

    def _count(self, *_args: object) -> None:
        self.left = max(0, self.left - 1)


PAGE = StillTherePage
