"""Drawings: PNGs made by ``screens.tools.draw``, and big icons on a disc."""

from kivy.properties import ColorProperty, NumericProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.image import Image


class Art(Image):
    """A drawing, fitted into its box.

    Attributes:
        name: file name in ``art`` without its ending.
    """

    name = StringProperty("")


class Emblem(FloatLayout):
    """One big icon on a disc with a small badge: what a trouble is about.

    Attributes:
        icon: name of the big icon.
        badge: name of the badge's icon; empty for none.
        disc: colour of the disc.
        ink: colour of icon and badge.
    """

    icon = StringProperty("")
    badge = StringProperty("")
    disc = ColorProperty()
    ink = ColorProperty()
    edge = ColorProperty()


class Badge(FloatLayout):
    """A round badge with an icon."""

    icon = StringProperty("")
    ink = ColorProperty((1, 1, 1, 1))


class CardOnReader(FloatLayout):
    """The reader and the card that goes onto it.

    Attributes:
        lift: 1 in the air, 0 lying on the reader.
    """

    lift = NumericProperty(0)
