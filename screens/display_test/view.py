"""Plain colours and fine lines over the whole display, one after the other; then: is everything fine?"""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.graphics import Color, Rectangle
from kivy.properties import BooleanProperty, NumericProperty

from screens.theme import rgba
from screens.widgets.page import Page

_BLACK, _WHITE = rgba("#000000"), rgba("#ffffff")
#: Grounds, and a colour of fine lines on them; one dead or stuck dot stands out on at least one of them.
PATTERNS = (
    (_WHITE, None),
    (_BLACK, None),
    (rgba("#ff0000"), None),
    (rgba("#00ff00"), None),
    (rgba("#0000ff"), None),
    (rgba("#808080"), None),
    (_BLACK, _WHITE),
)
#: Fine lines, px apart.
PITCH = 8


class DisplayTestPage(Page):
    """The verdict can be given once every pattern was seen.

    Attributes:
        pattern: number of the one shown; -1 when the words are.
        seen: every pattern was shown.
    """

    resizes_text = False
    largest_tall = largest_wide = 1.0
    pattern = NumericProperty(-1)
    seen = BooleanProperty(False)

    def draw(self, screen: technician.DisplayTestScreen) -> None:
        """Nothing to fill in."""

    def start(self) -> None:
        """Shows the first pattern."""
        self.pattern = 0
        self._paint()

    def on_touch_down(self, touch: Any) -> bool:
        """While a pattern is shown a touch anywhere goes on."""
        if self.pattern < 0:
            return bool(super().on_touch_down(touch))
        self._next()
        return True

    def key(self, meaning: str) -> bool:
        """While a pattern is shown every key goes on."""
        if self.pattern < 0:
            return False
        self._next()
        return True

    def _next(self) -> None:
        self.pattern = self.pattern + 1 if self.pattern + 1 < len(PATTERNS) else -1
        self.seen = self.seen or self.pattern < 0
        self._paint()

    def _paint(self) -> None:
        canvas = self.canvas.after
        canvas.clear()
        if self.pattern < 0:
            return
        ground, lines = PATTERNS[int(self.pattern)]
        with canvas:
            Color(*ground)
            Rectangle(pos=self.pos, size=self.size)
            if lines is not None:
                Color(*lines)
                for x in range(0, int(self.width), PITCH):
                    Rectangle(pos=(self.x + x, self.y), size=(1, self.height))
                for y in range(0, int(self.height), PITCH):
                    Rectangle(pos=(self.x, self.y + y), size=(self.width, 1))


PAGE = DisplayTestPage
