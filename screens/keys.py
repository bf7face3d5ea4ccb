"""The keyboard, or a keypad with raised keys: Tab and arrows go from button to button, Enter presses, digits type."""

from collections.abc import Callable
from typing import Any

from kivy.core.window import Window
from kivy.graphics import Color, SmoothLine
from kivy.uix.widget import Widget

from screens import theme
from screens.widgets.button import Touch
from screens.widgets.page import Page

#: SDL key codes by what they mean.
_KEYS = {9: "next", 274: "next", 275: "next", 273: "previous", 276: "previous", 13: "enter", 271: "enter", 32: "enter"}
_KEYS |= {8: "erase", 127: "erase"}
_KEYS |= {code + number: str(number) for code in (48, 256) for number in range(10)}
#: Distance of the ring from its button, and its thickness, px.
APART, STROKE = 8, 4
#: Buttons of one row may differ in height by so much, px.
ROW = 40


class Keys:
    """Knows which button the keys are at, and draws a ring around it. A touch takes the ring away.

    Args:
        ground: what pages lie on; the ring is drawn over it.
        page: gives the page shown.
    """

    def __init__(self, ground: Widget, page: Callable[[], Page | None]) -> None:
        self._ground = ground
        self._page = page
        self._at: Any = None
        with ground.canvas.after:
            self._ink = Color(*theme.INK[:3], 0)
            self._ring = SmoothLine(width=STROKE)
        Window.bind(on_key_down=self._down, on_touch_down=self._touched)

    def forget(self) -> None:
        """Takes the ring away."""
        if self._at is not None:
            self._at.unbind(pos=self._place, size=self._place)
        self._at = None
        self._ink.a = 0

    def _touched(self, _window: Any, _touch: Any) -> bool:
        self.forget()
        return False

    def _down(self, _window: Any, key: int, _scancode: int, _text: str | None, modifiers: list[str]) -> bool:
        page, meaning = self._page(), _KEYS.get(key)
        if page is None or meaning is None:
            return False
        if meaning == "next" and key == 9 and "shift" in modifiers:
            meaning = "previous"
        if page.key(meaning):
            return True
        if meaning == "enter":
            if self._at is not None and self._at in _buttons(page):
                self._at.trigger_action(0)
        elif meaning in ("next", "previous"):
            self._go(_buttons(page), 1 if meaning == "next" else -1)
        return True

    def _go(self, buttons: list[Any], by: int) -> None:
        if not buttons:
            return
        if self._at in buttons:
            button = buttons[(buttons.index(self._at) + by) % len(buttons)]
        else:
            button = buttons[0 if by > 0 else -1]
        self.forget()
        self._at = button
        button.bind(pos=self._place, size=self._place)
        self._ink.a = 1
        self._place()

    def _place(self, *_args: object) -> None:
        x, y = self._ground.to_widget(*self._at.to_window(*self._at.pos))
        width, height = self._at.size
        self._ring.rounded_rectangle = (
            x - APART,
            y - APART,
            width + 2 * APART,
            height + 2 * APART,
            theme.RADIUS + APART,
        )


def _buttons(page: Page) -> list[Any]:
    """Buttons that can be pressed, as one reads: from the top down, from left to right."""
    found = [widget for widget in page.walk() if isinstance(widget, Touch) and widget.target and not widget.disabled]
    return sorted(
        found, key=lambda widget: (-round(widget.to_window(0, widget.top)[1] / ROW), widget.to_window(*widget.pos)[0])
    )
