"""The model set that an operator chooses: `models.toml` in the models folder, checked before anything is loaded.

    detector = "yunet"                 # or "centerface"
    descriptor = "sface"               # or "dlib-resnet"
    threshold = 0.9                    # largest distance that counts as one person, as measured with these two
    threshold_for = "0ba9fbfa..."      # SHA-256 of the descriptor it was measured with

    [attack]                           # may be left out
    threshold = 0.6                    # least score that counts as alive, as measured with these files
    threshold_for = ["3c1d...", "a0f4..."]
    models = [
        { file = "MiniFASNetV2.onnx", sha256 = "3c1d...", crop = 2.7 },
        { file = "MiniFASNetV1SE.onnx", sha256 = "a0f4...", crop = 4.0 },
    ]

Without that file the default set is used. Thresholds are the operator's: `adm face evaluate` measures one on pictures
of the people it is for, and none that was published elsewhere is built in.
"""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from biometrics.errors import ModelError
from biometrics.manifest import (
    CENTERFACE,
    DEFAULT,
    DLIB_RESNET,
    YAW_FACTOR_DEG,
    AttackModel,
    AttackSet,
    ModelFile,
    ModelSet,
    Network,
)

FILE_NAME: Final = "models.toml"

# Published by the OpenCV Zoo; no package of a registry carries them.
YUNET: Final = ModelFile(
    name="face_detection_yunet_2023mar.onnx",
    sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
    licence="MIT",
    network=Network.YUNET,
    wheel=None,
    runtime_name="face_detection_yunet_2023mar.onnx",
    runtime_sha256="8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4",
)
SFACE: Final = ModelFile(
    name="face_recognition_sface_2021dec.onnx",
    sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
    licence="Apache-2.0",
    network=Network.SFACE,
    wheel=None,
    runtime_name="face_recognition_sface_2021dec.onnx",
    runtime_sha256="0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79",
)
DETECTORS: Final = {"centerface": CENTERFACE, "yunet": YUNET}
DESCRIPTORS: Final = {"dlib-resnet": DLIB_RESNET, "sface": SFACE}
# Of the published MiniFASNet networks: 2.7 and 4.0.
_CROPS: Final = (1.0, 8.0)
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def chosen(models_dir: Path) -> ModelSet:
    """The set that this folder's `models.toml` names; the default one without such a file.

    Raises:
        ModelError: The file is wrong; one line.
    """
    path = models_dir / FILE_NAME
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return DEFAULT
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path} is not TOML: {str(error).splitlines()[0]}") from error
    try:
        return _model_set(said)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _model_set(said: dict[str, Any]) -> ModelSet:
    _keys(said, {"detector", "descriptor", "threshold", "threshold_for"}, {"attack"}, "")
    detector = _known(DETECTORS, said["detector"], "detector")
    descriptor = _known(DESCRIPTORS, said["descriptor"], "descriptor")
    models = ModelSet(
        name=f"{said['detector']}+{said['descriptor']}",
        detector=detector,
        descriptor=descriptor,
        threshold=_number(said["threshold"], "threshold"),
        threshold_for=_hash(said["threshold_for"], "threshold_for"),
        yaw_factor_deg=YAW_FACTOR_DEG[detector.network],
        attack=_attack(said["attack"]) if "attack" in said else None,
    )
    models.checked_threshold()
    if models.attack is not None:
        models.attack.checked_threshold()
    return models


def _attack(said: object) -> AttackSet:
    if not isinstance(said, dict):
        raise ModelError("attack is a table")
    _keys(said, {"models", "threshold", "threshold_for"}, set(), "attack.")
    rows, hashes = said["models"], said["threshold_for"]
    if not isinstance(rows, list) or not rows or not isinstance(hashes, list):
        raise ModelError("attack.models and attack.threshold_for are lists with one entry for each file")
    return AttackSet(
        models=tuple(_attack_model(row) for row in rows),
        threshold=_number(said["threshold"], "attack.threshold"),
        threshold_for=tuple(_hash(one, "attack.threshold_for") for one in hashes),
    )


def _attack_model(row: object) -> AttackModel:
    if not isinstance(row, dict):
        raise ModelError("an entry of attack.models is a table")
    _keys(row, {"file", "sha256", "crop"}, set(), "attack.models.")
    name, sha256 = row["file"], _hash(row["sha256"], "attack.models.sha256")
    if not isinstance(name, str) or Path(name).name != name or not name:
        raise ModelError("attack.models.file is the name of a file in the models folder")
    crop = _number(row["crop"], "attack.models.crop")
    if not _CROPS[0] <= crop <= _CROPS[1]:
        raise ModelError(f"attack.models.crop is {_CROPS[0]:g} to {_CROPS[1]:g}")
    file = ModelFile(name, sha256, "Apache-2.0", Network.MINIFASNET, None, name, sha256)
    return AttackModel(file, crop)


def _keys(said: dict[str, Any], needed: set[str], allowed: set[str], where: str) -> None:
    if missing := sorted(needed - set(said)):
        raise ModelError(f"{where}{missing[0]} is missing")
    if unknown := sorted(set(said) - needed - allowed):
        raise ModelError(f"{where}{unknown[0]} is no key of it")


def _known(files: dict[str, ModelFile], name: object, what: str) -> ModelFile:
    if not isinstance(name, str) or name not in files:
        raise ModelError(f"{what} is one of {', '.join(files)}")
    return files[name]


def _number(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ModelError(f"{what} is a number")
    return float(value)


def _hash(value: object, what: str) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ModelError(f"{what} is a SHA-256 in 64 lower-case hex digits")
    return value
