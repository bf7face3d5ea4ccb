"""Looking through the camera until something is seen: faces, turns and codes are looked for in the same way.

Frames are judged in the camera's own thread; the screen shows the newest preview and hint; somebody who is not there
any more is asked for now and then.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from adm.panel.v1 import panel_pb2 as pb

from drivers.camera.port import Camera, Frame
from drivers.deadline import Deadline
from drivers.errors import DriverError
from kiosk.identity.face import Preview
from kiosk.session.panel import Screen
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble

OPEN_S: Final = 5.0
FRAME_S: Final = 4.0
PATIENCE_S: Final = 60.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look(Generic[T]):
    """What one frame brought.

    Attributes:
        screen: To show from now on.
        preview: The frame as the person sees it.
        found: What was looked for; None to go on.
    """

    screen: Screen
    preview: Preview
    found: T | None = None


class _NobodyYet(Exception):
    """Nothing was found for a long time."""


@asynccontextmanager
async def camera_on(session: ResidentSession) -> AsyncIterator[None]:
    """The camera runs inside the block only.

    Raises:
        Trouble: The camera fails, inside the block too.
    """
    camera = session.kiosk.camera
    try:
        await camera.call(lambda port: port.open(Deadline.after(OPEN_S)), OPEN_S)
        yield
    except DriverError as error:
        raise Trouble(pb.TROUBLE_KIND_CAMERA) from error
    finally:
        await session.panel.add_frame(None)
        session.kiosk.background(_close(session))


async def look(session: ResidentSession, first: Screen, judge: Callable[[Frame], Look[T]], *acts: str) -> T:
    """Judge frame after frame until something is found.

    Args:
        first: Shown before the first frame.
        judge: Runs in the camera's thread.
        acts: What else may be touched meanwhile.

    Raises:
        Chose: One of `acts` was touched.
        Abandoned: The resident left.
        DriverError: The camera gives no frames.
    """
    while True:
        try:
            return await session.during(first, _frames(session, judge), *acts, idle=False)
        except _NobodyYet:
            await session.panel.still_there(session.kiosk.config.session.still_there_s)


async def _frames(session: ResidentSession, judge: Callable[[Frame], Look[T]]) -> T:
    patience, last = Deadline.after(PATIENCE_S), 0
    while not patience.expired:
        after = last

        def judged(camera: Camera, after: int = after) -> tuple[int, Look[T]]:
            frame = camera.newest(after, Deadline.after(FRAME_S))
            return frame.number, judge(frame)

        last, seen = await session.kiosk.camera.call(judged, FRAME_S)
        await session.panel.add_frame(_message(seen.preview))
        await session.panel.show(seen.screen)
        if seen.found is not None:
            return seen.found
    raise _NobodyYet


def _message(preview: Preview) -> pb.PreviewResponse:
    message = pb.PreviewResponse(width_px=preview.width_px, height_px=preview.height_px, rgb=preview.rgb)
    if preview.face is not None:
        box = preview.face
        message.face.left, message.face.top = box.left, box.top
        message.face.right, message.face.bottom = box.right, box.bottom
    return message


async def _close(session: ResidentSession) -> None:
    try:
        await session.kiosk.camera.call(lambda port: port.close(), OPEN_S)
    except DriverError:
        return  # the device's own status says what is wrong with it
