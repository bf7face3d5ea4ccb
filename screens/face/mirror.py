"""The camera's picture as in a mirror, round, with a guide around the face. Holds the newest frame only."""

import threading
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.clock import Clock
from kivy.graphics import Color, Line, RoundedRectangle
from kivy.graphics.texture import Texture
from kivy.properties import BooleanProperty, ColorProperty
from kivy.uix.widget import Widget


class Mirror(Widget):
    """A round mirror.

    Attributes:
        guide: whether the corners around the face are drawn.
        live: whether a frame has come.
        squared: a square with round corners instead of a circle.
        ink: colour of the corners.
        number: of the frame that is drawn; 0 when it has none.
    """

    guide = BooleanProperty(True)
    live = BooleanProperty(False)
    squared = BooleanProperty(False)
    ink = ColorProperty((1, 1, 1, 1))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._lock = threading.Lock()
        self._newest: pb.PreviewResponse | None = None
        self._face: tuple[float, float, float, float] | None = None
        self._draw = Clock.create_trigger(self._draw_newest)
        self._texture: Texture | None = None
        self.number = 0
        with self.canvas:
            self._tint = Color(1, 1, 1, 0)
            self._disc = RoundedRectangle(segments=48)
            self._pen = Color(1, 1, 1, 0)
            self._corners = [Line(width=4, cap="round", joint="round") for _ in range(4)]
        for name in ("pos", "size", "guide", "ink", "squared"):
            self.fbind(name, self._place)

    def take(self, frame: pb.PreviewResponse) -> None:
        """Takes a frame, in any thread; an older one that was not drawn yet is dropped."""
        if len(frame.rgb) != frame.width_px * frame.height_px * 3 or not frame.rgb:
            return
        with self._lock:
            self._newest = frame
        self._draw()

    def forget(self) -> None:
        """Lets go of the picture."""
        with self._lock:
            self._newest = None
        self._texture = None
        self._face = None
        self.live = False
        self._disc.texture = None
        self._place()

    def _draw_newest(self, *_args: Any) -> None:
        with self._lock:
            frame, self._newest = self._newest, None
        if frame is None:
            return
        size = (frame.width_px, frame.height_px)
        if self._texture is None or self._texture.size != size:
            self._texture = Texture.create(size=size, colorfmt="rgb")
        self._texture.blit_buffer(frame.rgb, colorfmt="rgb", bufferfmt="ubyte")
        box = frame.face
        self._face = (box.left, box.top, box.right, box.bottom) if frame.HasField("face") else None
        self.live = True
        self.number = frame.number
        self._place()
        self.canvas.ask_update()

    def _place(self, *_args: Any) -> None:
        self._disc.pos, self._disc.size = self.pos, self.size
        self._disc.radius = [40 if self.squared else min(self.size) / 2]
        self._tint.a = 1 if self._texture is not None else 0
        self._pen.a = 0
        if self._texture is None:
            return
        width, height = self._texture.size
        # The middle square of the frame; rows come top down, so the texture is turned over.
        across, down = min(1.0, height / width), min(1.0, width / height)
        u0, u1, v0, v1 = 0.5 - across / 2, 0.5 + across / 2, 0.5 - down / 2, 0.5 + down / 2
        self._disc.texture = self._texture
        self._disc.tex_coords = (u0, v1, u1, v1, u1, v0, u0, v0)
        if self._face is None or not self.guide:
            return
        left, top, right, bottom = self._face
        x0 = self.x + (left - u0) / across * self.width
        x1 = self.x + (right - u0) / across * self.width
        y0 = self.top - (bottom - v0) / down * self.height
        y1 = self.top - (top - v0) / down * self.height
        arm = 0.18 * min(x1 - x0, y1 - y0)
        self._pen.rgba = self.ink
        for line, (x, y, dx, dy) in zip(
            self._corners,
            ((x0, y0, arm, arm), (x1, y0, -arm, arm), (x1, y1, -arm, -arm), (x0, y1, arm, -arm)),
            strict=True,
        ):
            line.points = (x + dx, y, x, y, x, y + dy)
