"""The face: time of a verification, a preview frame and a QR frame; accuracy and speed beside face_recognition.

Accuracy needs `--faces DIR` (labels.csv with image,person; never committed). The reference runs in an environment
of its own under .adm/reference, made on first use, with its defaults: HOG detector, 68 points, one jitter.
"""

import csv
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import segno

from biometrics.engine import Template, distance
from biometrics.evaluation import compare_all, evaluate
from biometrics.geometry import Image
from drivers.camera.port import Frame
from kiosk.cli.face_work import main_face, main_template
from kiosk.identity.face import FaceCheck, middle
from kiosk.identity.qr import read_texts
from tests.benchmarks.harness import Options, Row, measured, seconds
from tests.support.faces import PEOPLE, ROOT, engine, sample

RUNS = 15
FACE_RECOGNITION_TOLERANCE = 0.6
REFERENCE_PACKAGES = Path(__file__).with_name("face_reference.txt")
REFERENCE_SCRIPT = Path(__file__).with_name("_face_reference.py")


def rows(options: Options) -> list[Row]:
    """Every figure of the area; those that need photographs only with `--faces`."""
    found = [_verify(), _preview(), _qr()]
    if options.faces is not None:
        found += _against_reference(options.faces)
    return found


def _camera_frame(person: str, pose: str) -> Image:
    """640 x 480, the person in the middle."""
    portrait = cv2.resize(sample(person, pose), (360, 480), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.copyMakeBorder(portrait, 0, 0, 140, 140, cv2.BORDER_REPLICATE), np.uint8)


def _verify() -> Row:
    portrait = sample("hamid", "portrait")
    frames = [middle(_camera_frame("hamid", f"yaw_{yaw:+03d}")) for yaw in (-8, -4, 0, 4, 8)]
    faces = engine()

    def verify() -> bool:
        reference = faces.still_template(portrait)
        assert reference is not None
        live = [faces.descriptor(frame, faces.detect(frame)[0], mirrored=False) for frame in frames]
        return min(distance(reference, template) for template in live) <= faces.threshold

    assert verify()
    samples = [taken * 1000 for taken in seconds(verify, RUNS)]
    return measured("face.verify_ms", "ms", samples, target=150.0, note="portrait and 5 frames, 2 threads")


def _preview() -> Row:
    pictures = [_camera_frame(person, "yaw_+24") for person in PEOPLE]
    check, times = FaceCheck(engine()), list[float]()
    for number, picture in enumerate(pictures * 4, 1):
        began = time.perf_counter()
        check.step(Frame(picture, number / 15, number))
        times.append((time.perf_counter() - began) * 1000)
    return measured("face.preview_ms", "ms", times[2:], target=35.0, note="640 x 480 frame: face, hint, preview")


def _qr() -> Row:
    png = io.BytesIO()
    segno.make("ADM1:q83vEjRWeJCrze8SNFZ4kA", error="m").save(png, kind="png", scale=6)
    code = np.asarray(cv2.imdecode(np.frombuffer(png.getvalue(), np.uint8), cv2.IMREAD_COLOR), np.uint8)
    picture = np.asarray(cv2.resize(sample("mei"), (1280, 720)), np.uint8).copy()
    picture[100 : 100 + code.shape[0], 200 : 200 + code.shape[1]] = code
    assert read_texts(picture)
    samples = [taken * 1000 for taken in seconds(lambda: read_texts(picture), RUNS)]
    return measured("face.qr_ms", "ms", samples, note="1280 x 720 with one code")


