"""Thanks, and reminds of a card that still lies on the reader."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty

from screens.widgets.page import Page


class GoodbyePage(Page):
    """The end of a journey."""

    switches_language = False
    card = BooleanProperty(False)

    def draw(self, screen: pb.GoodbyeScreen) -> None:
        """Thanks, or reminds."""
        self.card = screen.card_on_reader


PAGE = GoodbyePage
