"""Shows where the card goes, and why it has to be placed again."""

from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.animation import Animation
from kivy.clock import Clock
from kivy.properties import NumericProperty, StringProperty

from screens import theme
from screens.widgets.page import Page
from screens.words import say

_HINTS = {
    pb.CARD_HINT_REMOVED: "removed",
    pb.CARD_HINT_UNREADABLE: "unreadable",
    pb.CARD_HINT_NOT_EKTP: "not_ektp",
}
#: The card glides onto the reader this often, then rests: a still screen costs nothing.
GLIDES = 3
GLIDE_EVERY_S = 4.0


class PlaceCardPage(Page):
    """Waits for the reader.

    Attributes:
        lift: how far the drawn card is above the reader: 1 in the air, 0 lying on it.
    """

    largest_wide = 1.0
    hint = StringProperty("")
    lift = NumericProperty(1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._glides = 0
        self._again = Clock.create_trigger(self._glide, GLIDE_EVERY_S)

    def draw(self, screen: pb.PlaceCardScreen) -> None:
        """Says why again, if it is again."""
        hint = _HINTS.get(screen.hint)
        self.hint = say(f"place_card.{hint}") if hint else ""
        if theme.settings.motion and not self._glides:
            self._glide()

    def leave(self) -> None:
        """Stops the card in the drawing."""
        super().leave()
        self._again.cancel()
        Animation.cancel_all(self)

    def _glide(self, *_args: object) -> None:
        self._glides += 1
        # 20 steps a second are enough for a slow glide, and leave the processor to the daemon.
        glide = Animation(lift=0.0, duration=1.0, t="in_out_cubic", step=0.05) + Animation(lift=0.0, duration=0.9)
        back = Animation(lift=1, duration=0.6, t="in_out_cubic", step=0.05)
        (glide + back).start(self)
        if self._glides < GLIDES:
            self._again()


PAGE = PlaceCardPage
