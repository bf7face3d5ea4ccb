"""Whether a picture can show anybody: covered, dark, overexposed and frozen pictures are named."""

import zlib
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

# Every eighth pixel in both directions is enough to judge light, and costs nothing.
_STEP = 8

# Of blocks, so that the noise of a dark sensor does not look like a scene.
COVERED_MAX_DEVIATION = 2.0
_BLOCK = 5
DARK_MAX_MEAN = 28.0
OVEREXPOSED_LEVEL = 250
OVEREXPOSED_SHARE = 0.6
FROZEN_AFTER_S = 3.0
FROZEN_MIN_FRAMES = 8


class PictureFault(StrEnum):
    """What is wrong with the picture."""

    COVERED = "covered"
    DARK = "dark"
    OVEREXPOSED = "overexposed"
    FROZEN = "frozen"


class PictureWatch:
    """Judges one frame after the other."""

    def __init__(self) -> None:
        self._checksum: int | None = None
        self._same_since_s = 0.0
        self._same_frames = 0

    def update(self, bgr: NDArray[np.uint8], at_s: float) -> PictureFault | None:
        """Judge the newest frame; None when all is well.

        Args:
            bgr: uint8 (height, width, 3).
            at_s: Monotonic seconds when it was grabbed.
        """
        sample = np.ascontiguousarray(bgr[::_STEP, ::_STEP])
        if self._frozen(sample, at_s):
            return PictureFault.FROZEN
        return _light(sample)

    def _frozen(self, sample: NDArray[np.uint8], at_s: float) -> bool:
        """A real sensor is never twice the same: its noise sees to that."""
        checksum = zlib.crc32(sample.data)
        if checksum != self._checksum:
            self._checksum, self._same_since_s, self._same_frames = checksum, at_s, 0
            return False
        self._same_frames += 1
        return self._same_frames >= FROZEN_MIN_FRAMES and at_s - self._same_since_s >= FROZEN_AFTER_S


def _light(sample: NDArray[np.uint8]) -> PictureFault | None:
    luma = sample.mean(axis=2)
    if float((luma >= OVEREXPOSED_LEVEL).mean()) >= OVEREXPOSED_SHARE:
        return PictureFault.OVEREXPOSED
    if float(_blocks(luma).std()) <= COVERED_MAX_DEVIATION:
        return PictureFault.COVERED
    if float(luma.mean()) <= DARK_MAX_MEAN:
        return PictureFault.DARK
    return None


def _blocks(luma: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of 5 x 5 pixels; the rest at the right and lower edge is left out."""
    rows, columns = luma.shape[0] // _BLOCK, luma.shape[1] // _BLOCK
    if not rows or not columns:
        return luma
    cut = luma[: rows * _BLOCK, : columns * _BLOCK]
    means: NDArray[np.float64] = cut.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3))
    return means
