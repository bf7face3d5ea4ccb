"""Flat things stay affine, turning heads do not."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.chips import CHIP_POINTS
from biometrics.geometry import Points
from biometrics.liveness import (
    affine_residual,
    frontal_points,
    is_front,
    is_turned,
    is_wrong_way,
    measure_turn,
)
from tests.support.faces import PEOPLE, engine, sample

FACTOR = engine().models.yaw_factor_deg


def points_of(person: str, yaw: int) -> Points:
    (face,) = engine().detect(sample(person, f"yaw_{yaw:+03d}"))
    return face.points


def front_of(person: str) -> Points:
    return frontal_points([points_of(person, yaw) for yaw in (-4, 0, 4)])


@given(st.floats(0.3, 3), st.floats(0.3, 3), st.floats(-0.6, 0.6), st.floats(-math.pi, math.pi), st.floats(-200, 200))
def test_squeezing_shearing_and_turning_in_the_plane_leaves_nothing(
    wide: float, high: float, shear: float, angle: float, shift: float
) -> None:
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    moved = CHIP_POINTS @ (np.array([[wide, shear], [0, high]]) @ turn) + shift
    assert affine_residual(CHIP_POINTS, moved.astype(np.float32)) < 1e-3


def test_nose_that_moves_alone_is_what_an_affine_map_cannot_explain() -> None:
    moved = CHIP_POINTS.copy()
    moved[2, 0] += 20
    turn = measure_turn(CHIP_POINTS, moved, 90.0)
    assert turn.change_deg == pytest.approx(20 / 60.74 * 90, abs=0.5)
    assert turn.residual > 0.09
    assert is_turned(turn, to_own_left=True)
    assert is_wrong_way(turn, to_own_left=False)
    assert not is_turned(turn, to_own_left=False)
    assert not is_front(turn)


def test_shear_that_moves_the_nose_as_far_as_a_turn_is_none() -> None:
    sheared = CHIP_POINTS @ np.array([[1.0, 0.0], [0.8, 1.0]], np.float32)
    turn = measure_turn(CHIP_POINTS, sheared, FACTOR)
    assert turn.change_deg > 20
    assert not is_turned(turn, to_own_left=True)


@pytest.mark.parametrize("person", PEOPLE)
def test_every_resident_turns_far_enough_to_both_sides(person: str) -> None:
    front = front_of(person)
    assert is_turned(measure_turn(front, points_of(person, 40), FACTOR), to_own_left=True)
    assert is_turned(measure_turn(front, points_of(person, -40), FACTOR), to_own_left=False)


@pytest.mark.parametrize("person", PEOPLE)
def test_small_drift_is_no_turn(person: str) -> None:
    front = front_of(person)
    for yaw in (-8, -4, 0, 4, 8):
        turn = measure_turn(front, points_of(person, yaw), FACTOR)
        assert is_front(turn)
        assert not is_turned(turn, yaw > 0)


def test_frontal_view_is_the_mean_of_upright_views() -> None:
    tilted = CHIP_POINTS @ np.array([[0.9, 0.3], [-0.3, 0.9]], np.float32) * 2 + 40
    assert np.abs(frontal_points([CHIP_POINTS, tilted]) - CHIP_POINTS).max() < 0.1


def test_no_view_and_coinciding_eyes_are_refused() -> None:
    with pytest.raises(ValueError, match="no frontal view"):
        frontal_points([])
    with pytest.raises(ValueError, match="eyes"):
        affine_residual(CHIP_POINTS, np.zeros((5, 2), np.float32))