def _against_reference(folder: Path) -> list[Row]:
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as file:
        labels = list(csv.DictReader(file))
    people, references, probes, times = list[str](), list[Template](), list[Template](), list[float]()
    theirs = _Reference([], [], [])
    with _reference_process() as ask:
        # Picture by picture, one after the other, so that whatever else the machine does hits both alike.
        for row in labels:
            path = folder.resolve() / row["image"]
            picture = np.asarray(cv2.imread(str(path)), np.uint8)
            main_template(engine(), picture)
            began = time.perf_counter()
            template = main_template(engine(), picture)
            times.append(time.perf_counter() - began)
            if template is not None:
                people.append(row["person"])
                references.append(template)
                probes.append(_live_template(picture))
            answer = ask(path)
            theirs.seconds.append(answer["seconds"])
            if answer["template"] is not None:
                theirs.people.append(row["person"])
                theirs.templates.append(np.array(answer["template"], np.float32))
    ours = evaluate(compare_all(people, references, probes), len(probes), engine().threshold)
    other = evaluate(
        compare_all(theirs.people, theirs.templates, theirs.templates),
        len(theirs.templates),
        FACE_RECOGNITION_TOLERANCE,
    )
    faster = [reference / own for reference, own in zip(theirs.seconds, times, strict=True)]
    several = _several_frames(people, references, probes, ours.threshold_at_fmr)
    return [
        Row(
            "face.speedup",
            statistics.median(faster),
            "x",
            target=8.0,
            at_most=False,
            runs=len(faster),
            median=statistics.median(faster),
            min=min(faster),
            max=max(faster),
            note="time of face_recognition over ours (a reference: with mirror image), picture by picture",
        ),
        Row(
            "face.fnmr_at_fmr_0p1",
            ours.fnmr_at_fmr.value,
            "share",
            target=other.fnmr_at_fmr.value,
            reference=other.fnmr_at_fmr.value,
            min=ours.fnmr_at_fmr.low,
            max=ours.fnmr_at_fmr.high,
            note="min and max are the 95 % interval, clustered by person",
        ),
        Row(
            "face.reference_fnmr_at_fmr_0p1",
            other.fnmr_at_fmr.value,
            "share",
            min=other.fnmr_at_fmr.low,
            max=other.fnmr_at_fmr.high,
        ),
        Row(
            "face.fmr_at_threshold",
            ours.fmr.value,
            "share",
            target=0.001,
            min=ours.fmr.low,
            max=ours.fmr.high,
            note=f"{ours.fmr.errors} of {ours.fmr.pairs} pairs of {ours.people} people",
        ),
        Row("face.fnmr_at_threshold", ours.fnmr.value, "share", min=ours.fnmr.low, max=ours.fnmr.high),
        Row(
            "face.fnmr_several_frames",
            several,
            "share",
            reference=ours.fnmr_at_fmr.value,
            note="best of all other pictures of the person, at the threshold of FMR 0.1 %",
        ),
        Row(
            "face.fnmr_several_frames_at_threshold",
            _several_frames(people, references, probes, engine().threshold),
            "share",
            reference=ours.fnmr.value,
            note="best of all other pictures of the person, at the shipped threshold",
        ),
    ]


def _live_template(picture: Image) -> Template:
    """As of a camera's frame, without the mirror image that references have."""
    found = main_face(engine(), picture)
    assert found is not None
    return engine().descriptor(*found, mirrored=False)


def _several_frames(
    people: Sequence[str], references: Sequence[Template], probes: Sequence[Template], threshold: float
) -> float:
    """Share of pictures, as references, that none of the person's other pictures (two at least) matches."""
    refused = tried = 0
    for index, reference in enumerate(references):
        others = [probe for i, probe in enumerate(probes) if i != index and people[i] == people[index]]
        if len(others) >= 2:
            tried += 1
            refused += min(distance(reference, probe) for probe in others) > threshold
    return refused / tried if tried else 0.0


@dataclass(frozen=True, slots=True)
class _Reference:
    """What face_recognition made of the folder."""

    people: list[str]
    templates: list[Template]
    seconds: list[float]


@contextmanager
def _reference_process() -> Iterator[Callable[[Path], dict[str, Any]]]:
    """face_recognition in its own environment; answers for one picture at a time."""
    home = ROOT / ".adm" / "reference"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        print("face: installing face_recognition for comparison ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=120)
        install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        subprocess.run([*install, "--requirement", str(REFERENCE_PACKAGES)], check=True, timeout=900)
        (home / "ready").touch()
    command = [str(python), "-W", "ignore", str(REFERENCE_SCRIPT)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(picture: Path) -> dict[str, Any]:
            print(picture, file=stdin, flush=True)
            answer: dict[str, Any] = json.loads(stdout.readline())
            return answer

        try:
            yield ask
        finally:
            stdin.close()
