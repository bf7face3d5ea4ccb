"""What `adm face` does: see `kiosk.cli.face` for its words."""

import argparse
import csv
import json
import random
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from biometrics.engine import FaceEngine, Template, distance
from biometrics.errors import ModelError
from biometrics.evaluation import Evaluation, Rate, compare_all, evaluate
from biometrics.geometry import Face, Image
from drivers.camera.port import Frame
from drivers.transport.video import VideoSource
from kiosk.cli.say import CommandFailed
from kiosk.identity.liveness import LivenessCheck

NO_MATCH: Final = 1
CHIP_PHOTO_BYTES: Final = 4096


def _engine(models: Path) -> FaceEngine:
    try:
        return FaceEngine(models)
    except ModelError as error:
        raise CommandFailed(str(error)) from error


def _picture(path: Path) -> Image:
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise CommandFailed(f"{path} cannot be read: {error.strerror}") from error
    picture = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    if picture is None:
        raise CommandFailed(f"{path} is no picture that can be read")
    return np.asarray(picture, np.uint8)


def _template(engine: FaceEngine, path: Path) -> Template:
    template = engine.still_template(_picture(path))
    if template is None:
        raise CommandFailed(f"{path} does not show exactly one face")
    return template


def compare(arguments: argparse.Namespace) -> int:
    engine = _engine(arguments.models)
    apart = distance(_template(engine, arguments.reference), _template(engine, arguments.probe))
    match = apart <= engine.threshold
    found = {
        "distance": round(apart, 4),
        "threshold": engine.threshold,
        "match": match,
        "model_id": engine.model_id,
        "detector_id": engine.models.detector.sha256,
    }
    words = f"{'one person' if match else 'different people'}: distance {apart:.3f}, threshold {engine.threshold}"
    print(json.dumps(found) if arguments.json else words)
    return 0 if match else NO_MATCH


def evaluate_labels(arguments: argparse.Namespace) -> int:
    engine = _engine(arguments.models)
    rows = _labels(arguments.labels)
    pictures = [_picture(arguments.labels.parent / row["image"]) for row in rows]
    people, portraits = list[str](), list[Image]()
    as_given, probes = list[Template](), list[Template]()
    for row, picture in zip(rows, pictures, strict=True):
        found = main_face(engine, picture)
        if found is not None:
            people.append(row["person"])
            portraits.append(portrait_of(*found))
            as_given.append(engine.descriptor(*found))
            # As live frames are described: see `FaceEngine.descriptor`.
            probes.append(engine.descriptor(*found, mirrored=False))
    results: dict[str, Evaluation] = {}
    for name, degrade in REFERENCES.items():
        references = as_given
        if degrade is not None:
            made = [main_template(engine, degrade(portrait)) for portrait in portraits]
            # A reference in which no face is found matches nobody.
            references = [m if m is not None else np.full(128, 9.0, np.float32) for m in made]
        try:
            results[name] = evaluate(compare_all(people, references, probes), len(probes), engine.threshold)
        except ValueError as error:
            raise CommandFailed(f"{arguments.labels}: {error}") from error
    if arguments.json:
        said: dict[str, Any] = {name: asdict(result) for name, result in results.items()}
        said |= {"threshold": engine.threshold, "model_id": engine.model_id, "no_face": len(rows) - len(probes)}
        print(json.dumps(said))
        return 0
    print(f"{len(probes)} pictures of {len(set(people))} people; {len(rows) - len(probes)} without a face")
    for name, result in results.items():
        print(f"\nreference: {name}")
        print(f"  FMR  at {engine.threshold:.3f}   {_percent(result.fmr)}")
        print(f"  FNMR at {engine.threshold:.3f}   {_percent(result.fnmr)}")
        print(f"  FNMR at FMR 0.1 % {_percent(result.fnmr_at_fmr)}  (threshold {result.threshold_at_fmr:.3f})")
        print(f"  EER            {_percent(result.eer)}")
    return 0


def _labels(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{path} cannot be read as CSV") from error
    if not rows or not {"image", "person"} <= set(rows[0]):
        raise CommandFailed(f"{path} needs the columns image,person and at least one row")
    return rows


def main_face(engine: FaceEngine, picture: Image) -> tuple[Image, Face] | None:
    """The largest face, for pictures that were not taken by us, and the picture it is in."""
    found_in, faces = engine.still_faces(picture)
    return (found_in, max(faces, key=lambda f: f.box.width * f.box.height)) if faces else None


def main_template(engine: FaceEngine, picture: Image) -> Template | None:
    """Template of the largest face; None when there is none."""
    found = main_face(engine, picture)
    return engine.descriptor(*found) if found else None


def _percent(rate: Rate) -> str:
    return f"{rate.value:7.3%}  [{rate.low:.3%} .. {rate.high:.3%}]  of {rate.pairs} pairs"


def chip_photo(portrait: Image) -> Image:
    """As large as a photo on the chip may be: 240 x 320, 4 KB of JPEG."""
    small = _fitted(portrait, 240, 320)
    for quality in range(90, 4, -5):
        jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        if jpeg.size <= CHIP_PHOTO_BYTES:
            break
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def small_photo(portrait: Image) -> Image:
    """A poor one: 120 x 160, JPEG quality 30."""
    jpeg = cv2.imencode(".jpg", _fitted(portrait, 120, 160), [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def portrait_of(picture: Image, face: Face) -> Image:
    """Head and shoulders, 3:4, the eyes a quarter of the width apart, as on an identity photo (ISO/IEC 39794-5)."""
    eyes = (face.points[0] + face.points[1]) / 2
    width = 4.0 * face.inter_eye_px
    height = width * 4 / 3
    left, top = eyes[0] - width / 2, eyes[1] - 0.45 * height
    matrix = np.array([[1, 0, -left], [0, 1, -top]], np.float64)
    size = (max(1, round(width)), max(1, round(height)))
    return np.asarray(cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _fitted(picture: Image, width: int, height: int) -> Image:
    scale = min(width / picture.shape[1], height / picture.shape[0])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


REFERENCES: Final[dict[str, Callable[[Image], Image] | None]] = {
    "as given": None,
    "240 x 320, 4 KB": chip_photo,
    "120 x 160, quality 30": small_photo,
}


def liveness(arguments: argparse.Namespace) -> int:
    engine = _engine(arguments.models)
    draw = random.Random(arguments.seed).random if arguments.seed is not None else random.SystemRandom().random
    check, asked = LivenessCheck(engine, draw), list[dict[str, Any]]()
    source = VideoSource(str(arguments.video), 0, 0)
    if not source.opened:
        raise CommandFailed(f"{arguments.video} is no film that can be read")
    fps, number = source.frames_per_s or 25.0, 0
    while check.end is None and (image := source.read()) is not None:
        number += 1
        step = check.step(Frame(image, number / fps, number))
        if not asked or asked[-1]["ask"] != step.ask.value:
            asked.append({"at_s": round(number / fps, 2), "ask": step.ask.value})
    source.release()
    end, score = check.end.value if check.end else "tooShort", round(check.score, 3)
    check.close()
    if arguments.json:
        print(json.dumps({"end": end, "score": score, "frames": number, "asked": asked}))
    else:
        for each in asked:
            print(f"{each['at_s']:7.2f} s  {each['ask']}")
        print(f"{end}, score {score}, {number} frames")
    return 0 if end == "passed" else NO_MATCH
