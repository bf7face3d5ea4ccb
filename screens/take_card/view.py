"""Asks to take the new card out of its slot."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import StringProperty

from screens.kinds import kind_name
from screens.widgets.page import Optional, Page


class TakeCardPage(Page):
    """A sensor sees the card go; where there is none, a touch says so."""

    kind = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._done = Optional(self.ids.done)

    def draw(self, screen: pb.TakeCardScreen) -> None:
        """Names the card; offers the button where no sensor looks."""
        self.kind = kind_name(screen.kind)
        self._done.offer(screen.confirm_by_touch)


PAGE = TakeCardPage
