"""What is printed behind the text: soft fine lines of our own, and the mark of a simulation. Drawn once, then copied.

Emblems and security printing of the real cards are on the blanks already, and none of ours to draw.
"""

from enum import StrEnum
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kiosk.issuance.cards.canvas import SIZE, Colour
from kiosk.issuance.cards.fonts import Weight, font_of

MARK = "SIMULASI"
_MARK_OPACITY = 70


class Tint(StrEnum):
    """Which card it is."""

    KTP = "ktp"
    KIA = "kia"
    PLAIN = "plain"


_TINTS: dict[Tint, tuple[Colour, Colour, Colour]] = {
    Tint.KTP: ((205, 230, 245), (168, 209, 236), (138, 186, 221)),
    Tint.KIA: ((253, 236, 240), (247, 205, 218), (236, 172, 193)),
    Tint.PLAIN: ((255, 255, 255), (255, 255, 255), (255, 255, 255)),
}


@cache
def background(tint: Tint, marked: bool) -> Image.Image:
    """The background; do not draw on it."""
    light, deep, line = _TINTS[tint]
    image = _gradient(light, deep)
    if tint is not Tint.PLAIN:
        _fine_lines(image, line)
    if marked:
        image = _marked(image)
    return image


def _gradient(light: Colour, deep: Colour) -> Image.Image:
    across = np.linspace(0, 1, SIZE[0])[None, :]
    down = np.linspace(0, 1, SIZE[1])[:, None]
    part = ((across + down) / 2)[:, :, None]
    return Image.fromarray((np.array(light) * (1 - part) + np.array(deep) * part).astype(np.uint8))


def _fine_lines(image: Image.Image, colour: Colour) -> None:
    pen = ImageDraw.Draw(image)
    x = np.arange(0, SIZE[0] + 8, 8)
    for number in range(-6, 46):
        wave = 26 * np.sin(x / 83 + number / 5) + 13 * np.sin(x / 31 - number / 3)
        pen.line([(float(a), float(b)) for a, b in zip(x, 15 * number + wave, strict=True)], fill=colour, width=1)


def _marked(image: Image.Image) -> Image.Image:
    font: ImageFont.FreeTypeFont = font_of(Weight.BOLD, 120)
    layer = Image.new("RGBA", (1400, 1400), (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    for row in range(5):
        for column in (-1, 0, 1):
            at = (700 + column * 820 + (row % 2) * 410, 700 + (row - 2) * 250)
            pen.text(at, MARK, font=font, fill=(190, 20, 40, _MARK_OPACITY), anchor="mm")
    layer = layer.rotate(24, Image.Resampling.BICUBIC)
    left, top = (1400 - SIZE[0]) // 2, (1400 - SIZE[1]) // 2
    both = image.convert("RGBA")
    both.alpha_composite(layer.crop((left, top, left + SIZE[0], top + SIZE[1])))
    return both.convert("RGB")
