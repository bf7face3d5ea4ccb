"""The engine: one model set, loaded and checked, on OpenCV's own network runtime.

Which runtime was chosen, and by which measurement, stands in docs/decisions (biometrics room).
"""

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics import centerface
from biometrics.errors import ModelError
from biometrics.geometry import Face, Image, similarity
from biometrics.manifest import DEFAULT, ModelSet

Template = NDArray[np.float32]

CHIP_PX = 150
# Where dlib's training put eyes, nose and mouth corners in the 150 px chip, in the order of `Face.points`
# (mean of dlib's five-landmark alignment, padding 0.25, measured over our detector's points).
CHIP_POINTS = np.array([[46.17, 48.05], [106.91, 47.86], [76.44, 78.42], [49.43, 103.18], [103.08, 102.73]], np.float32)
# Searched size, longest side. More costs time and gains nothing on near faces (docs/decisions, biometrics room);
# a still picture in which nothing was found is searched again, larger each time.
LIVE_DETECTION_PX = 256
STILL_DETECTION_PX = (224, 320, 640)
# A photo as small as a chip's is enlarged first: landmarks come out steadier (docs/decisions, biometrics room).
ENLARGED_BELOW_PX = 400
ENLARGED_TO_PX = 640


class FaceEngine:
    """Finds faces and describes them. May be called from several threads; calls run one after another.

    Attributes:
        model_id: SHA-256 of the descriptor's published file, lower-case hex; names the template space.
        threshold: Largest distance that still counts as the same person.
        models: The set that was loaded.
    """

    def __init__(self, models_dir: Path, threads: int = 2, models: ModelSet = DEFAULT) -> None:
        """Load and check the models.

        Args:
            models_dir: Folder filled by `biometrics.fetch`.
            threads: Threads of OpenCV, for the whole process.
            models: Which set.

        Raises:
            ModelError: A file is missing or not the pinned one, or the threshold belongs to another model.
        """
        self.models = models
        self.threshold = models.checked_threshold()
        self.model_id = models.model_id
        # Networks take over the number of threads that is set when they are made.
        cv2.setNumThreads(threads)
        self._detector = _network(models.detector.load(models_dir), models.detector.name)
        self._descriptor = _network(models.descriptor.load(models_dir), models.descriptor.name)
        self._lock = threading.Lock()

    def detect(self, bgr: Image, longest_px: int = LIVE_DETECTION_PX) -> tuple[Face, ...]:
        """Every face, the most certain first.

        Args:
            bgr: uint8 (height, width, 3).
            longest_px: The picture is searched at this size at most.
        """
        canvas = centerface.prepare(bgr, longest_px)
        with self._lock:
            self._detector.setInput(canvas.blob)
            outputs = self._detector.forward(centerface.OUTPUTS)
        return centerface.decode(outputs, canvas)

    def descriptor(self, bgr: Image, face: Face) -> Template:
        """The face as 128 float32; the Euclidean distance of two tells how alike they are.

        It is the mean over the chip and its mirror image, which lowers false non-matches by a third.

        Raises:
            ValueError: The face's points cannot be a face.
        """
        upright = chip(bgr, face)
        return (self.describe_chip(upright) + self.describe_chip(cv2.flip(upright, 1))) / np.float32(2)

    def describe_chip(self, upright: cv2.typing.MatLike) -> Template:
        """What the network says of one 150 x 150 BGR chip."""
        with self._lock:
            self._descriptor.setInput(cv2.dnn.blobFromImage(upright, 1.0, swapRB=True))
            return np.array(self._descriptor.forward(), np.float32).reshape(-1)

    def still_template(self, bgr: Image) -> Template | None:
        """Template of the one face of an enrolment portrait; None when there is not exactly one."""
        picture, faces = self.still_faces(bgr)
        return self.descriptor(picture, faces[0]) if len(faces) == 1 else None

    def still_faces(self, bgr: Image) -> tuple[Image, tuple[Face, ...]]:
        """The faces of a still picture, and the picture (enlarged when it was small) that they are in."""
        longest = max(bgr.shape[:2])
        if longest < ENLARGED_BELOW_PX:
            scale = ENLARGED_TO_PX / longest
            bgr = np.asarray(cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
        for longest_px in STILL_DETECTION_PX:
            faces = self.detect(bgr, longest_px)
            if faces:
                return bgr, faces
        return bgr, ()

    def same_person(self, a: Template, b: Template) -> bool:
        """Whether two templates of this model count as one person."""
        return distance(a, b) <= self.threshold


def distance(a: Template, b: Template) -> float:
    """Euclidean distance of two templates of the same model.

    Raises:
        ValueError: Their lengths differ, or one is not finite.
    """
    if a.shape != b.shape:
        raise ValueError(f"templates of different models: {a.shape} and {b.shape}")
    result = float(np.linalg.norm(a.astype(np.float64) - b.astype(np.float64)))
    if not np.isfinite(result):
        raise ValueError("a template is not finite")
    return result


def chip(bgr: Image, face: Face) -> Image:
    """The face turned upright and brought to 150 x 150 px, BGR."""
    matrix = similarity(face.points, CHIP_POINTS)
    source: cv2.typing.MatLike = bgr
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        # Bilinear sampling skips pixels below half size: average them first.
        factor = 2.0 * scale
        source = cv2.resize(bgr, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        matrix[:, :2] /= factor
    warped = cv2.warpAffine(source, matrix, (CHIP_PX, CHIP_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(warped, np.uint8)


def _network(content: bytes, name: str) -> cv2.dnn.Net:
    try:
        return cv2.dnn.readNetFromONNX(np.frombuffer(content, np.uint8))
    except cv2.error as error:
        raise ModelError(f"{name} cannot be loaded by OpenCV {cv2.__version__}") from error
