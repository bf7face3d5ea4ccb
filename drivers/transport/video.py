"""Frames from V4L2 devices, files and HTTP MJPEG streams: the only place that uses `cv2.VideoCapture`."""

import fcntl
import http.client
import os
import stat
import struct
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.facts import tidy

Source = int | str

# How long FFmpeg may wait for a connection and for the next frame.
STREAM_TIMEOUT_MS = 2000
# linux/videodev2.h: _IOR('V', 0, struct v4l2_capability); capabilities at byte 84, device_caps at byte 88.
_VIDIOC_QUERYCAP = 0x80685600
_CAPABILITY_BYTES = 104
_CAP_VIDEO_CAPTURE = 0x00000001
_CAP_DEVICE_CAPS = 0x80000000
# libavutil/log.h: AV_LOG_QUIET; OpenCV hands it on when the first stream is opened.
_FFMPEG_QUIET = "-8"


class VideoSource:
    """One opened source. Used by one thread."""

    def __init__(self, source: Source, width_px: int, height_px: int) -> None:
        """Try to open; `opened` says whether it worked."""
        # A missing camera or a damaged frame is an ordinary state here, not worth pages on stderr.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", _FFMPEG_QUIET)
        if is_device(source):
            # MJPG: USB 2 does not carry raw 1280 x 720 at 30 frames a second.
            parameters = [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")]
            parameters += [cv2.CAP_PROP_FRAME_WIDTH, width_px, cv2.CAP_PROP_FRAME_HEIGHT, height_px]
            self._capture = cv2.VideoCapture(source, cv2.CAP_V4L2, parameters)
        else:
            parameters = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, STREAM_TIMEOUT_MS]
            parameters += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, STREAM_TIMEOUT_MS, cv2.CAP_PROP_N_THREADS, 1]
            self._capture = cv2.VideoCapture(str(source), cv2.CAP_FFMPEG, parameters)

    @property
    def opened(self) -> bool:
        """Whether frames can be read."""
        return bool(self._capture.isOpened())

    @property
    def frames_per_s(self) -> float:
        """What the source says of itself; 0 when it does not tell."""
        rate = float(self._capture.get(cv2.CAP_PROP_FPS))
        return rate if 0.0 < rate <= 240.0 else 0.0

    def read(self) -> NDArray[np.uint8] | None:
        """The next frame, BGR; waits for it. None: the source failed or ended."""
        try:
            ok, frame = self._capture.read()
        except cv2.error:
            return None
        if not ok or frame is None or frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
            return None
        return np.asarray(frame, np.uint8)

    def release(self) -> None:
        """Let go of the source. May be called twice."""
        self._capture.release()


def is_device(source: Source) -> bool:
    """Whether the source is a V4L2 device rather than a file or stream."""
    return isinstance(source, int) or source.startswith("/dev/")


def is_stream(source: Source) -> bool:
    """Whether the source is a network stream."""
    return isinstance(source, str) and source.startswith(("http://", "https://"))


def is_there(source: Source, timeout_s: float) -> bool:
    """Whether the source could be opened, found out without grabbing from it."""
    if is_device(source):
        return _is_capture_device(f"/dev/video{source}" if isinstance(source, int) else str(source))
    if is_stream(source):
        return _stream_answers(str(source), timeout_s)
    return Path(str(source)).is_file()


def facts(source: Source) -> dict[str, str]:
    """What the kernel knows of a V4L2 device: its name, and maker, serial number and release of its USB device."""
    if not is_device(source):
        return {}
    node = Path(f"/dev/video{source}" if isinstance(source, int) else str(source)).resolve()
    return facts_in(Path("/sys/class/video4linux") / node.name)


def facts_in(folder: Path) -> dict[str, str]:
    """The same from its folder in sysfs; the interface's `device` link lies inside the USB device's own folder."""
    usb = (folder / "device").resolve().parent
    release = _line(usb / "bcdDevice")
    return tidy(
        maker=_line(usb / "manufacturer"),
        model=_line(folder / "name"),
        serial=_line(usb / "serial"),
        firmware=f"{release[:2].lstrip('0') or '0'}.{release[2:]}" if len(release) == 4 else "",
    )


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""


def _is_capture_device(path: str) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
            return False
        answer = fcntl.ioctl(descriptor, _VIDIOC_QUERYCAP, bytes(_CAPABILITY_BYTES))
    except OSError:
        return False
    finally:
        os.close(descriptor)
    capabilities, device_caps = struct.unpack_from("=II", answer, 84)
    own = device_caps if capabilities & _CAP_DEVICE_CAPS else capabilities
    return bool(own & _CAP_VIDEO_CAPTURE)


def _stream_answers(url: str, timeout_s: float) -> bool:
    try:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=max(0.05, timeout_s))
    except (http.client.InvalidURL, ValueError):
        return False
    try:
        connection.request("GET", parts.path or "/")
        return bool(connection.getresponse().status == http.client.OK)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
