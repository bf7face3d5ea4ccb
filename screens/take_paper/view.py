"""Asks to take the document out of the tray."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import StringProperty

from screens.kinds import kind_name
from screens.widgets.page import Page
from screens.words import count


class TakePaperPage(Page):
    """Says how many sheets to take."""

    kind = StringProperty("")
    sheets = StringProperty("")

    def draw(self, screen: pb.TakePaperScreen) -> None:
        """Names document and sheets."""
        self.kind = kind_name(screen.kind)
        self.sheets = count("take_paper.sheets", max(1, screen.page_count))


PAGE = TakePaperPage
