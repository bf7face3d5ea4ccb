"""The face pipeline: known faces are found, told apart, and recognised, in time."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from selftest import advice
from selftest.model import Check, Finding, Limits, Measurement, Subject, Words, failed, judged

DEVICE: Final = "face"
LOAD_S: Final = 15.0
RUN_S: Final = 10.0
# Three pictures of two invented people: the first two show the same one.
FRAMES: Final = tuple(Path(__file__).parent.parent / "frames" / name for name in ("a1.jpg", "a2.jpg", "b1.jpg"))
Image = NDArray[np.uint8]
Template = NDArray[np.float32]
# One frame through detector and descriptor takes 60 ms here; a resident waits for ten of them.
FRAME: Final = Limits(at_most=600.0)
AGAIN: Final = 3


class Engine(Protocol):
    """What is asked of the face models."""

    threshold: float

    def still_faces(self, bgr: Image) -> tuple[Image, tuple[Any, ...]]:
        """The faces of a picture, and the picture that they are in."""

    def descriptor(self, bgr: Image, face: Any) -> Template:
        """A face as numbers."""


def subject(engine: Callable[[], Engine], read: Callable[[Path], Image]) -> Subject:
    """Checks of the models that are installed.

    Args:
        engine: Loads them; raises when a file is missing or is not the right one.
        read: A picture file as uint8 BGR.
    """
    return Subject(
        (
            Check(
                f"{DEVICE}.known",
                DEVICE,
                Words("Wajah dikenali", "Known faces recognised"),
                lambda: _known(engine, read),
                LOAD_S + RUN_S,
            ),
        )
    )


def _known(engine: Callable[[], Engine], read: Callable[[Path], Image]) -> Finding:
    try:
        faces = engine()
    except Exception as error:  # noqa: BLE001 - whatever a damaged model raises, the models are to blame
        return failed(f"models:{type(error).__name__}", advice.MODELS)
    pictures = [read(frame) for frame in FRAMES]
    templates, counts, best_s = _gone_through(faces, pictures)
    for _ in range(AGAIN):
        if FRAME.hold(1000 * best_s):
            break
        # A machine that is busy for a moment is not too slow.
        best_s = min(best_s, _gone_through(faces, pictures)[2])
    took = Measurement("frame", 1000 * best_s, "ms", FRAME)
    if counts != [1, 1, 1]:
        return failed(f"faces:{','.join(map(str, counts))}", advice.MODELS, took)
    same, other = _distances(templates, faces.threshold)
    if not (same.holds and other.holds):
        return judged("faces", advice.MODELS, took, same, other)
    return judged("slow", advice.BUSY, took, same, other)


def _gone_through(faces: Engine, pictures: Sequence[Image]) -> tuple[list[Template], list[int], float]:
    """The first face of each picture, how many there were, and how long the fastest picture took, in seconds."""
    templates, counts, seconds = list[Template](), [], []
    for picture in pictures:
        began = time.monotonic()
        still, found = faces.still_faces(picture)
        counts.append(len(found))
        templates += [faces.descriptor(still, face) for face in found[:1]]
        seconds.append(time.monotonic() - began)
    return templates, counts, min(seconds)


def _distances(templates: Sequence[Template], threshold: float) -> tuple[Measurement, Measurement]:
    def apart(a: Template, b: Template) -> float:
        return float(np.linalg.norm(a - b))

    same, other = apart(templates[0], templates[1]), apart(templates[0], templates[2])
    return (
        Measurement("same_person", same, "", Limits(at_most=threshold)),
        Measurement("other_person", other, "", Limits(at_least=threshold)),
    )
