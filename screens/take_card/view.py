"""Asks to take the new card out of its slot."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import StringProperty

from screens.kinds import kind_name
from screens.widgets.page import Page


class TakeCardPage(Page):
    """A sensor sees the card go; where there is none, a touch says so."""

    kind = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Kept here as well: a page knows its parts only as long as they are in it.
        self._done = self.ids.done.__self__

    def draw(self, screen: pb.TakeCardScreen) -> None:
        """Names the card; offers the button where no sensor looks."""
        self.kind = kind_name(screen.kind)
        actions = self.ids.actions
        if screen.confirm_by_touch and not self._done.parent:
            actions.add_widget(self._done)
        elif not screen.confirm_by_touch and self._done.parent:
            actions.remove_widget(self._done)


PAGE = TakeCardPage
