"""One hint at a time, the right one, shown long enough to be read."""

import cv2
import numpy as np
import pytest
from adm.panel.v1 import panel_pb2

from biometrics.geometry import Image
from kiosk.identity.face import middle
from kiosk.identity.guidance import Appraisal, Hint, HintKeeper, appraise
from tests.support.faces import PEOPLE, beside, empty_picture, engine, sample


def placed(person: str, scale: float, dx: int = 0, pose: str = "yaw_+00") -> Image:
    """The person in a 480 x 640 picture, scaled about its middle and moved."""
    matrix = np.array([[scale, 0, 240 * (1 - scale) + dx], [0, scale, 320 * (1 - scale)]])
    picture = cv2.warpAffine(sample(person, pose), matrix, (480, 640), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(picture, np.uint8)


def judged(picture: Image) -> Appraisal:
    return appraise(picture, engine().detect(picture), engine().models.yaw_factor_deg)


def test_hints_are_those_of_the_contract() -> None:
    contract = {name.removeprefix("FACE_HINT_"): number for name, number in panel_pb2.FaceHint.items()}
    assert {hint.name: hint.value for hint in Hint}.items() <= contract.items()


@pytest.mark.parametrize("person", PEOPLE)
def test_good_picture_needs_no_hint(person: str) -> None:
    appraisal = judged(placed(person, 0.8))
    assert appraisal.hint is Hint.UNSPECIFIED
    assert appraisal.usable


@pytest.mark.parametrize("person", PEOPLE)
def test_dim_light_of_an_ordinary_room_is_no_reason_to_complain(person: str) -> None:
    assert judged(placed(person, 0.8, pose="light_dim")).hint is Hint.UNSPECIFIED


@pytest.mark.parametrize(
    ("picture", "hint"),
    [
        (empty_picture(), Hint.NO_FACE),
        (placed("mei", 0.3), Hint.CLOSER),
        (placed("bagus", 1.6), Hint.FURTHER),
        (placed("hamid", 0.6, dx=150), Hint.CENTER),
        (placed("hamid", 0.6, dx=-150), Hint.CENTER),
        (placed("karto", 0.8, pose="yaw_+32"), Hint.LOOK_STRAIGHT),
        (placed("karto", 0.8, pose="yaw_-32"), Hint.LOOK_STRAIGHT),
        ((placed("sumi", 0.8) * 0.2).astype(np.uint8), Hint.TOO_DARK),
        (np.clip(placed("mei", 0.8).astype(int) + 150, 0, 255).astype(np.uint8), Hint.TOO_BRIGHT),
        (np.asarray(cv2.GaussianBlur(placed("sumi", 0.8), (0, 0), 7), np.uint8), Hint.HOLD_STILL),
    ],
    ids=["nobody", "far", "near", "right", "left", "turned_left", "turned_right", "dark", "bright", "blurred"],
)
def test_one_thing_to_mend_is_named(picture: Image, hint: Hint) -> None:
    assert judged(picture).hint is hint


@pytest.mark.parametrize("colour", [(200, 170, 120), (230, 230, 230), (30, 30, 30)], ids=["blue", "white", "black"])
@pytest.mark.parametrize("person", ["hamid", "yosef"])
def test_mask_over_the_mouth_is_asked_to_come_off(person: str, colour: tuple[int, int, int]) -> None:
    picture = placed(person, 0.8)
    (face,) = engine().detect(picture)
    mouth, nose, eyes = (face.points[3] + face.points[4]) / 2, face.points[2], face.inter_eye_px
    corners = [(-0.95, nose[1] - 0.05 * eyes), (0.0, nose[1] - 0.35 * eyes), (0.95, nose[1] - 0.05 * eyes)]
    corners += [(0.7, mouth[1] + 0.75 * eyes), (-0.7, mouth[1] + 0.75 * eyes)]
    outline = np.array([(mouth[0] + x * eyes, y) for x, y in corners], np.int32)
    masked = cv2.GaussianBlur(cv2.fillConvexPoly(picture.copy(), outline, colour), (0, 0), 1)
    appraisal = judged(np.asarray(masked, np.uint8))
    assert appraisal.hint is Hint.UNCOVER
    assert appraisal.usable


def test_two_people_are_asked_to_be_one() -> None:
    appraisal = judged(beside(placed("hamid", 0.7), placed("mei", 0.7)))
    assert appraisal.hint is Hint.ONE_PERSON
    assert not appraisal.usable


def test_small_face_far_behind_is_no_second_person() -> None:
    picture = placed("hamid", 0.8).copy()
    picture[20:116, 380:452] = cv2.resize(sample("mei"), (72, 96), interpolation=cv2.INTER_AREA)
    assert judged(picture).hint is Hint.UNSPECIFIED


def test_queue_beside_the_middle_is_not_judged() -> None:
    queue = beside(placed("mei", 0.8), placed("hamid", 0.8), placed("yosef", 0.8))
    assert judged(queue).hint is Hint.ONE_PERSON
    assert judged(middle(queue)).hint is Hint.UNSPECIFIED


def test_bad_light_still_leaves_a_usable_picture() -> None:
    assert judged((placed("sumi", 0.8) * 0.2).astype(np.uint8)).usable


def shown(wanted: list[tuple[float, Hint]]) -> list[Hint]:
    keeper = HintKeeper()
    return [keeper.update(hint, at_s) for at_s, hint in wanted]


def test_hint_that_flickers_is_not_shown() -> None:
    steps = [(i / 15, Hint.CENTER if i % 3 == 0 else Hint.UNSPECIFIED) for i in range(60)]
    assert set(shown(steps)) == {Hint.UNSPECIFIED}


def test_hint_that_stays_is_shown_and_stays_until_read() -> None:
    steps = [(i / 15, Hint.CLOSER) for i in range(9)] + [(i / 15, Hint.FURTHER) for i in range(9, 60)]
    seen = shown(steps)
    began, changed = seen.index(Hint.CLOSER), seen.index(Hint.FURTHER)
    assert steps[began][0] >= HintKeeper.SETTLES_S
    assert steps[changed][0] - steps[began][0] >= HintKeeper.READ_S


def test_hints_never_change_faster_than_they_can_be_read() -> None:
    random = np.random.default_rng(11)
    steps = [(i / 15, Hint(int(hint))) for i, hint in enumerate(np.repeat(random.integers(1, 9, 60), 7))]
    changes = [
        step[0] for step, now, before in zip(steps[1:], shown(steps)[1:], shown(steps), strict=False) if now != before
    ]
    assert len(changes) > 3
    assert min(np.diff(changes)) >= HintKeeper.READ_S
