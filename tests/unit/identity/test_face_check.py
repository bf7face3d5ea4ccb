"""The face check, fed with frames: templates of one person, and nothing left afterwards."""

import gc
import weakref
from collections.abc import Iterable
from random import Random

import cv2
import numpy as np
import pytest

from biometrics.engine import distance
from biometrics.geometry import Box, Image
from drivers.camera.port import Frame
from kiosk.identity.face import FaceCheck, FaceStep, middle, preview
from kiosk.identity.guidance import Hint
from simulator.camera import scene
from tests.support.faces import PEOPLE, SAMPLES, beside, empty_picture, engine, reference, sample

POSES = ("yaw_+00", "yaw_+04", "yaw_+08", "yaw_+04", "yaw_+00", "yaw_-04", "yaw_-08", "yaw_-04")


def feed(check: FaceCheck, pictures: Iterable[Image], start_s: float = 100.0, fps: float = 7.0) -> list[FaceStep]:
    return [check.step(Frame(p, start_s + i / fps, i + 1)) for i, p in enumerate(pictures)]


def drifting(person: str) -> list[Image]:
    return [sample(person, pose) for pose in POSES]


@pytest.mark.parametrize("person", PEOPLE)
def test_resident_is_gathered_and_matches(person: str) -> None:
    check = FaceCheck(engine())
    steps = feed(check, drifting(person))
    assert check.complete
    assert len(check.templates) == FaceCheck.WANTED
    assert steps[-1].progress == 1.0
    assert min(distance(reference(person), t) for t in check.templates) <= engine().threshold


def test_wrong_face_is_gathered_and_does_not_match() -> None:
    check = FaceCheck(engine())
    feed(check, drifting("bagus"))
    assert check.complete
    assert min(distance(reference("sumi"), t) for t in check.templates) > engine().threshold


def test_nobody_two_people_and_a_turned_head_give_no_template() -> None:
    check = FaceCheck(engine())
    two = beside(sample("hamid")[:, 60:420], sample("mei")[:, 60:420])[:, 30:-30]
    for picture in (empty_picture(), two, sample("karto", "yaw_+36")):
        assert all(step.template is None for step in feed(check, [picture] * 4))
    assert check.templates == ()


def test_frames_of_one_moment_count_once() -> None:
    check = FaceCheck(engine())
    feed(check, [sample("mei")] * 10, fps=1000)
    assert len(check.templates) == 1


def test_progress_only_grows_while_one_person_stands_there() -> None:
    check = FaceCheck(engine())
    progress = [step.progress for step in feed(check, drifting("yosef"))]
    assert progress == sorted(progress)


def test_frames_of_the_person_before_do_not_help_the_next() -> None:
    check = FaceCheck(engine())
    feed(check, drifting("hamid")[:3])
    feed(check, drifting("bagus"), start_s=110)
    assert check.complete
    assert min(distance(reference("hamid"), t) for t in check.templates) > engine().threshold


def test_bad_light_is_asked_to_mend_for_a_while_then_taken_as_it_is() -> None:
    check = FaceCheck(engine())
    dark = (sample("sumi") * 0.22).astype(np.uint8)
    steps = feed(check, [dark] * 50)
    first = next(i for i, step in enumerate(steps) if step.template is not None)
    assert first / 7 >= FaceCheck.PATIENCE_S
    assert steps[first - 1].hint is Hint.TOO_DARK
    assert check.complete


def test_retry_starts_anew() -> None:
    check = FaceCheck(engine())
    feed(check, drifting("mei"))
    check.retry()
    assert check.progress == 0.0
    assert not check.complete
    feed(check, drifting("mei"), start_s=200)
    assert check.complete


def test_close_overwrites_templates_and_lets_frames_go() -> None:
    check = FaceCheck(engine())
    pictures = [np.array(picture) for picture in drifting("tiara")]
    steps = feed(check, pictures)
    templates = check.templates
    frames = [weakref.ref(picture) for picture in pictures]
    assert templates[0].any()
    check.close()
    check.close()
    assert check.templates == ()
    assert not any(template.any() for template in templates)
    del pictures, steps
    gc.collect()
    assert all(frame() is None for frame in frames)


def test_closed_check_takes_no_frame() -> None:
    check = FaceCheck(engine())
    check.close()
    with pytest.raises(ValueError, match="closed"):
        check.step(Frame(sample("mei"), 1.0, 1))


def test_templates_and_frames_do_not_show_in_logs() -> None:
    check = FaceCheck(engine())
    frame = Frame(sample("mei"), 1.0, 1)
    step = check.step(frame)
    assert step.template is not None
    for shown in (repr(frame), repr(step)):
        assert "array" not in shown
        assert "\\x" not in shown


@pytest.mark.parametrize("size", [(480, 640), (640, 480), (720, 1280), (240, 320)])
def test_preview_is_the_mirrored_middle(size: tuple[int, int]) -> None:
    picture = np.zeros((*size, 3), np.uint8)
    picture[:, : size[1] // 2] = (255, 0, 0)
    shown = preview(middle(picture), Box(0, 0, 10, 10))
    rgb = np.frombuffer(shown.rgb, np.uint8).reshape(shown.height_px, shown.width_px, 3)
    assert (shown.width_px, shown.height_px) == (360, 480)
    assert tuple(rgb[240, 350]) == (0, 0, 255)
    assert tuple(rgb[240, 10]) == (0, 0, 0)
    assert shown.face is not None
    assert shown.face.right == 1.0
    assert shown.face.top == 0.0


def test_box_in_the_preview_is_on_the_face() -> None:
    check = FaceCheck(engine())
    step = check.step(Frame(sample("karto", "yaw_+08"), 1.0, 1))
    rgb = np.frombuffer(step.preview.rgb, np.uint8).reshape(480, 360, 3)
    (face,) = engine().detect(np.ascontiguousarray(rgb[..., ::-1]))
    assert step.preview.face is not None
    found = (face.box.left / 360, face.box.top / 480, face.box.right / 360, face.box.bottom / 480)
    said = step.preview.face
    assert np.abs(np.subtract(found, (said.left, said.top, said.right, said.bottom))).max() < 0.05


def damaged(person: str, pose: str, number: int) -> Image | None:
    """A frame after a bad cable, as OpenCV makes it of the broken JPEG; None when it makes nothing."""
    sensor = scene.Sensor(Random(number))
    broken = scene.corrupted(sensor.grab(scene.standing(SAMPLES / "faces" / person / f"{pose}.jpg")))
    picture = cv2.imdecode(np.frombuffer(broken, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)


def test_damaged_frames_give_nobody_a_match_and_the_check_goes_on_with_the_next_good_one() -> None:
    check = FaceCheck(engine())
    made = [damaged("hamid", pose, number) for number, pose in enumerate(POSES * 2)]
    broken = [picture for picture in made if picture is not None]
    assert broken, "nothing was shown to the check"
    feed(check, broken)
    assert all(distance(reference("mei"), t) > engine().threshold for t in check.templates)
    gathered = check.progress
    feed(check, drifting("hamid"), start_s=200.0)
    assert check.complete
    assert gathered < 1.0
    assert min(distance(reference("hamid"), t) for t in check.templates) <= engine().threshold


def test_frames_from_a_slow_camera_are_gathered_as_well() -> None:
    check = FaceCheck(engine())
    feed(check, drifting("mei"), fps=3.0)
    assert check.complete
