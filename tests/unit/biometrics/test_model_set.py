"""Wrong, missing or mismatched models are refused when they are loaded, with one clear line."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from biometrics.engine import FaceEngine
from biometrics.errors import ModelError
from biometrics.manifest import CENTERFACE, DEFAULT, DLIB_RESNET, ModelFile, ModelSet
from biometrics.set_file import SFACE, YUNET
from tests.support.faces import engine, models_dir


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for file in (CENTERFACE, DLIB_RESNET):
        shutil.copy(models_dir() / file.runtime_name, tmp_path)
    return tmp_path


def refusal(models: Path, which: ModelSet = DEFAULT) -> str:
    with pytest.raises(ModelError) as refused:
        FaceEngine(models, models=which)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("file", [CENTERFACE, DLIB_RESNET])
def test_missing_file_is_refused_and_says_how_to_get_it(models: Path, file: ModelFile) -> None:
    (models / file.runtime_name).unlink()
    said = refusal(models)
    assert file.runtime_name in said
    assert "python -m biometrics.fetch" in said


@pytest.mark.parametrize("file", [CENTERFACE, DLIB_RESNET])
def test_changed_file_is_refused(models: Path, file: ModelFile) -> None:
    path = models / file.runtime_name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    said = refusal(models)
    assert "is not the pinned one" in said
    assert file.runtime_sha256 in said


def test_empty_file_is_refused(models: Path) -> None:
    (models / CENTERFACE.runtime_name).write_bytes(b"")
    assert "is not the pinned one" in refusal(models)


@pytest.mark.parametrize("threshold", [None, 0.0, -1.0, 2.5, float("nan")])
def test_set_without_a_usable_threshold_is_refused(models: Path, threshold: float | None) -> None:
    assert "no usable threshold" in refusal(models, dataclasses.replace(DEFAULT, threshold=threshold))


def test_threshold_of_another_model_is_refused(models: Path) -> None:
    assert "another model" in refusal(models, dataclasses.replace(DEFAULT, threshold_for="0" * 64))


def test_pinned_file_that_is_no_network_is_refused(models: Path) -> None:
    import hashlib

    rubbish = b"not a network"
    (models / "rubbish.onnx").write_bytes(rubbish)
    digest = hashlib.sha256(rubbish).hexdigest()
    detector = dataclasses.replace(CENTERFACE, runtime_name="rubbish.onnx", runtime_sha256=digest)
    assert "cannot be loaded" in refusal(models, dataclasses.replace(DEFAULT, detector=detector))


def test_model_id_is_the_hash_of_the_published_descriptor() -> None:
    assert engine().model_id == "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"


def test_every_pin_is_a_hash() -> None:
    for file in (CENTERFACE, DLIB_RESNET, YUNET, SFACE):
        for pin in (file.sha256, file.runtime_sha256, *([file.wheel.sha256] if file.wheel else [])):
            assert len(bytes.fromhex(pin)) == 32
            assert pin == pin.lower()
