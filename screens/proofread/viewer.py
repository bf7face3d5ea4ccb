"""Shows a page, or both sides of a card: whole at first, larger by buttons or two fingers, moved by one."""

import math
from typing import Any

from kivy.graphics import Color, Rectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.stencilview import StencilView

from screens import theme
from screens.widgets.text import OneLine

#: Steps of the zoom buttons; the last shows A4 print at about twice its size on a 27-inch panel.
ZOOMS = (1.0, 1.8, 3.2)
#: Room for the words above a side of a card, and between two sides, px.
CAPTION = 52
GAP = 28


class PageViewer(StencilView):
    """Pictures that can be enlarged and moved inside their frame.

    Attributes:
        shown: there is something to see.
        zoom: 1 when everything is seen.
        closest: the largest zoom.
    """

    shown = BooleanProperty(False)
    zoom = NumericProperty(1.0)
    closest = NumericProperty(ZOOMS[-1])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # What part of the page is in the middle of the frame: 0 to 1 from its left and bottom.
        self._centre = (0.5, 0.5)
        self._extent = (1.0, 1.0)
        self._fingers: dict[Any, tuple[float, float]] = {}
        self._pictures: list[Rectangle] = []
        for name in ("pos", "size", "zoom"):
            self.fbind(name, self._place)

    def set_pages(self, textures: list[Texture], captions: list[str]) -> None:
        """Shows other pictures, whole; captions stand above them, or there are none."""
        self.clear_widgets()
        self.canvas.clear()
        with self.canvas:
            Color(1, 1, 1, 1)
            self._pictures = [Rectangle(texture=texture) for texture in textures]
        for caption in captions[: len(textures)]:
            self.add_widget(OneLine(text=caption, role="caption", weight="semi", color=theme.INK_SOFT))
        self.zoom = 1.0
        self._centre = (0.5, 0.5)
        self.shown = bool(textures)
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
        if not self._pictures or not self.width or not self.height:
            return
        caption = CAPTION if self.children else 0
        sizes = [picture.texture.size for picture in self._pictures]
        frame = (self.width, self.height)
        # One above the other, as a person turns a card over, unless side by side is clearly larger.
        across = _fit(frame, sizes, caption, True) > 1.1 * _fit(frame, sizes, caption, False)
        scale = _fit(frame, sizes, caption, across) * self.zoom
        caption, gap = caption * self.zoom, GAP * self.zoom
        boxes = [(width * scale, height * scale + caption) for width, height in sizes]
        gaps = gap * (len(boxes) - 1)
        widths, heights = zip(*boxes, strict=True)
        self._extent = (sum(widths) + gaps, max(heights)) if across else (max(widths), sum(heights) + gaps)
        x, self._centre = _along(self.width, self._extent[0], self._centre[0], self._centre, 0)
        y, self._centre = _along(self.height, self._extent[1], self._centre[1], self._centre, 1)
        left, top = self.x + round(x), self.y + round(y) + self._extent[1]
        for number, (picture, (width, height)) in enumerate(zip(self._pictures, boxes, strict=True)):
            picture.size = (width, height - caption)
            picture.pos = (left, top - height)
            if caption:
                words = self.children[-1 - number]
                words.pos = (left, top - caption + (caption - words.height) / 2)
            left, top = (left + width + gap, top) if across else (left, top - height - gap)

    def on_touch_down(self, touch: Any) -> bool:
        """A finger begins to move the page."""
        if not self.shown or not self.collide_point(*touch.pos):
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
            width, height = self._extent
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


def _fit(frame: tuple[float, float], sizes: list[tuple[int, int]], caption: float, across: bool) -> float:
    """The scale at which pictures fill the frame, side by side or one above the other."""
    widths, heights = zip(*sizes, strict=True)
    gaps = GAP * (len(sizes) - 1)
    if across:
        return float(min((frame[0] - gaps) / sum(widths), (frame[1] - caption) / max(heights)))
    return float(min(frame[0] / max(widths), (frame[1] - gaps - caption * len(sizes)) / sum(heights)))


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
