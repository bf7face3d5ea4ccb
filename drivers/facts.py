"""What a device says of itself: maker, model, serial number, firmware. Only what it tells, as short plain text."""

from collections.abc import Mapping
from typing import Final

NAMES: Final = ("maker", "model", "serial", "firmware")
LONGEST: Final = 64


def tidy(**told: str | bytes | None) -> dict[str, str]:
    """Facts by name, cleaned of what no report should hold; those that are empty are left out.

    Raises:
        ValueError: A name that is none of `NAMES`.
    """
    if strangers := set(told) - set(NAMES):
        raise ValueError(f"no facts: {', '.join(sorted(strangers))}")
    plain = {name: _plain(told.get(name) or "") for name in NAMES}
    return {name: text for name, text in plain.items() if text}


def either(first: Mapping[str, str], second: Mapping[str, str]) -> dict[str, str]:
    """Both together; the first counts where both tell."""
    return {**second, **first}


def _plain(text: str | bytes) -> str:
    words = text.decode("latin-1") if isinstance(text, bytes) else text
    return " ".join("".join(one if " " <= one <= "~" else " " for one in words).split())[:LONGEST]
