"""Shows what happens to the document, step by step."""

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.kinds import kind_name
from screens.widgets.page import Page


class PrintStep(BoxLayout):
    """One step: done, under way, or to come."""

    text = StringProperty("")
    done = BooleanProperty(False)
    now = BooleanProperty(False)


class PrintingPage(Page):
    """Nothing can be cancelled once paper moves."""

    kind = StringProperty("")
    progress = NumericProperty(0)
    step = NumericProperty(0)

    def draw(self, screen: pb.PrintingScreen) -> None:
        """Moves the bar and the check marks."""
        self.kind = kind_name(screen.kind)
        self.progress = screen.progress
        self.step = screen.step


PAGE = PrintingPage
