"""Camera over OpenCV: a V4L2 device, a file, or an HTTP MJPEG stream. Keeps only the newest frame.

The camera costs nothing while it is closed, and `open` brings the first frame within milliseconds, so the
kiosk opens it only while a face is wanted. While it is closed, `probe` says whether it is there.
"""

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator

from drivers.camera.grabber import Grabber, Image
from drivers.camera.picture import PictureFault, PictureWatch
from drivers.camera.port import Camera, CameraStatus, Frame
from drivers.catalog import DriverSettings
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded
from drivers.status import DeviceState
from drivers.transport import video
from drivers.transport.video import STREAM_TIMEOUT_MS, is_there

log = logging.getLogger(__name__)

CLOSE_WAIT_S = STREAM_TIMEOUT_MS / 1000 + 1.0


class Settings(DriverSettings):
    """Settings of the camera.

    Attributes:
        source: Index (0), device path (/dev/v4l/by-id/...; steadier than an index), file, or HTTP MJPEG URL.
        width_px: Asked of a V4L2 device; other sources come as they are.
        height_px: The same.
        rotate_deg: Turns the picture clockwise, for a camera mounted on its side.
    """

    source: int | str
    width_px: int = Field(default=1280, ge=160, le=3840)
    height_px: int = Field(default=720, ge=120, le=2160)
    rotate_deg: Literal[0, 90, 180, 270] = 0

    @field_validator("source")
    @classmethod
    def _plausible(cls, value: int | str) -> int | str:
        if isinstance(value, str) and value.isdecimal():
            return int(value)
        if value == "" or (isinstance(value, int) and value < 0):
            raise ValueError("give an index from 0, a /dev/v4l/by-id path, a file or an HTTP URL")
        return value


class OpenCvCamera:
    """Implements `drivers.camera.port.Camera`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._changed = threading.Condition()
        self._grabber: Grabber | None = None
        self._newest: Frame | None = None
        self._watch = PictureWatch()
        self._number = 0
        self._heard = False
        self._status = CameraStatus(DeviceState.STARTING, {})

    def open(self, deadline: Deadline) -> None:
        """Start grabbing; returns with the first frame, or once it is known that there is none for now."""
        with self._changed:
            if self._grabber is None:
                self._newest, self._number, self._heard, self._watch = None, 0, False, PictureWatch()
                size = (self._settings.width_px, self._settings.height_px)
                self._grabber = Grabber(self._settings.source, size, self._settings.rotate_deg, self._take)
                self._grabber.start()
            self._changed.wait_for(lambda: self._heard, deadline.remaining_s)

    def close(self) -> None:
        """Stop grabbing and drop the frame."""
        with self._changed:
            grabber, self._grabber, self._newest = self._grabber, None, None
            self._changed.notify_all()
        if grabber is not None:
            grabber.stop()
            grabber.join(CLOSE_WAIT_S)

    def status(self) -> CameraStatus:
        """Newest known state; while closed, that of the last `probe` or frame."""
        with self._changed:
            return self._status

    def probe(self, deadline: Deadline) -> CameraStatus:
        """Find out whether the camera is there, without grabbing. While it is open, the same as `status`."""
        with self._changed:
            if self._grabber is not None:
                return self._status
        there = is_there(self._settings.source, deadline.remaining_s)
        with self._changed:
            if self._grabber is None:
                self._set_status(DeviceState.ONLINE if there else DeviceState.NO_DEVICE, None)
            return self._status

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """See `Camera.facts`."""
        return video.facts(self._settings.source)

    def newest(self, after: int, deadline: Deadline) -> Frame:
        """The newest frame whose number is above `after`; waits for one.

        Raises:
            DeadlineExceeded: None came in time, or the camera is closed.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._number > after or self._grabber is None, deadline.remaining_s)
            if self._newest is None or self._newest.number <= after:
                raise DeadlineExceeded("no camera frame in time")
            return self._newest

    def _take(self, grabber: Grabber, image: Image | None, state: DeviceState) -> None:
        """Called on the grabber's thread."""
        at_s = time.monotonic()
        with self._changed:
            if grabber is not self._grabber:
                return
            fault = None
            if image is not None:
                fault = self._watch.update(image, at_s)
                self._number += 1
                self._newest = Frame(image, at_s, self._number)
            self._set_status(state, fault)
            self._heard = True
            self._changed.notify_all()

    def _set_status(self, state: DeviceState, fault: PictureFault | None) -> None:
        if fault is PictureFault.FROZEN:
            state = DeviceState.HARDWARE_ERROR
        details: dict[str, Any] = {"picture": fault.value} if fault is not None else {}
        before, self._status = self._status, CameraStatus(state, details)
        if self._status != before:
            was_well = before.device in (DeviceState.ONLINE, DeviceState.STARTING) and not before.details
            is_well = state is DeviceState.ONLINE and not details
            if is_well != was_well:
                log.log(
                    logging.INFO if is_well else logging.WARNING,
                    "camera %s",
                    "is back" if is_well else f"{state.value} {details.get('picture', '')}".strip(),
                )


def create(settings: Settings) -> Camera:
    """The driver, not yet opened."""
    return OpenCvCamera(settings)
