"""Covers the screen with cells; a finger that passes over one colours it, and what stays pale is deaf."""

from typing import Any

from adm.panel.v1 import technician_pb2 as technician
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Color, Rectangle
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens import theme
from screens.widgets.page import Page
from screens.words import count


class Sheet(FloatLayout):
    """What stands in the middle, on paper."""


class TouchTestPage(Page):
    """Swiping over the words and buttons counts too: only a touch that also ends on a button presses it.

    Attributes:
        left: cells not yet touched.
    """

    resizes_text = False
    switches_language = False
    largest_tall = largest_wide = 1.0
    left = NumericProperty(0)
    text = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        self._columns = self._rows = 0
        self._touched: set[int] = set()
        self._colours: list[Color] = []
        self._cells: list[Rectangle] = []
        self._end: Any = None
        self._sent = False
        super().__init__(**kwargs)
        # Kivy tells a touch only where the finger is once a frame; a quick finger passes many cells in one.
        Window.bind(on_mouse_move=self._moved, on_mouse_down=self._moved)
        self.header.opacity = 0

    def draw(self, screen: technician.TouchTestScreen) -> None:
        """Begins with pale cells; a View that only counts down changes nothing."""
        if (screen.columns, screen.rows) != (self._columns, self._rows):
            self._columns, self._rows = screen.columns, screen.rows
            self._begin()
        self.time_left.start(screen.seconds_left)
        self._stop()
        if screen.seconds_left and theme.settings.motion:
            self._end = Clock.schedule_once(lambda _dt: self.send(), screen.seconds_left)

    def send(self) -> None:
        """Sends what stayed pale, once."""
        if not self._sent:
            self._sent = True
            dead = [cell for cell in range(self._columns * self._rows) if cell not in self._touched]
            self.act("touch_map", dead=dead)

    def leave(self) -> None:
        """Ends the time."""
        super().leave()
        self._stop()
        Window.unbind(on_mouse_move=self._moved, on_mouse_down=self._moved)

    def arrange(self) -> None:
        """Cells everywhere, words and buttons in the middle."""
        wide, high = self.width / max(1, self._columns), self.height / max(1, self._rows)
        for cell, rectangle in enumerate(self._cells):
            row, column = divmod(cell, self._columns)
            rectangle.pos = self.x + column * wide + 2, self.top - (row + 1) * high + 2
            rectangle.size = max(0, wide - 4), max(0, high - 4)
        sheet, words, actions = self.ids.sheet, self.ids.words, self.ids.actions
        width = min(self.width - 2 * theme.MARGIN, 820)
        words.width = actions.width = width - 2 * 48
        sheet.size = width, words.height + actions.height + 48 * 3 + 32
        sheet.pos = self.center_x - width / 2, self.center_y - sheet.height / 2
        words.pos = sheet.x + 48, sheet.top - 48 - words.height
        actions.pos = sheet.x + 48, sheet.y + 48 + 32
        self.time_left.pos, self.time_left.width = (sheet.x + 48, sheet.y + 24), width - 2 * 48

    def on_touch_down(self, touch: Any) -> bool:
        """Every finger counts."""
        self._pass(touch.x, touch.y)
        return bool(super().on_touch_down(touch))

    def on_touch_move(self, touch: Any) -> bool:
        """So does every way it goes."""
        self._pass(touch.x, touch.y)
        return bool(super().on_touch_move(touch))

    def _moved(self, window: Any, x: float, y: float, *_more: object) -> None:
        self._pass(*self.to_widget(x, window.height - y))

    def _begin(self) -> None:
        self._touched.clear()
        self._sent = False
        cells = self.canvas.before
        cells.clear()
        self._colours, self._cells = [], []
        with cells:
            Color(*theme.LINE)
            self._ground = Rectangle(pos=self.pos, size=self.size)
            for _ in range(self._columns * self._rows):
                self._colours.append(Color(*theme.WHITE))
                self._cells.append(Rectangle())
        self._count()
        self._trigger_layout()

    def _pass(self, x: float, y: float) -> None:
        column = int((x - self.x) / self.width * self._columns)
        row = int((self.top - y) / self.height * self._rows)
        if not (0 <= column < self._columns and 0 <= row < self._rows):
            return
        cell = row * self._columns + column
        if cell not in self._touched:
            self._touched.add(cell)
            self._colours[cell].rgba = theme.GOOD_LINE
            self._count()

    def _count(self) -> None:
        self.left = self._columns * self._rows - len(self._touched)
        self.text = count("touch_test.left", int(self.left))
        if self._touched and not self.left:
            self.send()

    def _stop(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None


PAGE = TouchTestPage
