"""How text that may be long is fitted into its place, by one rule for every field.

1. As it is, on one line at the full size.
2. On one line, smaller, down to the smallest size that is still read easily (`EASY` of the full one).
3. On as many lines as the place has, at the largest size at which it fits, down to the smallest allowed.
4. Else it does not fit: the card is refused. Nothing is ever cut or abbreviated.

Lines break at spaces, and after "/", "-" and ","; never inside a word.
"""

import re
import unicodedata
from dataclasses import dataclass

from kiosk.issuance.cards.errors import DesignDoesNotFit, FieldUnusable
from kiosk.issuance.cards.fonts import LetterMissing, Weight, width_px

EASY = 0.85
_BREAKS = re.compile(r"(?<=[ /,-])(?=[^ /,-])")
MAX_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text may go.

    Attributes:
        width_px: Of a line.
        lines: At most.
        size_px: Full size of the letters.
        smallest_px: At which they are still read.
    """

    width_px: int
    lines: int
    size_px: int
    smallest_px: int
    weight: Weight = Weight.BOLD


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text that fits.

    Attributes:
        lines: In order, without spaces at their ends.
        size_px: Of the letters.
    """

    lines: tuple[str, ...]
    size_px: int


def fit(field: str, text: str, place: Place) -> Fitted:
    """The text as it goes into its place.

    Args:
        field: For the error.

    Raises:
        DesignDoesNotFit: It does not.
        FieldUnusable: It is empty, or has control characters.
    """
    text = clean(field, text)
    try:
        for size in range(place.size_px, round(place.size_px * EASY) - 1, -1):
            if size >= place.smallest_px and width_px(text, place.weight, size) <= place.width_px:
                return Fitted((text,), size)
        for size in range(place.size_px, place.smallest_px - 1, -1):
            lines = _wrap(text, place.width_px, place.weight, size)
            if lines is not None and len(lines) <= place.lines:
                return Fitted(lines, size)
    except LetterMissing as missing:
        raise DesignDoesNotFit(field, "has a letter that no font of ours has") from missing
    raise DesignDoesNotFit(field, f"too long for {place.lines} lines")


def clean(field: str, text: str) -> str:
    """One line of composed letters, single spaces between words.

    Raises:
        FieldUnusable: Nothing is left, there is far too much, or there are control characters.
    """
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") for letter in text if letter not in "\t\n\r"):
        raise FieldUnusable(field, "has characters that are no letters")
    text = " ".join(text.split())
    if not text:
        raise FieldUnusable(field, "is empty")
    if len(text) > MAX_LETTERS:
        raise DesignDoesNotFit(field, "far too long")
    return text


def _wrap(text: str, limit_px: int, weight: Weight, size_px: int) -> tuple[str, ...] | None:
    """Lines no wider than the limit; None when a word is wider."""
    lines: list[str] = []
    line = ""
    for word in _BREAKS.split(text):
        longer = line + word
        if width_px(longer.rstrip(), weight, size_px) <= limit_px:
            line = longer
            continue
        if not line or width_px(word.rstrip(), weight, size_px) > limit_px:
            return None
        lines.append(line.rstrip())
        line = word
    return (*lines, line.rstrip())
