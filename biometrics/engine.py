"""The engine: one model set, loaded and checked, on OpenCV's own network runtime.

Which runtime was chosen, and by which measurement, stands in docs/decisions (biometrics room).
"""

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.attack import AttackDetector
from biometrics.chips import chip, form_of
from biometrics.detectors import detector, network
from biometrics.errors import ModelError
from biometrics.geometry import Face, Image
from biometrics.manifest import ModelSet
from biometrics.set_file import chosen

Template = NDArray[np.float32]

# Searched size, longest side. More costs time and gains nothing on near faces (docs/decisions, biometrics room);
# a still picture in which nothing was found is searched again, larger each time.
LIVE_DETECTION_PX = 256
STILL_DETECTION_PX = (224, 320, 640)
# Of every descriptor that the contracts carry.
TEMPLATE_LENGTH = 128
# A photo as small as a chip's is enlarged first: landmarks come out steadier (docs/decisions, biometrics room).
ENLARGED_BELOW_PX = 400
ENLARGED_TO_PX = 640


class FaceEngine:
    """Finds faces and describes them. May be called from several threads; calls run one after another.

    Attributes:
        model_id: SHA-256 of the descriptor's published file, lower-case hex; names the template space.
        threshold: Largest distance that still counts as the same person.
        models: The set that was loaded.
        attack_threshold: Least score of a living face; None without an attack detector.
    """

    def __init__(self, models_dir: Path, threads: int = 2, models: ModelSet | None = None) -> None:
        """Load and check the models.

        Args:
            models_dir: Folder filled by `biometrics.fetch`.
            threads: Threads of OpenCV, for the whole process.
            models: Which set; None: what the folder's `models.toml` says, or the default one.

        Raises:
            ModelError: A file is missing or not the pinned one, or a threshold belongs to another model.
        """
        models = models or chosen(models_dir)
        self.models = models
        self.threshold = models.checked_threshold()
        self.model_id = models.model_id
        # Networks take over the number of threads that is set when they are made.
        cv2.setNumThreads(threads)
        self._detector = detector(models.detector, models.detector.load(models_dir))
        self._form = form_of(models.descriptor)
        self._descriptor = network(models.descriptor.load(models_dir), models.descriptor.name)
        self._attack = AttackDetector(models.attack, models_dir) if models.attack else None
        self.attack_threshold = self._attack.threshold if self._attack else None
        self._lock = threading.Lock()
        side = self._form.side_px
        try:
            length = self.describe_chip(np.zeros((side, side, 3), np.uint8)).size
        except cv2.error as error:
            raise ModelError(f"{models.descriptor.name} takes no chip of {side} x {side} px") from error
        if length != TEMPLATE_LENGTH:
            raise ModelError(f"{models.descriptor.name} gives {length} numbers, not {TEMPLATE_LENGTH}")

    def detect(self, bgr: Image, longest_px: int = LIVE_DETECTION_PX) -> tuple[Face, ...]:
        """Every face, the most certain first.

        Args:
            bgr: uint8 (height, width, 3).
            longest_px: The picture is searched at this size at most.
        """
        with self._lock:
            return self._detector.find(bgr, longest_px)

    def alive(self, bgr: Image, face: Face) -> float | None:
        """How much the attack detector takes this for a living face, 0 to 1; None without one."""
        if self._attack is None:
            return None
        with self._lock:
            return self._attack.score(bgr, face)

    def descriptor(self, bgr: Image, face: Face, mirrored: bool = True) -> Template:
        """The face as 128 float32; the Euclidean distance of two tells how alike they are.

        Args:
            bgr: Where the face was found.
            face: Which one.
            mirrored: The mean over the chip and its mirror image, which lowers false non-matches by a third. It is
                enough that one side of a comparison has it: live frames, of which there are several, do without.

        Raises:
            ValueError: The face's points cannot be a face.
        """
        upright = chip(bgr, face, self._form)
        if not mirrored:
            return self.describe_chip(upright)
        both = self.describe_chip(upright) + self.describe_chip(cv2.flip(upright, 1))
        return _unit(both) if self._form.unit else both / np.float32(2)

    def describe_chip(self, upright: cv2.typing.MatLike) -> Template:
        """What the network says of one BGR chip in the descriptor's form."""
        with self._lock:
            self._descriptor.setInput(cv2.dnn.blobFromImage(upright, 1.0, swapRB=True))
            found = np.array(self._descriptor.forward(), np.float32).reshape(-1)
        return _unit(found) if self._form.unit else found

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


def _unit(template: Template) -> Template:
    """The same direction with length 1."""
    length = float(np.linalg.norm(template))
    return template / np.float32(length) if length > 0 else template
