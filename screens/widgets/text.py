"""Words and icons."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.label import Label


class Text(Label):
    """Words in one role of the type scale; wraps to its width and grows as tall as it needs.

    Attributes:
        role: name in ``theme.TYPE``.
        weight: ``regular``, ``semi`` or ``bold``.
    """

    role = StringProperty("body")
    weight = StringProperty("regular")


class OneLine(Label):
    """Words on one line, as wide as they are."""

    role = StringProperty("body")
    weight = StringProperty("regular")


class Icon(Label):
    """One glyph.

    Attributes:
        name: name in ``screens.icons``.
        px: side, px.
        filled: solid instead of outlined.
    """

    name = StringProperty("")
    px = NumericProperty(48)
    filled = BooleanProperty(False)
