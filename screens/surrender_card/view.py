"""Asks for the old card before a new one is given."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import StringProperty

from screens.kinds import kind_name
from screens.widgets.page import Page


class SurrenderCardPage(Page):
    """Given, or lost: then an officer has to see to it."""

    largest_wide = 1.0
    kind = StringProperty("")

    def draw(self, screen: pb.SurrenderCardScreen) -> None:
        """Names the card."""
        self.kind = kind_name(screen.kind)


PAGE = SurrenderCardPage
