"""The liveness check: people who turn pass, pictures, stopped films and changing faces do not."""

from collections.abc import Callable
from random import Random

import cv2
import numpy as np
import pytest

from biometrics.geometry import Image
from drivers.camera.port import Frame
from kiosk.identity.guidance import Hint
from kiosk.identity.liveness import LivenessCheck
from kiosk.identity.liveness_rules import Ask, End
from simulator.camera import scene
from simulator.camera.performance import IDLE
from tests.support.attacks import Sheet
from tests.support.faces import SAMPLES, beside, empty_picture, engine, sample
from tests.support.subjects import Subject, frozen, held_sheet, loop, outcome, resident, standing_picture


def result(make: Callable[[Random], Subject], seed: int = 1) -> tuple[End, float]:
    random = Random(seed)
    return outcome(engine(), make(random), random)


@pytest.mark.parametrize("person", ["nur", "yosef"])
def test_resident_who_turns_as_asked_passes(person: str) -> None:
    end, score = result(lambda random: resident(person, random))
    assert end is End.PASSED
    assert 0.5 <= score <= 1.0


def test_resident_before_a_camera_of_three_frames_a_second_passes() -> None:
    random = Random(1)
    slow = every_fifth(resident("hamid", random))
    assert outcome(engine(), slow, random, fps=3.0)[0] is End.PASSED


def every_fifth(subject: Subject) -> Subject:
    """What a camera of 3 frames a second sees of somebody who moves at 15."""
    picture = next(subject)
    while True:
        ask = yield picture
        for _ in range(5):
            picture = subject.send(ask)


def test_damaged_frames_in_mid_check_prove_nothing_and_end_it_by_its_own_times() -> None:
    check, number, _ = known("hamid")
    sensor = scene.Sensor(Random(5))
    place = scene.standing(SAMPLES / "faces" / "hamid" / "yaw_+00.jpg")
    shown = 0
    for late in range(300):
        broken = np.frombuffer(scene.corrupted(sensor.grab(place)), np.uint8)
        picture = cv2.imdecode(broken, cv2.IMREAD_COLOR)
        if picture is not None and check.end is None:
            shown += 1
            check.step(Frame(np.asarray(picture, np.uint8), (number + 2 * late) / 10, number + late))
    assert shown
    assert check.end in (End.NO_TURN, End.JUMP)
    assert check.score == 0.0


def test_print_turned_by_hand_does_not_pass() -> None:
    sheet = Sheet(sample("mei"), 200)
    end, score = result(lambda random: held_sheet(sheet, random))
    assert end is not End.PASSED
    assert score == 0.0


def test_stopped_film_is_named_frozen() -> None:
    assert result(lambda random: frozen("karto", random)) == (End.FROZEN, 0.0)


def test_film_in_a_loop_is_named_replayed() -> None:
    assert result(lambda random: loop("karto", random, list(IDLE[:15]), fresh_noise=False)) == (End.REPLAYED, 0.0)


def test_whoever_only_stands_there_ends_without_a_turn() -> None:
    assert result(lambda random: loop("sumi", random, list(IDLE), fresh_noise=True)) == (End.NO_TURN, 0.0)


def frames(pictures: list[Image], start: int = 1) -> list[Frame]:
    """As a camera gives them: never twice the same."""
    made = []
    for number, picture in enumerate(pictures, start):
        noisy = picture.copy()
        noisy[0, :4] = np.random.default_rng(number).integers(0, 256, (4, 3))
        noisy[4, :, 0] ^= np.uint8(number % 8)
        made.append(Frame(noisy, number / 10, number))
    return made


def walk(check: LivenessCheck, pictures: list[Image], start: int = 1) -> list[Ask]:
    return [check.step(frame).ask for frame in frames(pictures, start)]


def known(person: str, draw: Callable[[], float] | None = None) -> tuple[LivenessCheck, int, Ask]:
    """A check that knows the person's frontal face and has just asked for a turn."""
    check = LivenessCheck(engine(), draw or Random(3).random)
    number = 0
    for number in range(1, 60):
        ask = walk(check, [standing_picture(person, "yaw_+00")], number)[0]
        if ask is not Ask.LOOK_STRAIGHT:
            return check, number + 1, ask
    raise AssertionError("no turn was asked")


