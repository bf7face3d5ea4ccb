"""What every screen is: a page with a header, and for most of them a panel with a drawing, words, and buttons."""

from collections.abc import Callable
from typing import Any, ClassVar

from adm.panel.v1 import panel_pb2 as pb
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.layout import Layout

from screens import theme
from screens.widgets.header import Header
from screens.widgets.time_left import TimeLeft

Actor = Callable[[str, dict[str, Any]], None]


class Panel(AnchorLayout):
    """The tinted part of a page: above the words on a tall window, left of them on a wide one.

    Attributes:
        ground: its colour.
        share_tall: share of a tall window's height, at most.
        share_wide: share of a wide window's width.
    """

    ground = ColorProperty()
    share_tall = NumericProperty(0.5)
    share_wide = NumericProperty(0.46)


class Stack(Layout):
    """One below the other, as wide as itself; what is empty takes no room and leaves no gap.

    Attributes:
        spacing: gap, px.
        minimum_height: of everything in it, px.
    """

    spacing = NumericProperty(theme.GAP)
    minimum_height = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name in ("children", "size", "pos", "spacing"):
            self.fbind(name, self._trigger_layout)

    def do_layout(self, *_args: object) -> None:
        """Kivy's entry."""
        parts = [child for child in reversed(self.children) if child.height > 0]
        self.minimum_height = sum(child.height for child in parts) + self.spacing * max(0, len(parts) - 1)
        top = self.top
        for child in self.children:
            if child.size_hint_x is not None:
                child.width = self.width
        for child in parts:
            child.pos = self.x, top - child.height
            top -= child.height + self.spacing


class Words(Stack):
    """What a page says."""


class Actions(Stack):
    """What a page offers, strongest first."""


class Optional:
    """A button that is not always offered: it leaves its place, and comes back to it.

    Args:
        button: as written in the page's rules, all of which have been applied.
    """

    def __init__(self, button: Any) -> None:
        # Kept here: a page knows its parts only as long as they are in it.
        self._button = button.__self__
        self._place = self._button.parent.__self__
        children = self._place.children
        self._above = children[children.index(self._button) + 1 :]

    def offer(self, offered: bool) -> None:
        """Shows the button, or takes it away."""
        if offered and not self._button.parent:
            # Kivy's children are in reverse: the last stands first.
            above = sum(sibling in self._above for sibling in self._place.children)
            self._place.add_widget(self._button, len(self._place.children) - above)
        elif not offered and self._button.parent:
            self._place.remove_widget(self._button)


class Page(Layout):
    """One screen. Subclasses fill it from their message in ``draw`` and arrange it in ``arrange``.

    Attributes:
        switches_language: the contract lets this screen change the language.
        resizes_text: the text size button is offered.
        largest_tall: text scale that a tall window has room for on this screen.
        largest_wide: the same for a wide one.
        dark: the header's name stands on deep blue.
    """

    switches_language: ClassVar[bool] = True
    resizes_text: ClassVar[bool] = True
    largest_tall: ClassVar[float] = theme.LARGE
    largest_wide: ClassVar[float] = 1.12
    dark = BooleanProperty(False)

    def __init__(self, actor: Actor, language: str, **kwargs: Any) -> None:
        self._actor = actor
        super().__init__(**kwargs)
        self.header = Header(
            language=language,
            switchable=self.switches_language,
            resizable=self.resizes_text,
            large=theme.settings.wish > 1,
        )
        self.fbind("dark", self.header.setter("dark"))
        self.header.dark = self.dark
        self.header.bind(
            on_switch=lambda _header: self.act(
                "set_language", language=pb.LANGUAGE_EN if language == "id" else pb.LANGUAGE_ID
            ),
            on_resize=lambda _header: self.act("text_size"),
        )
        self.time_left = TimeLeft()
        self.time_left.fbind("text", self._trigger_layout)
        self.add_widget(self.header)
        self.add_widget(self.time_left)
        self.fbind("size", self._trigger_layout)
        self.fbind("pos", self._trigger_layout)
        self.fbind("children", self._trigger_layout)

    @property
    def portrait(self) -> bool:
        """Whether the window is taller than wide."""
        return bool(self.height >= self.width)

    def act(self, name: str, **fields: Any) -> None:
        """Says that something was touched: a name of ``ActRequest.act``, or ``text_size``, which stays here."""
        self._actor(name, fields)

    def show(self, view: pb.View) -> None:
        """Draws a View of this screen; called again for each newer one."""
        self.time_left.start(view.timeout_s)
        self.draw(getattr(view, view.WhichOneof("screen") or "out_of_service"))

    def draw(self, screen: Any) -> None:
        """Fills the page from its message."""

    def leave(self) -> None:
        """The page is taken down: stop what moves, let go of what is personal."""
        self.time_left.stop()

    def key(self, meaning: str) -> bool:
        """A key was pressed: a digit, ``erase``, ``enter``, ``next`` or ``previous``; True when it is dealt with."""
        return False

    def part(self, kind: type) -> Any:
        """The child of a kind, or None."""
        return next((child for child in self.children if isinstance(child, kind)), None)

    def do_layout(self, *_args: object) -> None:
        """Kivy's entry: header on top, the rest by ``arrange``."""
        if self.width < 200 or self.height < 200:
            return
        self.header.width = self.width
        self.header.pos = self.x, self.top - self.header.height
        self.arrange()

    def arrange(self) -> None:
        """Places everything below the header."""
        panel, words, actions = self.part(Panel), self.part(Words), self.part(Actions)
        if self.portrait:
            self._arrange_tall(panel, words, actions)
        else:
            self._arrange_wide(panel, words, actions)

    def _foot(self, x: float, width: float) -> float:
        """Places the time left at the bottom; returns where buttons may begin."""
        margin = theme.MARGIN
        self.time_left.pos = x, self.y + 24
        self.time_left.width = width
        return float(self.y + (margin + 24 if self.time_left.text else margin))

    def _arrange_tall(self, panel: Any, words: Any, actions: Any) -> None:
        margin = theme.MARGIN
        width = self.width - 2 * margin
        words.width = width
        bottom = self._foot(self.x + margin, width)
        if actions is not None:
            actions.width = width
            actions.pos = self.x + margin, bottom
            bottom += actions.height + 48
        room = self.top - bottom - words.height - 64
        height = round(min(max(room, 420), self.height * panel.share_tall))
        panel.size = self.width, height
        panel.pos = self.x, self.top - height
        free = panel.y - 64 - words.height - bottom
        words.pos = self.x + margin, round(panel.y - 64 - words.height - max(0, free) * 0.25)

    def _arrange_wide(self, panel: Any, words: Any, actions: Any) -> None:
        margin = theme.MARGIN
        left = round(self.width * panel.share_wide)
        panel.size = left, self.height
        panel.pos = self.pos
        x, width = self.x + left + margin, self.width - left - 2 * margin
        words.width = width
        bottom = self._foot(x, width)
        if actions is not None:
            actions.width = width
            actions.pos = x, bottom
            bottom += actions.height + 32
        free = self.header.y - 8 - bottom - words.height
        words.pos = x, round(bottom + max(0, free) * 0.6)
