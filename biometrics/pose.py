"""Which way a head looks, from the five points.

The nose stands out of the face, so when the head turns it moves along the line between the eyes. Pitch cannot
be read from five points well enough to ask anything of people, so nothing here does.
"""

import numpy as np

from biometrics.geometry import LEFT_EYE, NOSE, RIGHT_EYE, Points


def nose_offset(points: Points) -> float:
    """How far the nose is from the middle of the eyes, along the eye axis, in inter-eye distances.

    Positive: towards the right edge of an unmirrored picture, which is the person's own left.

    Raises:
        ValueError: The eyes coincide.
    """
    axis = (points[LEFT_EYE] - points[RIGHT_EYE]).astype(np.float64)
    length = float(np.hypot(axis[0], axis[1]))
    if not np.isfinite(length) or length < 1e-6:
        raise ValueError("the eyes coincide")
    middle = (points[LEFT_EYE] + points[RIGHT_EYE]) / 2
    return float((points[NOSE] - middle) @ axis) / (length * length)


def yaw_deg(points: Points, factor_deg: float) -> float:
    """Turn of the head, degrees; sign as in `nose_offset`.

    Args:
        points: Five points.
        factor_deg: Of the detector that found them (`ModelSet.yaw_factor_deg`).

    Raises:
        ValueError: The eyes coincide.
    """
    return nose_offset(points) * factor_deg


def roll_deg(points: Points) -> float:
    """Tilt of the eye line against the horizontal, degrees; positive is clockwise in the picture."""
    axis = points[LEFT_EYE] - points[RIGHT_EYE]
    return float(np.degrees(np.arctan2(axis[1], axis[0])))