def test_other_face_in_the_turn_ends_it() -> None:
    check, number, ask = known("hamid")
    side = "yaw_+40" if ask is Ask.TURN_LEFT else "yaw_-40"
    walk(check, [*[standing_picture("hamid", "yaw_+00")] * 3, standing_picture("mei", side)], number)
    assert check.end in (End.OTHER_FACE, End.JUMP)


def test_face_that_jumps_to_another_place_ends_it() -> None:
    check, number, _ = known("hamid")
    moved = np.roll(standing_picture("hamid", "yaw_+00"), 90, axis=1)
    walk(check, [moved], number)
    assert check.end is End.JUMP


def turned(person: str, side: str) -> list[Image]:
    """After a moment, from the middle to 40 degrees, fast but as one movement."""
    return [standing_picture(person, f"yaw_{side}{yaw:02d}") for yaw in (0, 0, 0, 8, 16, 24, 32, 40)]


def test_turn_to_the_wrong_side_is_forgiven_once_and_asks_anew() -> None:
    check, number, ask = known("hamid")
    wrong = turned("hamid", "-" if ask is Ask.TURN_LEFT else "+")
    assert walk(check, wrong, number)[-1] is Ask.LOOK_STRAIGHT
    assert check.end is None
    back = [*reversed(wrong), *[standing_picture("hamid", "yaw_+00")] * 25]
    asked = walk(check, back, number + len(wrong))
    again = next(ask for ask in asked if ask is not Ask.LOOK_STRAIGHT)
    walk(check, turned("hamid", "-" if again is Ask.TURN_LEFT else "+"), number + 40)
    assert check.end is End.WRONG_TURNS


def test_turn_shown_again_is_asked_anew_and_at_last_named_replayed() -> None:
    check, number, ask = known("hamid", draw=lambda: 0.3)
    assert ask is Ask.TURN_LEFT
    straight = [standing_picture("hamid", "yaw_+00")] * 12
    out = turned("hamid", "+")
    film = [*out, *[out[-1]] * 6, *reversed(out), *straight]
    progress = []
    for shown in range(4):
        for frame in frames(film, number + shown * len(film)):
            step = check.step(frame)
        progress.append(round(step.progress, 2))
        assert check.end is (End.REPLAYED if shown == 3 else None)
    assert max(progress[1:]) == 0.0 < progress[0]


def test_turn_that_had_begun_before_it_was_asked_does_not_count() -> None:
    check, number, ask = known("hamid", draw=lambda: 0.3)
    assert ask is Ask.TURN_LEFT
    at_once = [standing_picture("hamid", f"yaw_+{yaw}") for yaw in (24, 40)]
    for late, picture in enumerate(at_once):
        step = check.step(Frame(frames([picture], number)[0].bgr, (number - 1) / 10 + 0.08 * (late + 1), number + late))
    assert (step.ask, step.progress) == (Ask.LOOK_STRAIGHT, 0.0)


def test_second_person_and_too_near_give_a_hint_and_no_progress() -> None:
    check = LivenessCheck(engine(), Random(3).random)
    two = beside(sample("hamid")[:, 60:420], sample("mei")[:, 60:420])
    near = sample("bagus", "near")[60:420]
    assert {check.step(frame).hint for frame in frames([two[:, 180:540]] * 3)} != {Hint.UNSPECIFIED}
    assert {check.step(frame).hint for frame in frames([np.ascontiguousarray(near)] * 3, 10)} == {Hint.FURTHER}
    assert check.end is None


def test_nobody_comes_and_the_check_ends_by_itself() -> None:
    check = LivenessCheck(engine(), Random(3).random)
    for frame in frames([empty_picture()] * 220):
        step = check.step(frame)
    assert step.end is End.NO_TURN


def test_close_forgets_the_person() -> None:
    check, _, _ = known("mei")
    template = check.known_template
    assert template is not None
    assert template.any()
    check.close()
    check.close()
    assert not template.any()
    assert check.known_template is None
