"""A ring that fills as work goes on."""

from kivy.properties import ColorProperty, NumericProperty
from kivy.uix.floatlayout import FloatLayout


class Ring(FloatLayout):
    """A progress ring; what it holds stands in its middle.

    Attributes:
        progress: 0 to 1.
        stroke: thickness, px.
        ink: colour of the filled part.
        track: colour of the rest.
    """

    progress = NumericProperty(0)
    stroke = NumericProperty(20)
    ink = ColorProperty()
    track = ColorProperty()
