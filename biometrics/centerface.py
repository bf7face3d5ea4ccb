"""CenterFace: faces and five points from one network pass.

Source of the decoding: "CenterFace: Joint Face Detection and Alignment Using Face as Point" (Xu et al., 2019)
and the published model's outputs: 537 heat map, 538 scale (log of height and width over the stride), 539 offset
(y, x), 540 points (five times y, x, in heights and widths of the box). Stride 4, RGB 0..255, sides multiples of 32.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.geometry import Box, Face, Image

OUTPUTS = ("537", "538", "539", "540")
STRIDE = 4
SIDE_MULTIPLE = 32
MIN_SCORE = 0.4
MAX_OVERLAP = 0.3
# More candidates than this are noise; the best ones are kept so that a garbage frame costs no time.
MAX_CANDIDATES = 400

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture made ready for the network: scaled, and padded on the right and below."""

    blob: cv2.typing.MatLike
    scale: float
    width: int
    height: int


def prepare(bgr: Image, longest_px: int) -> Canvas:
    """Scale down so that the longest side is at most `longest_px`; never up."""
    height, width = bgr.shape[:2]
    scale = min(1.0, longest_px / max(height, width))
    scaled: cv2.typing.MatLike = bgr
    if scale < 1.0:
        scaled = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    h, w = scaled.shape[:2]
    padded = cv2.copyMakeBorder(scaled, 0, -h % SIDE_MULTIPLE, 0, -w % SIDE_MULTIPLE, cv2.BORDER_CONSTANT)
    return Canvas(cv2.dnn.blobFromImage(padded, 1.0, swapRB=True), scale, width, height)


def decode(outputs: Sequence[cv2.typing.MatLike], canvas: Canvas) -> tuple[Face, ...]:
    """The network's four outputs as faces in the original picture's pixels, the most certain first."""
    heat, scale, offset, points = (np.asarray(output[0], np.float32) for output in outputs)
    scores = heat[0]
    rows, columns = np.nonzero(scores > MIN_SCORE)
    order = np.argsort(-scores[rows, columns])[:MAX_CANDIDATES]
    rows, columns = rows[order], columns[order]
    size = np.exp(scale[:, rows, columns]) * STRIDE
    heights, widths = size[0], size[1]
    tops = (rows + offset[0, rows, columns] + 0.5) * STRIDE - heights / 2
    lefts = (columns + offset[1, rows, columns] + 0.5) * STRIDE - widths / 2
    ys = points[0::2, rows, columns] * heights + tops
    xs = points[1::2, rows, columns] * widths + lefts
    boxes = np.stack((lefts, tops, lefts + widths, tops + heights), axis=1)
    faces = []
    for i in _without_overlap(boxes):
        left, top, right, bottom = boxes[i] / canvas.scale
        faces.append(
            Face(
                Box(
                    max(0.0, float(left)),
                    max(0.0, float(top)),
                    min(float(canvas.width), float(right)),
                    min(float(canvas.height), float(bottom)),
                ),
                float(scores[rows[i], columns[i]]),
                np.stack((xs[:, i], ys[:, i]), axis=1).astype(np.float32) / np.float32(canvas.scale),
            )
        )
    return tuple(faces)


def _without_overlap(boxes: Floats) -> list[int]:
    """Greedy non-maximum suppression; boxes come best first."""
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left = np.arange(len(boxes))
    kept: list[int] = []
    while left.size:
        best, rest = int(left[0]), left[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.prod(np.maximum(high - low, 0.0), axis=1)
        left = rest[shared <= MAX_OVERLAP * (areas[best] + areas[rest] - shared)]
    return kept
