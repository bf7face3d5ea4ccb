"""Boxes, points and the least-squares similarity that brings a face into the descriptor's chip."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Points = NDArray[np.float32]

# Columns of the five points, in image order (the person's right eye is left in an unmirrored picture).
RIGHT_EYE, LEFT_EYE, NOSE, RIGHT_MOUTH, LEFT_MOUTH = range(5)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the whole picture."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face that was found.

    Attributes:
        box: Around the face without hair, px.
        score: The detector's certainty, 0 to 1.
        points: float32 (5, 2), x and y in px: right eye, left eye, nose tip, right and left mouth corner.
    """

    box: Box
    score: float
    points: Points

    @property
    def inter_eye_px(self) -> float:
        """Distance between the eyes (ISO/IEC 29794-5 inter-eye distance), px."""
        across = self.points[LEFT_EYE] - self.points[RIGHT_EYE]
        return float(math.hypot(across[0], across[1]))


def similarity(source: Points, target: Points) -> NDArray[np.float64]:
    """The 2 x 3 matrix of the similarity that maps `source` to `target` with the least squared error.

    In complex numbers it is z -> a z + b, and the normal equations have the closed solution below.

    Raises:
        ValueError: All source points coincide.
    """
    z = _complex(source)
    w = _complex(target)
    z_mean, w_mean = z.mean(), w.mean()
    spread = float((np.abs(z - z_mean) ** 2).sum())
    if not math.isfinite(spread) or spread <= 1e-9:
        raise ValueError("the points of the face coincide")
    a = complex(((z - z_mean).conj() * (w - w_mean)).sum() / spread)
    b = complex(w_mean - a * z_mean)
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def _complex(points: Points) -> NDArray[np.complex128]:
    values: NDArray[Any] = points.astype(np.float64)
    combined: NDArray[np.complex128] = values[:, 0] + 1j * values[:, 1]
    return combined
