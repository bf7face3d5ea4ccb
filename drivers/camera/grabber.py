"""The camera's thread: open the source, read it, and open it again when it fails, until stopped."""

import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.status import DeviceState
from drivers.transport.video import Source, VideoSource, is_device, is_stream

Image = NDArray[np.uint8]
# Hears each frame (None: there is none for now) and the device's state.
Publish = Callable[["Grabber", Image | None, DeviceState], None]

FIRST_RETRY_S = 0.25
LAST_RETRY_S = 2.0

_ROTATIONS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


class Grabber(threading.Thread):
    """Reads one source on its own thread."""

    def __init__(self, source: Source, size_px: tuple[int, int], rotate_deg: int, publish: Publish) -> None:
        super().__init__(name="camera", daemon=True)
        self._source = source
        self._size_px = size_px
        self._rotation = _ROTATIONS.get(rotate_deg)
        self._publish = publish
        self._stop_wanted = threading.Event()
        self._is_file = not is_device(source) and not is_stream(source)

    def stop(self) -> None:
        """Ask the thread to end; it does so at its next frame, or when a dead source times out."""
        self._stop_wanted.set()

    def run(self) -> None:
        """The thread."""
        retry_s = FIRST_RETRY_S
        while not self._stop_wanted.is_set():
            source = VideoSource(self._source, *self._size_px)
            opened = source.opened
            try:
                frames = self._read(source) if opened else 0
            finally:
                source.release()
            if self._stop_wanted.is_set():
                return
            if frames:
                retry_s = FIRST_RETRY_S
                if self._is_file:
                    continue
            self._publish(self, None, DeviceState.HARDWARE_ERROR if opened else DeviceState.NO_DEVICE)
            self._stop_wanted.wait(retry_s)
            retry_s = min(LAST_RETRY_S, retry_s * 2)

    def _read(self, source: VideoSource) -> int:
        """Publish frames until the source fails or ends; returns how many came."""
        frames = 0
        # A file gives its frames as fast as they are asked for; a camera paces itself.
        pace_s = 1.0 / (source.frames_per_s or 25.0) if self._is_file else 0.0
        next_at_s = time.monotonic()
        while not self._stop_wanted.is_set():
            image = source.read()
            if image is None:
                break
            if self._rotation is not None:
                image = np.asarray(cv2.rotate(image, self._rotation), np.uint8)
            frames += 1
            self._publish(self, image, DeviceState.ONLINE)
            if pace_s:
                next_at_s += pace_s
                self._stop_wanted.wait(max(0.0, next_at_s - time.monotonic()))
        return frames
