"""Where the resident is on the way: card, face, document, print."""

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget


class Steps(BoxLayout):
    """The way in four parts; the current one is bold, those done carry a check mark.

    Attributes:
        current: 1 to 4.
    """

    current = NumericProperty(1)


class Step(Widget):
    """One part of the way."""

    text = StringProperty("")
    done = BooleanProperty(False)
    now = BooleanProperty(False)
