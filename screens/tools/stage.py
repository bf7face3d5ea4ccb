"""A window without a daemon: shows any View, still, and takes its picture. Import only after ``window.prepare``."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from adm.panel.v1 import panel_pb2 as pb
from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGB, GL_UNSIGNED_BYTE, glPixelStorei, glReadPixels
from kivy.lang import Builder
from PIL import Image

from screens import theme
from screens.app import Screens

SAMPLES = Path(__file__).parent / "samples"
_GL_PACK_ALIGNMENT = 0x0D05


class StillLink:
    """Stands in for the daemon: pages from files, one camera frame or none, touches kept in a list."""

    def __init__(self) -> None:
        self.frame: pb.PreviewResponse | None = None
        self.acts: list[pb.ActRequest] = []

    def start(self, on_view: Callable[[pb.View], None], on_away: Callable[[], None]) -> None:
        """Brings nothing: the stage shows Views itself."""

    def stop(self) -> None:
        """Nothing is under way."""

    def act(self, request: pb.ActRequest, on_answer: Callable[[bool], None]) -> None:
        """Keeps the touch."""
        self.acts.append(request)
        on_answer(False)

    def image(self, image_id: str, on_image: Callable[[bytes], None]) -> None:
        """A sample page."""
        on_image((SAMPLES / f"{image_id}.png").read_bytes())

    def preview(self, on_frame: Callable[[pb.PreviewResponse], None]) -> "StillLink":
        """The one frame."""
        if self.frame is not None:
            on_frame(self.frame)
        return self


class Stage:
    """Shows Views and takes pictures.

    Attributes:
        link: what stands in for the daemon.
        app: the real application.
    """

    def __init__(self) -> None:
        theme.settings.motion = False
        self.link = StillLink()
        self.app = Screens(self.link)
        # Nothing moves here: do not wait for the next frame.
        Clock._max_fps = 0
        runTouchApp(self.app.build(), embedded=True)
        self.app.root = self.app.ground
        type(self.app)._running_app = self.app
        self.app._away = False
        self.app._tidy = lambda: None
        # The first turn of the loop gives the ground the size of the window.
        EventLoop.idle()

    def arrange(self, view: pb.View, face: pb.PreviewResponse | None = None, scale: float = 1.0) -> Any:
        """Lays a View out without drawing it; returns the page."""
        self.link.frame = face
        theme.settings.wish = scale
        self.app._show(view, anew=True)
        for _ in range(2):
            Clock.tick()
            Clock.tick_draw()
        return self.app.page

    def show(self, view: pb.View, face: pb.PreviewResponse | None = None, scale: float = 1.0) -> Any:
        """Shows a View and settles it; returns the page."""
        page = self.arrange(view, face, scale)
        self.settle()
        return page

    def settle(self) -> None:
        """Turns the loop until layout, textures and drawing have come to rest."""
        for _ in range(2):
            EventLoop.idle()

    def shoot(self) -> Image.Image:
        """The pixels of the window."""
        # Kivy carries kv's values over into drawing instructions only here, once a frame.
        Builder.sync()
        Window.dispatch("on_draw")
        width, height = Window.size
        glPixelStorei(_GL_PACK_ALIGNMENT, 1)
        pixels = glReadPixels(0, 0, width, height, GL_RGB, GL_UNSIGNED_BYTE)
        return Image.frombytes("RGB", (width, height), bytes(pixels)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def frame_from(path: Path) -> pb.PreviewResponse:
    """A camera frame, 640 x 480, with a sample face in its middle."""
    face = Image.open(path).convert("RGB")
    side = 480
    ground = Image.new("RGB", (640, side), face.getpixel((2, 2)))
    ground.paste(face.resize((side, side)), (80, 0))
    box = pb.FaceBox(left=0.33, top=0.2, right=0.67, bottom=0.78)
    return pb.PreviewResponse(width_px=640, height_px=side, rgb=ground.tobytes(), face=box)
