"""Everything that can be touched."""

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget


class Touch(ButtonBehavior, Widget):
    """Something that can be touched.

    Attributes:
        target: stable name, as ``confirm`` or ``choose:<document id>``; tours and tests find it by this.
    """

    target = StringProperty("")

    def on_touch_down(self, touch: Any) -> bool:
        """Only the first finger counts: a palm resting on the glass must not press a second button."""
        if touch.is_mouse_scrolling or getattr(touch, "button", "left") not in ("left", None):
            return False
        return bool(super().on_touch_down(touch))


class BigButton(Touch, FloatLayout):
    """A full-width button: words at the left, an icon at the right.

    Attributes:
        text: the words.
        icon: name in ``screens.icons``.
        primary: the one strong action of a screen.
        compact: one of two side by side: smaller words, less air.
    """

    text = StringProperty("")
    icon = StringProperty("")
    primary = BooleanProperty(True)
    compact = BooleanProperty(False)
    ground = ColorProperty()
    ground_down = ColorProperty()
    edge = ColorProperty()
    ink = ColorProperty()


class RoundButton(Touch, FloatLayout):
    """A square button with an icon, and words for those who do not read icons.

    Attributes:
        text: the words; may be empty.
        icon: name in ``screens.icons``.
    """

    text = StringProperty("")
    icon = StringProperty("")
    ink = ColorProperty((0, 0, 0, 1))
