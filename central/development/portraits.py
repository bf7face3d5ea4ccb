"""Enrolment pictures of the sample residents: their rendered portrait, and a signature that is a scribble. SIMULASI."""

import random
from pathlib import Path

import cv2
import numpy as np

# As on the chip (BPPT, published by Kompas, 2021-02-14).
_SIGNATURE_PX = (168, 44)


def photo(samples: Path, face: str) -> bytes:
    """The portrait as it is, JPEG.

    Raises:
        OSError: It cannot be read.
    """
    return (samples / "faces" / face / "portrait.jpg").read_bytes()


def signature(face: str) -> bytes:
    """A scribble of this person's own, PNG, black on white; the same each time."""
    pen = random.Random(face)
    width, height = _SIGNATURE_PX
    points, x, y = [], 6.0, height / 2
    while x < width - 8:
        points.append((round(x), round(y)))
        x += pen.uniform(1, 7)
        y = min(height - 4.0, max(4.0, y + pen.uniform(-14, 14)))
    paper = np.full((height, width), 255, np.uint8)
    cv2.polylines(paper, [np.array(points, np.int32)], False, 0, 2, cv2.LINE_AA)
    made, png = cv2.imencode(".png", paper)
    assert made
    return bytes(png)
