"""The invented residents are recognised as themselves and as nobody else."""

import itertools

import cv2
import numpy as np
import pytest

from biometrics.engine import distance
from biometrics.geometry import Box, Face
from tests.support.faces import PEOPLE, beside, empty_picture, engine, reference, sample

LIVE = ("yaw_-08", "yaw_-04", "yaw_+00", "yaw_+04", "yaw_+08", "far", "near", "light_dim", "smile")


def live_templates(person: str) -> list[np.ndarray]:
    templates = []
    for pose in LIVE:
        picture = sample(person, pose)
        (face,) = engine().detect(picture)
        templates.append(engine().descriptor(picture, face))
    return templates


@pytest.mark.parametrize("person", PEOPLE)
def test_resident_matches_the_own_portrait_and_no_other(person: str) -> None:
    templates = live_templates(person)
    for template in templates:
        assert distance(reference(person), template) <= engine().threshold
    for other in set(PEOPLE) - {person}:
        assert min(distance(reference(other), template) for template in templates) > engine().threshold


def test_portraits_of_different_residents_do_not_match() -> None:
    for one, other in itertools.combinations(PEOPLE, 2):
        assert not engine().same_person(reference(one), reference(other))


def test_descriptor_agrees_with_dlib() -> None:
    # Made with dlib 20.0.1, face_recognition_model_v1.compute_face_descriptor, of the same chip (RGB there).
    expected = [-0.075723, 0.154212, 0.087448, -0.05296, -0.109803, -0.040962, -0.071231, -0.016008]
    expected += [0.124317, -0.038119, 0.227743, -0.071647, -0.226614, -0.003149, -0.047275, 0.088528]
    y, x = np.mgrid[0:150, 0:150]
    red, green, blue = (x * 3 + y) % 256, (y * 5 + x * x // 7) % 256, ((x - 75) ** 2 + (y - 75) ** 2) // 40 % 256
    chip = np.stack([blue, green, red], axis=2).astype(np.uint8)
    assert np.abs(engine().describe_chip(chip)[:16] - expected).max() < 1e-5


def test_mirrored_face_has_the_same_descriptor() -> None:
    picture = sample("mei")
    (face,) = engine().detect(picture)
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    points = face.points.copy()
    points[:, 0] = picture.shape[1] - 1 - points[:, 0]
    swapped = Face(Box(0, 0, 1, 1), 1.0, points[[1, 0, 2, 4, 3]])
    one, other = engine().descriptor(picture, face), engine().descriptor(mirrored, swapped)
    assert distance(one, other) < 0.1


def test_two_people_are_two_faces_and_no_portrait() -> None:
    both = beside(sample("hamid"), sample("mei"))
    assert len(engine().detect(both)) == 2
    assert engine().still_template(both) is None


def test_nobody_is_no_face() -> None:
    assert engine().detect(empty_picture()) == ()
    assert engine().still_template(empty_picture()) is None


@pytest.mark.parametrize("size", [(1, 1), (7, 500), (500, 7)])
def test_tiny_and_odd_pictures_have_no_face(size: tuple[int, int]) -> None:
    assert engine().detect(np.full((*size, 3), 128, np.uint8)) == ()


def test_noise_has_no_face() -> None:
    noise = np.random.default_rng(7).integers(0, 256, (480, 640, 3), np.uint8)
    assert engine().detect(noise) == ()


@pytest.mark.parametrize("longest_px", [256, 320, 480])
def test_points_do_not_depend_on_the_searched_size(longest_px: int) -> None:
    picture = sample("yosef")
    (exact,) = engine().detect(picture, 640)
    (face,) = engine().detect(picture, longest_px)
    assert np.abs(face.points - exact.points).max() < 0.15 * exact.inter_eye_px


def test_points_stand_where_a_face_has_them() -> None:
    (face,) = engine().detect(sample("hamid"))
    right_eye, left_eye, nose, right_mouth, left_mouth = face.points
    assert right_eye[0] < nose[0] < left_eye[0]
    assert right_mouth[0] < nose[0] < left_mouth[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(right_mouth[1], left_mouth[1])
    assert face.box.left < right_eye[0] < left_eye[0] < face.box.right


def test_large_photograph_of_a_small_face_is_found() -> None:
    wide = cv2.copyMakeBorder(cv2.resize(sample("nur"), (150, 200)), 300, 300, 500, 500, cv2.BORDER_REPLICATE)
    assert engine().still_template(wide) is not None


def test_templates_of_different_lengths_are_not_compared() -> None:
    with pytest.raises(ValueError, match="different models"):
        distance(np.zeros(128, np.float32), np.zeros(512, np.float32))


def test_template_that_is_not_finite_is_not_compared() -> None:
    broken = np.zeros(128, np.float32)
    broken[3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        distance(broken, np.zeros(128, np.float32))


def test_face_whose_points_coincide_has_no_descriptor() -> None:
    face = Face(Box(0, 0, 10, 10), 0.9, np.ones((5, 2), np.float32))
    with pytest.raises(ValueError, match="coincide"):
        engine().descriptor(sample("mei"), face)
