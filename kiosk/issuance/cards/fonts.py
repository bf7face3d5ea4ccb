"""The fonts of the cards, and which of them has a letter."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_FOLDER = Path(__file__).parent / "fonts"
_FALLBACK = "NotoSansJavanese-Bold.ttf"
_NEVER_A_LETTER = "\U0010fffe"


class Weight(StrEnum):
    """Faces; each falls back to Javanese for the letters it lacks."""

    REGULAR = "LiberationSans-Regular.ttf"
    BOLD = "LiberationSans-Bold.ttf"
    DIGITS = "LiberationMono-Bold.ttf"


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text in one font.

    Attributes:
        width_px: How far it advances.
    """

    text: str
    font: ImageFont.FreeTypeFont
    width_px: float


class LetterMissing(Exception):
    """No font of ours has one of the letters."""


@cache
def font_of(file: str, size_px: int, shaped: bool = False) -> ImageFont.FreeTypeFont:
    """A font.

    Args:
        shaped: Letters change and move with their neighbours; takes ten times as long.
    """
    engine = ImageFont.Layout.RAQM if shaped else ImageFont.Layout.BASIC
    return ImageFont.truetype(_FOLDER / file, size_px, layout_engine=engine)


@cache
def _has(file: str, letter: str) -> bool:
    return letter == " " or _look(file, letter) != _look(file, _NEVER_A_LETTER)


@cache
def _look(file: str, letter: str) -> bytes:
    """What a letter looks like; a font draws the same box for all that it lacks."""
    image = Image.new("1", (96, 96))
    ImageDraw.Draw(image).text((32, 64), letter, fill=1, font=font_of(file, 32), anchor="ls")
    return image.tobytes()


@cache
def ascent_px(weight: Weight, size_px: int) -> int:
    """From the top of a line to its baseline."""
    return font_of(weight, size_px).getmetrics()[0]


def runs(text: str, weight: Weight, size_px: int) -> list[Run]:
    """The text in pieces, each in a font that has its letters.

    Raises:
        LetterMissing: No font has one of them.
    """
    pieces: list[tuple[str, str]] = []
    for letter in text:
        file = next((name for name in (weight, _FALLBACK) if _has(name, letter)), None)
        if file is None:
            raise LetterMissing
        # A space belongs to the piece it follows: it has no look of its own, and shaping needs whole words.
        if pieces and (pieces[-1][0] == file or letter == " "):
            pieces[-1] = (pieces[-1][0], pieces[-1][1] + letter)
        else:
            pieces.append((file, letter))
    found = []
    for file, piece in pieces:
        # Javanese vowel signs stand before, above and below their letter; accents that stand alone on top of it.
        shaped = file == _FALLBACK or any(unicodedata.combining(letter) for letter in piece)
        font = font_of(file, size_px, shaped)
        found.append(Run(piece, font, font.getlength(piece, mode="1")))
    return found


def width_px(text: str, weight: Weight, size_px: int) -> float:
    """How wide a line is. Raises LetterMissing."""
    return sum(run.width_px for run in runs(text, weight, size_px))
