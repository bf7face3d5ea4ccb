"""Shows what happens to the document, step by step."""

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from screens.kinds import kind_name
from screens.widgets.page import Page
from screens.words import say

_PAPER = ("signing", "feeding_paper", "printing")
_CARD = ("feeding", "encoding", "printing")
_STEPS = {
    pb.PRINTING_STEP_SIGNING: "signing",
    # That a printer takes a job is nothing to see: paper goes in and comes out.
    pb.PRINTING_STEP_SENDING: "printing",
    pb.PRINTING_STEP_PRINTING: "printing",
    pb.PRINTING_STEP_FEEDING: "feeding",
    pb.PRINTING_STEP_ENCODING: "encoding",
}
_CARDS = (registry.DOCUMENT_KIND_KTP_EL, registry.DOCUMENT_KIND_KIA)


class PrintStep(BoxLayout):
    """One step: done, under way, or to come."""

    text = StringProperty("")
    done = BooleanProperty(False)
    now = BooleanProperty(False)


class PrintingPage(Page):
    """Nothing can be cancelled once paper moves."""

    kind = StringProperty("")
    card = BooleanProperty(False)
    progress = NumericProperty(0)
    step = NumericProperty(0)

    def draw(self, screen: pb.PrintingScreen) -> None:
        """Moves the bar and the check marks."""
        self.kind = kind_name(screen.kind)
        self.progress = screen.progress
        self.card = screen.kind in _CARDS
        way = _CARD if self.card else _PAPER
        now = _STEPS.get(screen.step, "")
        if now == "feeding" and not self.card:
            now = "feeding_paper"
        self.step = way.index(now) + 1 if now in way else 0
        for widget, name in zip((self.ids.first, self.ids.second, self.ids.third), way, strict=True):
            widget.text = say(f"printing.{'card' if self.card and name == 'printing' else name}")


PAGE = PrintingPage
