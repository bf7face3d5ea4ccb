"""A list of documents: those that can be printed now are buttons, the others say why not."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.kinds import kind_icon, kind_name, offered
from screens.moment import clock, written
from screens.widgets.button import Touch
from screens.widgets.page import Page
from screens.words import say

_STATES = {
    registry.DOCUMENT_STATE_ISSUED: ("issued", "check"),
    registry.DOCUMENT_STATE_IN_PROGRESS: ("in_progress", "hourglass"),
}
#: Height of a document, px at text scale 1.
ROW = 152
SPACING = 20
#: Share of a wide window for the greeting and the way out.
SIDE = 0.4


class Choice(Touch, FloatLayout):
    """One document.

    Attributes:
        why_not: why it cannot be printed now; empty when it can.
        remark: what else is to know of it.
    """

    icon = StringProperty("")
    kind = StringProperty("")
    subject = StringProperty("")
    why_not = StringProperty("")
    why_icon = StringProperty("")
    remark = StringProperty("")


class ChooseDocumentPage(Page):
    """Pages of documents rather than a list to scroll: everybody understands a button.

    Attributes:
        first: index of the first document shown.
        per_page: how many fit.
        turns: whether there are more than fit.
        side: width of the greeting's ground on a wide window, px.
    """

    greeting = StringProperty("")
    where = StringProperty("")
    first = NumericProperty(0)
    total = NumericProperty(0)
    per_page = NumericProperty(1)
    turns = BooleanProperty(False)
    side = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._documents: list[pb.DocumentChoice] = []
        self._shown: tuple[int, int] | None = None
        super().__init__(**kwargs)

    def draw(self, screen: pb.ChooseDocumentScreen) -> None:
        """Greets and lists."""
        self.greeting = say("choose.greeting", name=screen.resident_name)
        self._documents = list(screen.documents)
        self.total = len(self._documents)
        self._shown = None
        self.first = 0
        self._trigger_layout()

    def turn(self, pages: int) -> None:
        """Shows later or earlier documents."""
        self.first = min(max(0, self.first + pages * self.per_page), max(0, self.total - 1))
        self._trigger_layout()

    def leave(self) -> None:
        """Lets go of names."""
        super().leave()
        self._documents = []

    def arrange(self) -> None:
        """Greeting above the list on a tall window, left of it on a wide one."""
        margin, ids = theme.MARGIN, self.ids
        self.side = 0 if self.portrait else round(self.width * SIDE)
        width = (self.width if self.portrait else self.side) - 2 * margin
        foot = self._foot(self.x + margin, width)
        ids.top.width = ids.out.width = width
        ids.out.pos = self.x + margin, foot
        if self.portrait:
            ids.top.pos = self.x + margin, self.header.y - 8 - ids.top.height
            left, right = self.x + margin, self.right - margin
            ceiling, floor = ids.top.y - 36, ids.out.top + 36
        else:
            free = self.header.y - ids.out.top - ids.top.height
            ids.top.pos = self.x + margin, round(ids.out.top + free * 0.62)
            left, right = self.x + self.side + 56, self.right - margin
            ceiling, floor = self.header.y - 8, self.y + margin
        self._list(left, right, ceiling, floor)

    def _list(self, left: float, right: float, ceiling: float, floor: float) -> None:
        ids = self.ids
        each = round(ROW * theme.settings.scale) + SPACING
        fit = int((ceiling - floor + SPACING) // each)
        self.turns = fit < self.total
        if self.turns:
            ids.paging.width = right - left
            ids.paging.pos = left, floor
            fit = int((ceiling - ids.paging.top) // each)
        self.per_page = max(1, fit)
        self._fill()
        ids.choices.width = right - left
        ids.choices.height = ids.choices.minimum_height
        ids.choices.pos = left, ceiling - ids.choices.height

    def _fill(self) -> None:
        if self._shown == (self.first, self.per_page):
            return
        self._shown = (self.first, self.per_page)
        choices = self.ids.choices
        choices.clear_widgets()
        for document in self._documents[self.first : self.first + self.per_page]:
            choices.add_widget(self._choice(document))
        pages = -(-self.total // self.per_page)
        self.where = say("choose.page", page=self.first // self.per_page + 1, pages=pages)

    def _choice(self, document: pb.DocumentChoice) -> Choice:
        why, icon = _why_not(document)
        choice = Choice(
            icon=kind_icon(document.kind),
            kind=kind_name(document.kind),
            subject=document.subject_name,
            why_not=_opens(document) or (say(f"choose.{why}") if why else ""),
            why_icon=icon,
            remark=_taken_back(document),
            target="" if why else f"choose:{document.document_id}",
            disabled=bool(why),
            height=round(ROW * theme.settings.scale),
        )
        choice.bind(on_release=lambda _choice: self.act("choose", document_id=document.document_id))
        return choice


def _taken_back(document: pb.DocumentChoice) -> str:
    if not document.HasField("taken_back_at"):
        return ""
    return say("choose.taken_back", date=written(document.taken_back_at).split()[0])


def _opens(document: pb.DocumentChoice) -> str:
    ready = document.state not in _STATES and document.HasField("opens_at")
    return say("choose.opens", at=clock(document.opens_at)) if ready else ""


def _why_not(document: pb.DocumentChoice) -> tuple[str, str]:
    """Word and icon of why a document cannot be printed here now; empty when it can."""
    if document.state in _STATES:
        return _STATES[document.state]
    return ("", "") if offered(document.availability) else ("unavailable", "storefront")


PAGE = ChooseDocumentPage
