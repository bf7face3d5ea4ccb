"""Models that an operator supplies: chosen by `models.toml`, pinned, with thresholds of their own, or refused.

The published YuNet, SFace and MiniFASNet files cannot be had here. Tiny networks with their inputs and outputs stand in
for them (`tests.support.tiny_networks`); how well the published ones recognise anybody is not shown.
"""

import dataclasses
import hashlib
import random
from pathlib import Path

import numpy as np
import pytest

from biometrics import set_file
from biometrics.attack import cut, softmax
from biometrics.engine import FaceEngine, distance
from biometrics.errors import ModelError
from biometrics.geometry import Box, Image
from biometrics.manifest import CENTERFACE, DEFAULT, DLIB_RESNET
from biometrics.set_file import SFACE, YUNET, chosen
from kiosk.identity.liveness_rules import End
from tests.support.faces import models_dir
from tests.support.subjects import outcome, resident
from tests.support.tiny_networks import minifasnet, sface, yunet

FILES = {YUNET.name: yunet(), SFACE.name: sface(), "fas27.onnx": minifasnet(), "fas40.onnx": minifasnet(gain=6.0)}
SHA = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
ATTACK = f"""
[attack]
threshold = 0.5
threshold_for = ["{SHA["fas27.onnx"]}", "{SHA["fas40.onnx"]}"]
models = [
    {{ file = "fas27.onnx", sha256 = "{SHA["fas27.onnx"]}", crop = 2.7 }},
    {{ file = "fas40.onnx", sha256 = "{SHA["fas40.onnx"]}", crop = 4.0 }},
]
"""
CHOICE = f"""
detector = "yunet"
descriptor = "sface"
threshold = 0.9
threshold_for = "{SHA[SFACE.name]}"
"""
OURS = f"""
detector = "centerface"
descriptor = "dlib-resnet"
threshold = 0.49
threshold_for = "{DLIB_RESNET.sha256}"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder with everything in it, in which the tiny networks count as the published ones."""
    for file in (CENTERFACE, DLIB_RESNET):
        (tmp_path / file.runtime_name).symlink_to(models_dir().resolve() / file.runtime_name)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    for table, key, file in (
        (set_file.DETECTORS, "yunet", YUNET),
        (set_file.DESCRIPTORS, "sface", SFACE),
    ):
        tiny = dataclasses.replace(file, sha256=SHA[file.name], runtime_sha256=SHA[file.name])
        monkeypatch.setitem(table, key, tiny)
    return tmp_path


def engine_of(folder: Path, text: str) -> FaceEngine:
    (folder / "models.toml").write_text(text)
    return FaceEngine(folder)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ModelError) as refused:
        engine_of(folder, text)
    said = str(refused.value)
    assert "\n" not in said
    return said


def bright_patch() -> Image:
    picture = np.zeros((320, 320, 3), np.uint8)
    picture[96:128, 160:192] = 255
    return picture


def test_without_a_choice_it_is_the_default_set(folder: Path) -> None:
    assert chosen(folder) is DEFAULT


def test_yunet_and_sface_work_from_the_folder(folder: Path) -> None:
    faces = engine_of(folder, CHOICE)
    assert (faces.model_id, faces.threshold) == (SHA[SFACE.name], 0.9)
    assert (faces.models.yaw_factor_deg, faces.attack_threshold) == (70.8, None)
    (face,) = faces.detect(bright_patch(), 320)
    assert face.box == Box(144.0, 80.0, 208.0, 144.0)
    # Right eye, left eye, nose, right and left mouth corner: from left to right in the picture, then down.
    assert face.points.tolist()[:3] == [[160.0, 96.0], [192.0, 96.0], [176.0, 112.0]]
    template = faces.descriptor(bright_patch(), face)
    assert template.shape == (128,)
    assert abs(float(np.linalg.norm(template)) - 1.0) < 1e-5
    elsewhere = faces.descriptor(np.roll(bright_patch(), 4, axis=1), face)
    assert 1e-3 < distance(template, elsewhere) <= 2.0


def test_points_are_scaled_back_to_a_large_picture(folder: Path) -> None:
    faces = engine_of(folder, CHOICE)
    large = np.kron(bright_patch(), np.ones((2, 2, 1), np.uint8))
    (face,) = faces.detect(large, 320)
    assert face.points.tolist()[:2] == [[320.0, 192.0], [384.0, 192.0]]


def test_the_published_pins_are_kept(tmp_path: Path) -> None:
    (tmp_path / YUNET.name).write_bytes(FILES[YUNET.name])
    (tmp_path / SFACE.name).write_bytes(FILES[SFACE.name])
    said = refusal(tmp_path, CHOICE.replace(SHA[SFACE.name], SFACE.sha256))
    assert "is not the pinned one" in said
    assert YUNET.sha256 in said


