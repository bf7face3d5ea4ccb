"""Pages that take a number by keypad: a PIN, an officer's code, a count."""

from typing import Any, ClassVar

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.widget import Widget

from screens import theme
from screens.icons import glyph
from screens.widgets.button import Touch
from screens.widgets.page import Page

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "", "0", "erase")


class Key(Touch, FloatLayout):
    """One key."""

    text = StringProperty("")
    icon = StringProperty("")


class Keypad(GridLayout):
    """Twelve keys, as on a telephone."""


class Dots(Widget):
    """How many digits were entered.

    Attributes:
        length: of the number.
        entered: so far.
    """

    length = NumericProperty(6)
    entered = NumericProperty(0)

    @staticmethod
    def row(font: str, n: int) -> str:
        """So many circles, filled or empty as the font has them."""
        return f"[font={font}]" + f" {glyph('dot')} " * int(n) + "[/font]"


class KeypadPage(Page):
    """Has ``words``, ``keypad`` and ``actions`` among its ids; what the keys do is ``press``."""

    largest_wide = 1.0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for key in KEYS:
            self.ids.keypad.add_widget(self._key(key))

    def press(self, key: str) -> None:
        """A key was touched: a digit, or ``erase``."""

    def key(self, meaning: str) -> bool:
        """Keys of a keyboard do as those on the screen."""
        if meaning == "erase" or meaning.isdigit():
            self.press(meaning)
            return True
        return False

    def arrange(self) -> None:
        """Keys between words and buttons on a tall window, right of them on a wide one."""
        margin, ids = theme.MARGIN, self.ids
        width = self.width - 2 * margin if self.portrait else round(self.width * 0.46) - margin
        left = self.x + margin
        bottom = self._foot(left, width)
        ids.words.width = ids.actions.width = width
        ids.actions.pos = left, bottom
        if self.portrait:
            ids.words.pos = left, self.header.y - 24 - ids.words.height
            ids.keypad.width = width
            floor, ceiling = ids.actions.top + 40, ids.words.y - 40
        else:
            free = self.header.y - ids.actions.top - ids.words.height
            ids.words.pos = left, round(ids.actions.top + free * 0.6)
            left += width + 96
            ids.keypad.width = self.right - margin - left
            floor, ceiling = self.y + margin, self.header.y - 8
        ids.keypad.height = min(ceiling - floor, 820)
        ids.keypad.pos = left, round(floor + (ceiling - floor - ids.keypad.height) / 2)

    def _key(self, name: str) -> Widget:
        if not name:
            return Widget()
        erase = name == "erase"
        key = Key(
            text="" if erase else name,
            icon="back-space" if erase else "",
            target="erase" if erase else f"digit:{name}",
        )
        key.bind(on_release=lambda _key: self.press(name))
        return key


class CodePage(KeypadPage):
    """Collects digits and sends them when they are all there. It shows how many digits, never which.

    Attributes:
        act_name: the act, and the name of its field.
        length: digits of the number, at most.
        least: digits of the number, at least.
        entered: digits entered so far.
        hint: what was wrong with the last one; empty when nothing.
        open: whether anything can be entered now.
    """

    act_name: ClassVar[tuple[str, str]]
    length = NumericProperty(6)
    least = NumericProperty(6)
    entered = NumericProperty(0)
    hint = StringProperty("")
    open = BooleanProperty(True)

    def __init__(self, **kwargs: Any) -> None:
        self._digits = ""
        super().__init__(**kwargs)

    def begin(self, length: int, hint: str, least: int | None = None) -> None:
        """Asks for a number from its first digit on."""
        self.length, self.least, self.hint = length, least or length, hint
        self._set("")

    def send(self) -> None:
        """Sends the number, and forgets it."""
        if len(self._digits) >= self.least:
            name, field = self.act_name
            self.act(name, **{field: self._digits})
            self._set("")

    def press(self, key: str) -> None:
        """Adds or erases a digit."""
        if self.open:
            self._set(self._digits[:-1] if key == "erase" else self._digits + key)

    def leave(self) -> None:
        """Forgets the digits."""
        super().leave()
        self._digits = ""

    def _set(self, digits: str) -> None:
        self._digits = digits[: int(self.length)]
        self.entered = len(self._digits)
