"""Asks to take the document."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import StringProperty

from screens.kinds import kind_name
from screens.widgets.page import Optional, Page
from screens.words import count, say


class TakePaperPage(Page):
    """Says how many sheets to take. A sensor sees them go; where there is none, a touch says so."""

    kind = StringProperty("")
    sheets = StringProperty("")
    body = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._done = Optional(self.ids.done)

    def draw(self, screen: pb.TakePaperScreen) -> None:
        """Names document and sheets."""
        self.kind = kind_name(screen.kind)
        self.sheets = count("take_paper.sheets", max(1, screen.page_count))
        self.body = say("take_paper.noticed" if screen.noticed else "take_paper.body")
        self._done.offer(not screen.noticed)


PAGE = TakePaperPage
