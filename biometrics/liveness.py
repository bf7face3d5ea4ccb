"""Does a turning head turn in depth? Rules on five points; no clock, no state.

When a head turns, the nose moves against the plane of eyes and mouth. A flat picture can only be squeezed and
sheared: every view of it is close to an affine image of its frontal view. So a turn is measured against the
person's own frontal points, twice: how far the nose went along the eye axis, and what no affine map explains.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.chips import CHIP_POINTS
from biometrics.geometry import LEFT_EYE, RIGHT_EYE, Points, similarity
from biometrics.pose import nose_offset


@dataclass(frozen=True, slots=True)
class Turn:
    """One view of a head against its own frontal view.

    Attributes:
        change_deg: Yaw since the frontal view; positive towards the person's own left.
        residual: Root mean square distance that the best affine map leaves, in inter-eye distances of this view.
    """

    change_deg: float
    residual: float


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """What counts as a real turn.

    Measured on rendered sheets (docs/decisions, liveness): flat ones up to 55 degrees stay below 11 degrees and
    0.06; the rendered residents pass both from 32 to 40 degrees of true yaw.
    """

    min_change_deg: float = 20.0
    min_residual: float = 0.09
    front_deg: float = 12.0


DEFAULT_TURN_LIMITS = TurnLimits()


def frontal_points(views: Sequence[Points]) -> Points:
    """The mean of several frontal views, each brought to the chip first.

    Raises:
        ValueError: There is none, or one is degenerate.
    """
    if not views:
        raise ValueError("no frontal view")
    upright = []
    for points in views:
        matrix = similarity(points, CHIP_POINTS)
        upright.append(points.astype(np.float64) @ matrix[:, :2].T + matrix[:, 2])
    mean: Points = np.mean(upright, axis=0).astype(np.float32)
    return mean


def measure_turn(frontal: Points, now: Points, yaw_factor_deg: float) -> Turn:
    """Measure a view against the frontal one.

    Args:
        frontal: From `frontal_points`.
        now: Five points of this frame.
        yaw_factor_deg: Of the detector.

    Raises:
        ValueError: The eyes coincide.
    """
    change = (nose_offset(now) - nose_offset(frontal)) * yaw_factor_deg
    return Turn(change, affine_residual(frontal, now))


def affine_residual(frontal: Points, now: Points) -> float:
    """What the best affine map from `frontal` to `now` leaves, RMS in inter-eye distances of `now`."""
    source: NDArray[np.float64] = np.column_stack((frontal.astype(np.float64), np.ones(len(frontal))))
    target = now.astype(np.float64)
    solution = np.linalg.lstsq(source, target, rcond=None)[0]
    left = target - source @ solution
    eyes = float(np.hypot(*(target[LEFT_EYE] - target[RIGHT_EYE])))
    if eyes < 1e-6:
        raise ValueError("the eyes coincide")
    return float(np.sqrt((left**2).sum(axis=1).mean())) / eyes


def is_turned(turn: Turn, to_own_left: bool, limits: TurnLimits = DEFAULT_TURN_LIMITS) -> bool:
    """Whether this view is a real turn to the asked side."""
    change = turn.change_deg if to_own_left else -turn.change_deg
    return change >= limits.min_change_deg and turn.residual >= limits.min_residual


def is_wrong_way(turn: Turn, to_own_left: bool, limits: TurnLimits = DEFAULT_TURN_LIMITS) -> bool:
    """Whether this view is a real turn to the other side."""
    return is_turned(turn, not to_own_left, limits)


def is_front(turn: Turn, limits: TurnLimits = DEFAULT_TURN_LIMITS) -> bool:
    """Whether the head looks straight ahead again."""
    return abs(turn.change_deg) <= limits.front_deg
