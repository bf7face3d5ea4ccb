"""The turns of a liveness check: drawn at random, told apart from turns that were shown before."""

from random import Random

import numpy as np
import pytest

from kiosk.identity.turns import Curve, Turns, unlike_deg

STRAIGHT_DEG, MIN_DEG, SAME_DEG = 12.0, 20.0, 2.0


def turns(seed: int = 1) -> Turns:
    return Turns(Random(seed).random, (0.2, 1.4), 0.5, STRAIGHT_DEG, MIN_DEG, SAME_DEG)


def turned(
    held_s: float, speed: float = 40.0, most_deg: float = 36.0, step_s: float = 0.1, late_s: float = 0.0
) -> Curve:
    """Straight, out, held, back and straight, as frames `step_s` apart show it; the first one `late_s` late."""
    out_s = most_deg / speed
    corners = np.cumsum([0.0, 0.5, out_s, held_s, out_s, 0.5])
    times = np.arange(late_s, corners[-1], 0.1)
    return Curve(times - times[0], np.interp(times, corners, (0.0, 0.0, most_deg, most_deg, 0.0, 0.0)))


def feed(seen: Turns, curve: Curve, at_s: float, sign: float = 1.0) -> list[bool]:
    return [seen.see(at_s + t, sign * d) for t, d in zip(curve.times_s, curve.degrees, strict=True)]


def test_sides_are_drawn_anew_each_time() -> None:
    drawn = set()
    for seed in range(40):
        asked = turns(seed)
        drawn.add((asked.side(), asked.side(), asked.side()))
    assert len(drawn) == 8


@pytest.mark.parametrize(
    ("sides", "complete"),
    [((True,), False), ((True, False), False), ((True, True), True), ((False, True, False), True)],
)
def test_turns_are_enough_once_one_side_was_turned_to_twice(sides: tuple[bool, ...], complete: bool) -> None:
    asked = turns()
    for side in sides:
        asked.count(side)
    assert asked.complete is complete
    assert (asked.progress == 1.0) is complete
    asked.begin_again()
    assert (asked.progress, asked.done) == (0.0, ())


@pytest.mark.parametrize("seed", range(30))
def test_second_turn_to_a_side_is_held_clearly_longer_or_shorter(seed: int) -> None:
    asked = turns(seed)
    first, second = asked.hold(True), asked.hold(True)
    assert abs(first - second) >= 0.5 - 1e-9
    assert min(first, second) >= 0.2
    assert max(first, second) <= 1.4


def test_same_movement_seen_by_other_frames_is_hardly_unlike() -> None:
    assert unlike_deg(turned(0.8), turned(0.8, late_s=0.07)) < 1.5


@pytest.mark.parametrize("other", [turned(1.4), turned(0.8, speed=55.0), turned(0.8, most_deg=28.0)])
def test_longer_faster_and_smaller_turns_are_unlike(other: Curve) -> None:
    assert unlike_deg(turned(0.8), other) > 2.5


def test_turn_that_comes_again_is_told_when_it_ends_and_nothing_counts_any_more() -> None:
    seen = turns()
    assert not any(feed(seen, turned(0.8), 0.0))
    seen.count(True)
    seen.count(False)
    seen.count(True)
    again = feed(seen, turned(0.8), 10.0)
    assert again.count(True) == 1
    assert seen.done == ()


def test_same_movement_to_the_other_side_is_another_turn() -> None:
    seen = turns()
    feed(seen, turned(0.8), 0.0)
    assert not any(feed(seen, turned(0.8), 10.0, sign=-1.0))


def test_looking_aside_a_little_again_and_again_is_no_turn() -> None:
    seen = turns()
    for start in range(0, 40, 10):
        assert not any(feed(seen, turned(0.8, most_deg=17.0), float(start)))


def test_turns_that_cross_straight_between_two_frames_are_two() -> None:
    seen = turns()
    for start in (0.0, 20.0):
        swing = [(0, 0), (1, 30), (2, 30), (3, -30), (4, -30), (5, 0)]
        again = [seen.see(start + at, degrees) for at, degrees in swing]
        assert again == ([False] * 6 if start == 0.0 else [False, False, False, True, False, True])


def test_half_a_turn_before_the_face_was_lost_is_not_compared_and_forgetting_forgets() -> None:
    seen = turns()
    whole = turned(0.8)
    feed(seen, Curve(whole.times_s[:15], whole.degrees[:15]), 0.0)
    seen.lose()
    assert not any(feed(seen, whole, 10.0))
    assert any(feed(seen, whole, 20.0))
    seen.forget()
    assert not any(feed(seen, whole, 30.0))
