"""Attack detectors: networks that tell a living face from paper and screens, where an operator supplies them.

Source of what goes in and comes out: minivision-ai/Silent-Face-Anti-Spoofing (Apache-2.0), `src/generate_patches.py`
and `src/anti_spoof_predict.py`: the face's box widened by a factor that the name of the network tells, moved back into
the picture, 80 x 80 px, BGR 0..255; three numbers out, of which a softmax makes shares; the second is "a real face".
None of the published files could be tried here.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.detectors import network
from biometrics.errors import ModelError
from biometrics.geometry import Box, Face, Image
from biometrics.manifest import AttackSet

SIDE_PX = 80
_REAL, _KINDS = 1, 3


class AttackDetector:
    """Looks at one face with every network of a set. Not for two threads at once."""

    def __init__(self, models: AttackSet, models_dir: Path) -> None:
        """Load and check the files.

        Raises:
            ModelError: One is missing or not the pinned one, is no such network, or the threshold is not theirs.
        """
        self.threshold = models.checked_threshold()
        self._networks = [
            (network(model.file.load(models_dir), model.file.name), model.crop) for model in models.models
        ]
        for loaded, model in zip(self._networks, models.models, strict=True):
            try:
                self._shares(loaded[0], np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8))
            except (cv2.error, ValueError) as error:
                raise ModelError(f"{model.file.name} is no attack detector of {SIDE_PX} x {SIDE_PX} px") from error

    def score(self, bgr: Image, face: Face) -> float:
        """How much this looks like a living face, 0 to 1: the mean over the networks."""
        return float(np.mean([self._shares(net, cut(bgr, face.box, crop))[_REAL] for net, crop in self._networks]))

    def _shares(self, net: cv2.dnn.Net, patch: Image) -> NDArray[np.float64]:
        net.setInput(cv2.dnn.blobFromImage(patch, 1.0))
        return softmax(np.asarray(net.forward(), np.float64).reshape(-1))


def softmax(numbers: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares that sum to one.

    Raises:
        ValueError: They are not the three finite numbers of such a network.
    """
    values = np.asarray(numbers, np.float64)
    if values.shape != (_KINDS,) or not np.isfinite(values).all():
        raise ValueError("not the output of an attack detector")
    raised = np.exp(values - values.max())
    shares: NDArray[np.float64] = raised / raised.sum()
    return shares


def cut(bgr: Image, box: Box, crop: float) -> Image:
    """The box, wider and higher by `crop` as far as the picture allows and moved back into it, at 80 x 80 px."""
    height, width = bgr.shape[:2]
    crop = max(1.0, min(crop, (height - 1) / max(1.0, box.height), (width - 1) / max(1.0, box.width)))
    across, down = box.width * crop, box.height * crop
    x, y = box.center
    left = min(max(0.0, x - across / 2), max(0.0, width - 1 - across))
    top = min(max(0.0, y - down / 2), max(0.0, height - 1 - down))
    part = bgr[int(top) : int(top + down) + 1, int(left) : int(left + across) + 1]
    return np.asarray(cv2.resize(part, (SIDE_PX, SIDE_PX)), np.uint8)
