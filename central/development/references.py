"""Reference templates of the sample residents, from their portraits. The only place of central that sees a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from biometrics.engine import FaceEngine


class References(Protocol):
    """Where reference templates come from.

    Attributes:
        model_id: SHA-256 of the descriptor's model file, lower-case hex.
        threshold: Distance at or below which two templates are one person; belongs to the model.
        dimensions: Values in a template.
    """

    model_id: str
    threshold: float
    dimensions: int

    def template(self, face: str) -> Sequence[float]:
        """Template of a sample face, by its folder's name."""


class NoFace(Exception):
    """A portrait does not show exactly one face."""


class PortraitReferences:
    """References made from portraits.

    Args:
        samples: Holds faces/<name>/portrait.jpg.
        models: Folder of the models.

    Raises:
        biometrics.errors.ModelError: A model is missing or not the one expected.
    """

    dimensions = 128

    def __init__(self, samples: Path, models: Path) -> None:
        self._samples = samples
        self._engine = FaceEngine(models, threads=1)
        self.model_id = self._engine.model_id
        self.threshold = self._engine.threshold

    def template(self, face: str) -> Sequence[float]:
        """Template of the face in `faces/<face>/portrait.jpg`.

        Raises:
            NoFace: The picture cannot be read, or does not show exactly one face.
        """
        file = self._samples / "faces" / face / "portrait.jpg"
        picture = cv2.imread(str(file))
        found = None if picture is None else self._engine.still_template(np.asarray(picture, np.uint8))
        if found is None:
            raise NoFace(f"{file}: no portrait with exactly one face")
        return [float(value) for value in found]
