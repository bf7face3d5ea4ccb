"""A list of documents: those that can be printed now are buttons, the others say why not."""

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry
from screens import theme
from screens.kinds import kind_icon, kind_name, offered
from screens.widgets.button import Touch
from screens.widgets.page import Page
from screens.words import say

_STATES = {
    registry.DOCUMENT_STATE_ISSUED: ("issued", "check"),
    registry.DOCUMENT_STATE_IN_PROGRESS: ("in_progress", "hourglass"),
}


class Choice(Touch, FloatLayout):
    """One document.

    Attributes:
        why_not: why it cannot be printed now; empty when it can.
    """

    icon = StringProperty("")
    kind = StringProperty("")
    subject = StringProperty("")
    why_not = StringProperty("")
    why_icon = StringProperty("")


class ChooseDocumentPage(Page):
    """Pages of documents rather than a list to scroll: everybody understands a button.

    Attributes:
        first: index of the first document shown.
        per_page: how many are shown at once.
    """

    greeting = StringProperty("")
    where = StringProperty("")
    first = NumericProperty(0)
    total = NumericProperty(0)
    per_page = NumericProperty(6)

    def __init__(self, **kwargs):  # type: ignore[no-untyped-def]
        self._documents: list[pb.DocumentChoice] = []
        super().__init__(**kwargs)

    def draw(self, screen: pb.ChooseDocumentScreen) -> None:
        """Greets and lists."""
        self.greeting = say("choose.greeting", name=screen.resident_name)
        self._documents = list(screen.documents)
        self.total = len(self._documents)
        self.first = 0
        self._fill()

    def turn(self, pages: int) -> None:
        """Shows later or earlier documents."""
        self.first = min(max(0, self.first + pages * self.per_page), max(0, self.total - 1))
        self._fill()

    def _fill(self) -> None:
        choices = self.ids.choices
        choices.clear_widgets()
        for document in self._documents[self.first : self.first + self.per_page]:
            choices.add_widget(self._choice(document))
        pages = -(-self.total // self.per_page)
        self.where = say("choose.page", page=self.first // self.per_page + 1, pages=pages) if pages > 1 else ""
        self._trigger_layout()

    def _choice(self, document: pb.DocumentChoice) -> Choice:
        why, icon = _STATES.get(document.state, ("", ""))
        if not why and not offered(document.availability):
            why, icon = "unavailable", "storefront"
        choice = Choice(
            icon=kind_icon(document.kind),
            kind=kind_name(document.kind),
            subject=document.subject_name,
            why_not=say(f"choose.{why}") if why else "",
            why_icon=icon,
            target="" if why else f"choose:{document.document_id}",
            disabled=bool(why),
        )
        choice.bind(on_release=lambda _choice: self.act("choose", document_id=document.document_id))
        return choice

    def leave(self) -> None:
        """Lets go of names."""
        super().leave()
        self._documents = []

    def arrange(self) -> None:
        """One column on a tall window, two on a wide one; the way out at the bottom."""
        margin, ids = theme.MARGIN, self.ids
        width = self.width - 2 * margin
        bottom = self._foot(self.x + margin, width)
        ids.choices.cols = 1 if self.portrait else 2
        ids.top.width = width
        ids.foot.width = width
        ids.foot.pos = self.x + margin, bottom
        ids.top.pos = self.x + margin, self.header.y - 8 - ids.top.height
        ids.choices.width = width
        ids.choices.pos = self.x + margin, ids.top.y - (40 if self.portrait else 28) - ids.choices.height


PAGE = ChooseDocumentPage
