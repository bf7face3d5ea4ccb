"""Asks to leave the card where it is."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import NumericProperty

from screens.widgets.page import Page


class ReadingPage(Page):
    """Shows how far the reading is."""

    switches_language = False
    progress = NumericProperty(0)

    def draw(self, screen: pb.ReadingScreen) -> None:
        """Moves the ring."""
        self.progress = screen.progress


PAGE = ReadingPage
