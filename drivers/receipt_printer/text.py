"""Text as a receipt printer may see it: no control bytes, only characters its code page has, wrapped to
columns.

A name or an address comes from a register; whatever is in it, it must not become a printer command.
"""

import textwrap
import unicodedata

CODE_PAGE = "cp437"
"""Slot 0 of every model we know; ASCII, the accents of Dutch and Portuguese names, and lines to draw with."""


def clean(text: str) -> str:
    """One line: whatever is not printable becomes a space, whatever the code page lacks its base letter or
    "?".
    """
    normal = unicodedata.normalize("NFC", text)
    return "".join(_printable(letter) for letter in normal)


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` characters; line breaks in the text are kept, long words are broken."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += textwrap.wrap(clean(paragraph), columns) or [""]
    return lines


def row(label: str, value: str, columns: int) -> list[str]:
    """Label on the left, value on the right, on as many lines as both need."""
    label_columns = min(len(clean(label)), columns // 2 - 1)
    left = wrap(label, max(1, label_columns)) or [""]
    right = wrap(value, columns - label_columns - 1) or [""]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return [f"{a}{b:>{columns - len(a)}}" for a, b in zip(left, right, strict=True)]


def _printable(letter: str) -> str:
    if unicodedata.category(letter)[0] in "CZ":
        return " "
    if _on_page(letter):
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if _on_page(part))
    return plain or "?"


def _on_page(letter: str) -> bool:
    try:
        # Below 0x20 the code page is commands, not letters.
        return letter.encode(CODE_PAGE)[0] >= 0x20 and letter != "\x7f"
    except UnicodeEncodeError:
        return False
