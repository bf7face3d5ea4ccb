"""Says whether two pictures look the same to a person, and shows where they do not."""

import html
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, Any]

GOLDEN = Path(__file__).parent / "golden"
#: Side of the squares that are compared, px of the half-size picture: about one capital letter.
SQUARE = 24
#: Mean difference of a square, of 255, from which on it counts: other versions of Mesa may round edges differently,
#: one missing word gives 20 and more.
LIMIT = 4.0
#: Colours of an approved picture, its most frequent ones: keeps it small and its grounds exact. The drawn picture is
#: brought to the same colours before comparing.
COLOURS = 32
#: Share of a picture from which on a colour has to be an approved one, and how far it may be from it, of 255.
AREA = 0.002
COLOUR_LIMIT = 6


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of the square that differs most, 0 to 255; 255 when the sizes differ."""
    if one.size != other.size:
        return 255.0
    first = np.asarray(one.convert("RGB"), dtype=np.int16)
    second = np.asarray(other.convert("RGB"), dtype=np.int16)
    apart = np.abs(first - second).mean(axis=2)
    rows, columns = (-(-side // SQUARE) * SQUARE for side in apart.shape)
    padded = np.zeros((rows, columns))
    padded[: apart.shape[0], : apart.shape[1]] = apart
    squares = padded.reshape(rows // SQUARE, SQUARE, columns // SQUARE, SQUARE).mean(axis=(1, 3))
    return float(squares.max())


def approve(picture: Path, golden: Path) -> None:
    """Makes a picture the approved one."""
    golden.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as drawn:
        colours, where, counts = _colours(drawn)
        size = drawn.size
    # Sorted, so that a colour as near to one as to another always becomes the same one.
    palette = np.unique(colours[np.argsort(-counts, kind="stable")[:COLOURS]], axis=0)
    small = Image.fromarray(_nearest(colours, palette)[where].astype(np.uint8).reshape(size[::-1]), "P")
    small.putpalette(palette.astype(np.uint8).tobytes())
    small.save(golden, optimize=True)


def compare(drawn: Image.Image, golden: Image.Image) -> str:
    """What a person would see that is not as approved; empty when nothing."""
    colours, where, counts = _colours(drawn)
    palette = _colours(golden)[0]
    nearest = palette[_nearest(colours, palette)]
    alike = Image.fromarray(nearest[where].astype(np.uint8).reshape(*drawn.size[::-1], 3), "RGB")
    apart = difference(alike, golden)
    if apart > LIMIT:
        return f"differs by {apart:.1f}"
    strange = np.abs(colours - nearest).max(axis=1) * (counts >= AREA * len(where))
    return f"has a new colour, {colours[strange.argmax()].tolist()}" if strange.max() > COLOUR_LIMIT else ""


def _colours(picture: Image.Image) -> tuple[Pixels, Pixels, Pixels]:
    """The colours of a picture in order, which of them each pixel has, and how many pixels have each."""
    pixels = np.asarray(picture.convert("RGB"), dtype=np.int32)
    packed, where, counts = np.unique(
        pixels[..., 0] << 16 | pixels[..., 1] << 8 | pixels[..., 2], return_inverse=True, return_counts=True
    )
    return np.stack((packed >> 16, packed >> 8 & 255, packed & 255), axis=1), where.reshape(-1), counts


def _nearest(colours: Pixels, palette: Pixels) -> Pixels:
    """Index of the palette's nearest colour for each colour."""
    nearest: Pixels = np.abs(colours[:, None, :] - palette[None, :, :]).sum(axis=2).argmin(axis=1)
    return nearest


def check(drawn: Path, golden: Path, names: list[str]) -> dict[str, str]:
    """What is wrong with each picture of a folder: new, missing, or how far it differs from the approved one."""
    wrong: dict[str, str] = {}
    approved = {path.stem for path in golden.glob("*.png")}
    for name in sorted(approved | set(names)):
        if name not in names:
            wrong[name] = "is approved, but was not drawn"
        elif name not in approved:
            wrong[name] = "was drawn, but is not approved"
        else:
            with Image.open(drawn / f"{name}.png") as one, Image.open(golden / f"{name}.png") as other:
                why = compare(one, other)
            if why:
                wrong[name] = why
    return wrong


def write_report(path: Path, drawn: Path, golden: Path, wrong: dict[str, str]) -> None:
    """An HTML page with each wrong picture beside the approved one and their difference."""
    rows = []
    for name, why in wrong.items():
        pictures = [golden / f"{name}.png", drawn / f"{name}.png"]
        if all(picture.exists() for picture in pictures):
            one, other = (np.asarray(Image.open(picture).convert("RGB"), dtype=np.int16) for picture in pictures)
            if one.shape == other.shape:
                apart = path.parent / f"{name}.difference.png"
                shown = 255 - np.clip(np.abs(one - other) * 4, 0, 255)
                Image.fromarray(shown.astype(np.uint8)).save(apart)
                pictures.append(apart)
        shots = "".join(f'<img src="{html.escape(p.resolve().as_uri())}" width="380">' for p in pictures)
        rows.append(f"<h2>{html.escape(name)} {html.escape(why)}</h2><p>approved, drawn, difference</p>{shots}")
    path.write_text("<!doctype html><meta charset=utf-8><title>Screens</title>" + "\n".join(rows))
