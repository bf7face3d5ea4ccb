"""Boxes inside the words: a notice, a number to keep, a bar that fills."""

from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget


class Notice(BoxLayout):
    """One sentence that has to be seen; takes no room while it is empty."""

    text = StringProperty("")
    icon = StringProperty("warning")


class Assurance(BoxLayout):
    """One sentence that calms: nothing was lost."""

    text = StringProperty("")


class NumberBox(BoxLayout):
    """A number people write down or photograph; takes no room while it is empty."""

    caption = StringProperty("")
    number = StringProperty("")


class Bar(Widget):
    """A progress bar.

    Attributes:
        progress: 0 to 1.
    """

    progress = NumericProperty(0)
    ink = ColorProperty()
