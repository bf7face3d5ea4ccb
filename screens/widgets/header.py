"""The top of every screen: whose machine this is, and the two things anybody may change: text size and language."""

from kivy.properties import BooleanProperty, ColorProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from screens.widgets.button import Touch


class Header(FloatLayout):
    """Name of the machine at the left, text size and language at the right.

    Attributes:
        language: ``id`` or ``en``, the one shown.
        switchable: whether the language can be changed on this screen.
        resizable: whether the text can be enlarged on this screen.
        large: whether the text is enlarged.
        dark: whether the name stands on deep blue.
    """

    language = StringProperty("id")
    switchable = BooleanProperty(True)
    resizable = BooleanProperty(True)
    large = BooleanProperty(False)
    dark = BooleanProperty(False)

    __events__ = ("on_switch", "on_resize")

    def on_switch(self) -> None:
        """The other language was touched."""

    def on_resize(self) -> None:
        """The text size button was touched."""


class Segment(Touch, FloatLayout):
    """One language of the switch."""

    text = StringProperty("")
    chosen = BooleanProperty(False)
    ink = ColorProperty()
