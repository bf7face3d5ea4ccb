"""How a face is turned upright and cut out for a descriptor."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from biometrics.errors import ModelError
from biometrics.geometry import Face, Image, Points, similarity
from biometrics.manifest import ModelFile, Network


@dataclass(frozen=True, slots=True, eq=False)
class ChipForm:
    """What a descriptor's training had before it.

    Attributes:
        side_px: Of the square chip.
        points: Where eyes, nose and mouth corners stand in it, in the order of `Face.points`.
        unit: The descriptor's direction counts, not its length: it is brought to length 1.
    """

    side_px: int
    points: Points
    unit: bool


# Mean of dlib's five-landmark alignment, padding 0.25, measured over our detector's points.
CHIP_POINTS: Final = np.array(
    [[46.17, 48.05], [106.91, 47.86], [76.44, 78.42], [49.43, 103.18], [103.08, 102.73]], np.float32
)
DLIB_CHIP: Final = ChipForm(150, CHIP_POINTS, unit=False)
# OpenCV modules/objdetect/src/face_recognize.cpp (FaceRecognizerSF).
SFACE_CHIP: Final = ChipForm(
    112,
    np.array(
        [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
    ),
    unit=True,
)
_FORMS: Final = {Network.DLIB_RESNET: DLIB_CHIP, Network.SFACE: SFACE_CHIP}


def form_of(file: ModelFile) -> ChipForm:
    """The chip that this descriptor wants.

    Raises:
        ModelError: It is no descriptor.
    """
    if file.network not in _FORMS:
        raise ModelError(f"{file.name} is no descriptor")
    return _FORMS[file.network]


def chip(bgr: Image, face: Face, form: ChipForm = DLIB_CHIP) -> Image:
    """The face turned upright and brought to the form's size, BGR.

    Raises:
        ValueError: The face's points cannot be a face.
    """
    matrix = similarity(face.points, form.points)
    source: cv2.typing.MatLike = bgr
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.5:
        # Bilinear sampling skips pixels below half size: average them first.
        factor = 2.0 * scale
        source = cv2.resize(bgr, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        matrix[:, :2] /= factor
    warped = cv2.warpAffine(source, matrix, (form.side_px, form.side_px), flags=cv2.INTER_LINEAR)
    return np.asarray(warped, np.uint8)
