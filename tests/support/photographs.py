"""A folder of photographs that somebody gives for measuring: read where it is, never copied.

Either with labels.csv (columns image,person), or with a folder for each person; a picture beside them is a person's.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import cv2
import numpy as np

from biometrics.engine import FaceEngine
from biometrics.geometry import Image
from kiosk.identity.face import middle
from kiosk.identity.guidance import appraise
from tests.support.attacks import Pose, Sheet, show

ENDINGS = frozenset({".jpg", ".jpeg", ".png"})
WIDTH_PX, HEIGHT_PX = 360, 480
# Of the sheet on which a photograph is tried out: as wide as a face among those the attacks use.
TRIAL_MM = 200.0
# Head and shoulders: the face's box is this share of the print's height.
FACE_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Photographs:
    """What a folder has for an attacker.

    Attributes:
        prints: Head and shoulders, 360 x 480, that the check takes for a person who looks straight ahead; person by
            person in turn, so that nobody's many pictures outweigh another's one.
        people: How many people they show.
        left_out: Pictures without a face, of a head turned away, or too blurred to begin with.
    """

    prints: tuple[Image, ...]
    people: int
    left_out: int


def listed(folder: Path) -> list[tuple[Path, str]]:
    """Pictures and whom they show.

    Raises:
        ValueError: There are none, or labels.csv lacks a column.
    """
    labels = folder / "labels.csv"
    if labels.is_file():
        with labels.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows or not {"image", "person"} <= set(rows[0]):
            raise ValueError(f"{labels} needs the columns image,person and at least one row")
        return [(folder / row["image"], row["person"]) for row in rows]
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    if not found:
        raise ValueError(f"there are no photographs in {folder}")
    return [(path, path.stem if path.parent == folder else path.parent.name) for path in found]


def photographs(engine: FaceEngine, folder: Path) -> Photographs:
    """Those of a folder that an attacker could use.

    Raises:
        ValueError: There is none.
    """
    by_person: dict[str, list[Image]] = defaultdict(list)
    pictures = listed(folder)
    for path, person in pictures:
        cut = head_and_shoulders(engine, cv2.imread(str(path)))
        if cut is not None and _taken_for_a_person(engine, cut):
            by_person[person].append(cut)
    in_turn = chain.from_iterable(zip_longest(*by_person.values()))
    prints = tuple(picture for picture in in_turn if picture is not None)
    if not prints:
        raise ValueError(f"no photograph in {folder} shows a face that looks straight ahead")
    return Photographs(prints, len(by_person), len(pictures) - len(prints))


def head_and_shoulders(engine: FaceEngine, bgr: Image | None) -> Image | None:
    """The largest face with what is around it; None when there is none."""
    if bgr is None:
        return None
    found_in, faces = engine.still_faces(np.asarray(bgr, np.uint8))
    if not faces:
        return None
    box = max(faces, key=lambda face: face.box.width * face.box.height).box
    height = box.height / FACE_SHARE
    width = height * WIDTH_PX / HEIGHT_PX
    x, y = box.center
    scale = WIDTH_PX / width
    place = np.array([[scale, 0.0, WIDTH_PX / 2 - x * scale], [0.0, scale, HEIGHT_PX / 2 - y * scale]])
    cut = cv2.warpAffine(
        found_in, place, (WIDTH_PX, HEIGHT_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(cut, np.uint8)


def _taken_for_a_person(engine: FaceEngine, picture: Image) -> bool:
    """Whether a still print of it, held upright, is a face that the check would begin with."""
    grey = np.full((480, 640, 3), 120, np.uint8)
    seen = middle(show(Sheet(picture, TRIAL_MM), Pose(), grey))
    return appraise(seen, engine.detect(seen), engine.models.yaw_factor_deg).usable