def test_a_file_that_is_not_there_is_to_be_put_there(folder: Path) -> None:
    (folder / SFACE.name).unlink()
    said = refusal(folder, CHOICE)
    assert SFACE.name in said
    assert "put it there" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("detector =", "not TOML"),
        (CHOICE.replace('"yunet"', '"haar"'), "detector is one of centerface, yunet"),
        (CHOICE.replace('"sface"', "7"), "descriptor is one of dlib-resnet, sface"),
        (CHOICE.replace("threshold = 0.9\n", ""), "threshold is missing"),
        (CHOICE.replace(f'threshold_for = "{SHA[SFACE.name]}"\n', ""), "threshold_for is missing"),
        (CHOICE.replace("0.9", '"0.9"'), "threshold is a number"),
        (CHOICE.replace("0.9", "true"), "threshold is a number"),
        (CHOICE.replace("0.9", "0.0"), "no usable threshold"),
        (CHOICE.replace("0.9", "nan"), "no usable threshold"),
        (CHOICE.replace(SHA[SFACE.name], DLIB_RESNET.sha256), "belongs to another model"),
        (CHOICE.replace(SHA[SFACE.name], "abc"), "threshold_for is a SHA-256"),
        (CHOICE + "colour = 3\n", "colour is no key"),
        (CHOICE + "attack = 3\n", "attack is a table"),
        (CHOICE + ATTACK.replace("threshold = 0.5\n", ""), "attack.threshold is missing"),
        (CHOICE + ATTACK.replace("0.5", "1.5"), "attack detector has no usable threshold"),
        (CHOICE + ATTACK.replace(f', "{SHA["fas40.onnx"]}"]', "]"), "belongs to other models"),
        (CHOICE + ATTACK.replace("2.7 }", "99 }"), "attack.models.crop is 1 to 8"),
        (CHOICE + ATTACK.replace('"fas27.onnx", sha', '"../fas27.onnx", sha'), "name of a file in the models folder"),
        (CHOICE + ATTACK.replace('"fas27.onnx", sha', '"gone.onnx", sha'), "put it there"),
    ],
)
def test_a_wrong_choice_is_refused_in_one_line(folder: Path, text: str, words: str) -> None:
    assert words in refusal(folder, text)


def test_a_detector_is_no_descriptor(folder: Path) -> None:
    with pytest.raises(ModelError, match="is no descriptor"):
        FaceEngine(folder, models=dataclasses.replace(DEFAULT, descriptor=CENTERFACE, threshold_for=CENTERFACE.sha256))
    with pytest.raises(ModelError, match="is no detector"):
        FaceEngine(folder, models=dataclasses.replace(DEFAULT, detector=DLIB_RESNET))


def test_an_attack_file_that_is_another_network_is_refused(folder: Path) -> None:
    for content in (minifasnet(kinds=2), b"no network"):
        digest = hashlib.sha256(content).hexdigest()
        (folder / "fas27.onnx").write_bytes(content)
        assert "fas27.onnx" in refusal(folder, OURS + ATTACK.replace(SHA["fas27.onnx"], digest))


def test_the_attack_detector_looks_at_the_face(folder: Path) -> None:
    faces = engine_of(folder, CHOICE + ATTACK)
    (face,) = faces.detect(bright_patch(), 320)
    near_white, black = np.full((320, 320, 3), 250, np.uint8), np.zeros((320, 320, 3), np.uint8)
    bright, dark = faces.alive(near_white, face), faces.alive(black, face)
    assert bright is not None
    assert dark is not None
    assert dark < 0.1 < 0.5 < bright


def test_without_an_attack_detector_there_is_no_opinion(folder: Path) -> None:
    faces = engine_of(folder, CHOICE)
    assert faces.alive(bright_patch(), faces.detect(bright_patch(), 320)[0]) is None


@pytest.mark.parametrize("box", [Box(0, 0, 20, 20), Box(300, 300, 320, 320), Box(-5, 100, 400, 220), Box(8, 8, 9, 9)])
def test_what_it_looks_at_stays_in_the_picture(box: Box) -> None:
    assert cut(bright_patch(), box, 4.0).shape == (80, 80, 3)


@pytest.mark.parametrize("numbers", [[1.0, 2.0], [1.0, 2.0, float("nan")], []])
def test_other_numbers_are_no_opinion(numbers: list[float]) -> None:
    with pytest.raises(ValueError, match="attack detector"):
        softmax(numbers)


@pytest.mark.parametrize(("threshold", "end"), [(0.01, End.PASSED), (0.99, End.ATTACK)])
def test_the_attack_detector_has_its_say_on_somebody_who_turned(folder: Path, threshold: float, end: End) -> None:
    faces = engine_of(folder, OURS + ATTACK.replace("0.5", str(threshold)))
    assert outcome(faces, resident("hamid", random.Random(3)), random.Random(3))[0] is end
