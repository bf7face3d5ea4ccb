"""`adm face`: compare two pictures, measure a folder of pictures, look at a film as the liveness check does."""

import argparse
import csv
import json
import os
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
from biometrics.geometry import Image
from drivers.camera.port import Frame
from drivers.transport.video import VideoSource
from kiosk.cli.say import CommandFailed
from kiosk.identity.liveness import LivenessCheck

NO_MATCH: Final = 1
CHIP_PHOTO_BYTES: Final = 4096
DEFAULT_MODELS: Final = Path(".adm/models")


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb and its own verbs."""
    face = verbs.add_parser("face", help="compare faces, measure how well they are told apart, try liveness")
    face.add_argument("--models", type=Path, default=Path(os.environ.get("ADM_MODELS", DEFAULT_MODELS)))
    kinds = face.add_subparsers(required=True, metavar="compare|evaluate|liveness")
    compare = kinds.add_parser("compare", help="are these two pictures of one person; exit status 1 when not")
    compare.add_argument("reference", type=Path)
    compare.add_argument("probe", type=Path)
    compare.set_defaults(run=_compare)
    measure = kinds.add_parser("evaluate", help="FMR and FNMR over a CSV with columns image,person")
    measure.add_argument("labels", type=Path)
    measure.set_defaults(run=_evaluate)
    liveness = kinds.add_parser("liveness", help="what the liveness check asks and finds in a film")
    liveness.add_argument("video", type=Path)
    liveness.add_argument("--seed", type=int, help="draws the same sides every time")
    liveness.set_defaults(run=_liveness)
    for kind in (compare, measure, liveness):
        kind.add_argument("--json", action="store_true", help="one JSON object instead of lines for people")


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


def _compare(arguments: argparse.Namespace) -> int:
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


def _evaluate(arguments: argparse.Namespace) -> int:
    engine = _engine(arguments.models)
    rows = _labels(arguments.labels)
    pictures = [_picture(arguments.labels.parent / row["image"]) for row in rows]
    people, kept, probes = [], [], []
    for row, picture in zip(rows, pictures, strict=True):
        template = main_template(engine, picture)
        if template is not None:
            people.append(row["person"])
            kept.append(picture)
            probes.append(template)
    results: dict[str, Evaluation] = {}
    for name, degrade in REFERENCES.items():
        references = probes
        if degrade is not None:
            made = [main_template(engine, degrade(picture)) for picture in kept]
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


def main_template(engine: FaceEngine, picture: Image) -> Template | None:
    """Template of the largest face, for pictures that were not taken by us; None when there is none."""
    for longest_px in (320, 640):
        faces = engine.detect(picture, longest_px)
        if faces:
            return engine.descriptor(picture, max(faces, key=lambda f: f.box.width * f.box.height))
    return None


def _percent(rate: Rate) -> str:
    return f"{rate.value:7.3%}  [{rate.low:.3%} .. {rate.high:.3%}]  of {rate.pairs} pairs"


def chip_photo(picture: Image) -> Image:
    """As large as a photo on the chip may be: 240 x 320, 4 KB of JPEG."""
    small = _fitted(picture, 240, 320)
    for quality in range(90, 4, -5):
        jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        if jpeg.size <= CHIP_PHOTO_BYTES:
            break
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def small_photo(picture: Image) -> Image:
    """A poor one: 120 x 160, JPEG quality 30."""
    jpeg = cv2.imencode(".jpg", _fitted(picture, 120, 160), [cv2.IMWRITE_JPEG_QUALITY, 30])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def _fitted(picture: Image, width: int, height: int) -> Image:
    scale = min(width / picture.shape[1], height / picture.shape[0])
    return np.asarray(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


REFERENCES: Final[dict[str, Callable[[Image], Image] | None]] = {
    "as given": None,
    "240 x 320, 4 KB": chip_photo,
    "120 x 160, quality 30": small_photo,
}


def _liveness(arguments: argparse.Namespace) -> int:
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
