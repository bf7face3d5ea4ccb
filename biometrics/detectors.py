"""Networks that find faces and five points in each."""

from typing import Protocol

import cv2
import numpy as np

from biometrics import centerface
from biometrics.errors import ModelError
from biometrics.geometry import Box, Face, Image
from biometrics.manifest import ModelFile, Network

# OpenCV's own sample takes 0.9 and 0.3; we ask for as little as of CenterFace, since one hint more is no harm.
_YUNET_MIN_SCORE = 0.6
_YUNET_MAX_OVERLAP = 0.3
_YUNET_CANDIDATES = 400


class Detector(Protocol):
    """Finds faces. Not for two threads at once."""

    def find(self, bgr: Image, longest_px: int) -> tuple[Face, ...]:
        """Every face, the most certain first; the picture is searched at `longest_px` at most."""


def network(content: bytes, name: str) -> cv2.dnn.Net:
    """A network of OpenCV's own runtime.

    Raises:
        ModelError: It is none that this OpenCV loads.
    """
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
    except cv2.error as error:
        raise ModelError(f"{name} cannot be loaded by OpenCV {cv2.__version__}") from error


class CenterFace:
    """See `biometrics.centerface`."""

    def __init__(self, content: bytes, name: str) -> None:
        self._network = network(content, name)

    def find(self, bgr: Image, longest_px: int) -> tuple[Face, ...]:
        """See `Detector`."""
        canvas = centerface.prepare(bgr, longest_px)
        self._network.setInput(canvas.blob)
        return centerface.decode(self._network.forward(centerface.OUTPUTS), canvas)


class YuNet:
    """YuNet through OpenCV's `FaceDetectorYN`, whose points have our order (Wu et al., 2023)."""

    def __init__(self, content: bytes, name: str) -> None:
        network(content, name)
        try:
            self._detector = cv2.FaceDetectorYN.create(
                "onnx",
                np.frombuffer(content, np.uint8),
                np.empty(0, np.uint8),
                (320, 320),
                _YUNET_MIN_SCORE,
                _YUNET_MAX_OVERLAP,
                _YUNET_CANDIDATES,
            )
        except cv2.error as error:
            raise ModelError(f"{name} cannot be loaded by OpenCV {cv2.__version__}") from error

    def find(self, bgr: Image, longest_px: int) -> tuple[Face, ...]:
        """See `Detector`."""
        height, width = bgr.shape[:2]
        scale = min(1.0, longest_px / max(height, width))
        picture: cv2.typing.MatLike = bgr
        if scale < 1.0:
            picture = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._detector.setInputSize((picture.shape[1], picture.shape[0]))
        found = self._detector.detect(picture)[1]
        rows = np.empty((0, 15), np.float32) if found is None else np.asarray(found, np.float32)
        faces = [_face(row, scale, width, height) for row in rows if np.isfinite(row).all()]
        return tuple(sorted(faces, key=lambda face: -face.score))


def _face(row: np.ndarray, scale: float, width: int, height: int) -> Face:
    """x, y, width, height, five points, score."""
    left, top, across, down = (float(value) / scale for value in row[:4])
    box = Box(max(0.0, left), max(0.0, top), min(float(width), left + across), min(float(height), top + down))
    points = (row[4:14].reshape(5, 2) / scale).astype(np.float32)
    return Face(box, float(row[14]), points)


def detector(file: ModelFile, content: bytes) -> Detector:
    """The detector in this file.

    Raises:
        ModelError: It holds none.
    """
    match file.network:
        case Network.CENTERFACE:
            return CenterFace(content, file.name)
        case Network.YUNET:
            return YuNet(content, file.name)
    raise ModelError(f"{file.name} is no detector")
