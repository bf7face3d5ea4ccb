"""Shows a page: whole at first, larger by buttons or two fingers, moved by one."""

import math
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import NumericProperty, ObjectProperty
from kivy.uix.stencilview import StencilView

#: Steps of the zoom buttons; the last shows A4 print at about twice its size on a 27-inch panel.
ZOOMS = (1.0, 1.8, 3.2)


class PageViewer(StencilView):
    """A picture that can be enlarged and moved inside its frame.

    Attributes:
        texture: the page; None while it is fetched.
        zoom: 1 when the whole page is seen.
        closest: the largest zoom.
    """

    texture = ObjectProperty(None, allownone=True)
    zoom = NumericProperty(1.0)
    closest = NumericProperty(ZOOMS[-1])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # What part of the page is in the middle of the frame: 0 to 1 from its left and bottom.
        self._centre = (0.5, 0.5)
        self._fingers: dict[Any, tuple[float, float]] = {}
        with self.canvas:
            Color(1, 1, 1, 1)
            self._picture = Rectangle(size=(0, 0))
        for name in ("pos", "size", "texture", "zoom"):
            self.fbind(name, self._place)

    def set_page(self, texture: Texture | None) -> None:
        """Shows another page, whole."""
        self.texture = texture
        self.zoom = 1.0
        self._centre = (0.5, 0.5)
        self._place()

    def step(self, direction: int) -> None:
        """Enlarges (1) or reduces (-1) by one step; the first shows the top left, where reading begins."""
        if direction > 0:
            if self.zoom == 1:
                self._centre = (0.0, 1.0)
            self.zoom = next((z for z in ZOOMS if z > self.zoom + 0.01), ZOOMS[-1])
        else:
            self.zoom = next((z for z in reversed(ZOOMS) if z < self.zoom - 0.01), 1.0)

    def _place(self, *_args: object) -> None:
        if self.texture is None or not self.width or not self.height:
            self._picture.size = (0, 0)
            return
        width, height = self.texture.size
        scale = min(self.width / width, self.height / height) * self.zoom
        width, height = width * scale, height * scale
        self._picture.texture = self.texture
        self._picture.size = (width, height)
        x, self._centre = _along(self.width, width, self._centre[0], self._centre, 0)
        y, self._centre = _along(self.height, height, self._centre[1], self._centre, 1)
        self._picture.pos = (self.x + round(x), self.y + round(y))

    def on_touch_down(self, touch: Any) -> bool:
        """A finger begins to move the page."""
        if self.texture is None or not self.collide_point(*touch.pos):
            return False
        touch.grab(self)
        self._fingers[touch.uid] = touch.pos
        return True

    def on_touch_move(self, touch: Any) -> bool:
        """One finger moves, two enlarge."""
        if touch.grab_current is not self or touch.uid not in self._fingers:
            return False
        before = self._fingers[touch.uid]
        others = [pos for uid, pos in self._fingers.items() if uid != touch.uid]
        if others:
            old, new = math.dist(before, others[0]), math.dist(touch.pos, others[0])
            if old > 10:
                self.zoom = min(max(1.0, self.zoom * new / old), ZOOMS[-1])
        else:
            width, height = self._picture.size
            self._centre = (
                self._centre[0] - (touch.x - before[0]) / width,
                self._centre[1] - (touch.y - before[1]) / height,
            )
            self._place()
        self._fingers[touch.uid] = touch.pos
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """The finger leaves."""
        if touch.grab_current is not self:
            return False
        touch.ungrab(self)
        self._fingers.pop(touch.uid, None)
        return True


def _along(
    frame: float, picture: float, centre: float, both: tuple[float, float], axis: int
) -> tuple[float, tuple[float, float]]:
    """Where the picture begins on one axis, so that no empty edge shows, and the centre that comes of it."""
    if picture <= frame:
        centre, start = 0.5, (frame - picture) / 2
    else:
        half = frame / picture / 2
        centre = min(max(centre, half), 1 - half)
        start = frame / 2 - centre * picture
    return start, (centre, both[1]) if axis == 0 else (both[0], centre)
