"""Boxes inside the words: a notice, a number to keep, a bar that fills."""

from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget


class Notice(BoxLayout):
    """One sentence that has to be seen; takes no room while it is empty."""

    text = StringProperty("")
    icon = StringProperty("warning")


class Remark(BoxLayout):
    """One quiet sentence with an icon, as that nothing was lost; takes no room while it is empty."""

    text = StringProperty("")
    icon = StringProperty("shield")
    ink = ColorProperty()


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
