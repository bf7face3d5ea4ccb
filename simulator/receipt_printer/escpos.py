"""ESC/POS bytes to commands; no drawing here.

Covers what python-escpos 3.1 emits and what our driver adds (Epson ESC/POS command reference). Anything else
becomes `Unknown` and is skipped, so that one strange byte never stops the paper.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_COMMAND_BYTES = 1 << 17
"""A longer image or barcode is nonsense, not data to wait for: 64 KB is the longest GS ( L can say."""


@dataclass(frozen=True, slots=True)
class Text:
    """Printable bytes of the selected code page."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: Its letters, as "ESC E", "GS v 0".
        args: What follows them.
    """

    name: str
    args: bytes


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bytes that are no command this printer has."""

    raw: bytes


Item = Text | Command | Unknown

_SINGLE = {0x0A: "LF", 0x0D: "CR", 0x09: "HT", 0x0C: "FF", 0x18: "CAN"}

# Commands of a fixed number of argument bytes.
_FIXED: Mapping[bytes, tuple[str, int]] = {
    b"\x1b@": ("ESC @", 0),
    b"\x1b2": ("ESC 2", 0),
    b"\x1b3": ("ESC 3", 1),
    b"\x1b!": ("ESC !", 1),
    b"\x1bE": ("ESC E", 1),
    b"\x1bG": ("ESC G", 1),
    b"\x1b-": ("ESC -", 1),
    b"\x1bM": ("ESC M", 1),
    b"\x1ba": ("ESC a", 1),
    b"\x1bt": ("ESC t", 1),
    b"\x1bR": ("ESC R", 1),
    b"\x1b{": ("ESC {", 1),
    b"\x1bV": ("ESC V", 1),
    b"\x1b ": ("ESC SP", 1),
    b"\x1bd": ("ESC d", 1),
    b"\x1bJ": ("ESC J", 1),
    b"\x1bB": ("ESC B", 2),
    b"\x1bp": ("ESC p", 3),
    b"\x1bc3": ("ESC c 3", 1),
    b"\x1bc4": ("ESC c 4", 1),
    b"\x1bc5": ("ESC c 5", 1),
    b"\x1dB": ("GS B", 1),
    b"\x1db": ("GS b", 1),
    b"\x1d!": ("GS !", 1),
    b"\x1dH": ("GS H", 1),
    b"\x1dh": ("GS h", 1),
    b"\x1dw": ("GS w", 1),
    b"\x1df": ("GS f", 1),
    b"\x1da": ("GS a", 1),
    b"\x1dr": ("GS r", 1),
    b"\x1dI": ("GS I", 1),
    b"\x1dg2": ("GS g 2", 3),
    b"\x1dL": ("GS L", 2),
    b"\x1dW": ("GS W", 2),
    b"\x10\x04": ("DLE EOT", 1),
    b"\x10\x05": ("DLE ENQ", 1),
}


def _column_image(raw: bytes) -> int | None:
    """ESC * m nL nH: 1 or 3 bytes a column."""
    return None if len(raw) < 5 else 5 + (raw[3] + raw[4] * 256) * (3 if raw[2] >= 32 else 1)


def _raster_image(raw: bytes) -> int | None:
    """GS v 0 m xL xH yL yH."""
    return None if len(raw) < 8 else 8 + (raw[4] + raw[5] * 256) * (raw[6] + raw[7] * 256)


def _cut(raw: bytes) -> int | None:
    """GS V m, or GS V m n when m is 65 or more."""
    if len(raw) < 3:
        return None
    return 4 if raw[2] >= 65 else 3


def _parenthesis(raw: bytes) -> int | None:
    """GS ( X pL pH."""
    return None if len(raw) < 5 else 5 + raw[3] + raw[4] * 256


def _barcode(raw: bytes) -> int | None:
    """GS k m d...NUL, or GS k m n d... when m is 65 or more."""
    if len(raw) < 4:
        return None
    if raw[2] >= 65:
        return 4 + raw[3]
    end = raw.find(0, 3)
    return None if end < 0 else end + 1


def _tabs(raw: bytes) -> int | None:
    """ESC D n...NUL."""
    end = raw.find(0, 2)
    return None if end < 0 else end + 1


def _real_time_request(raw: bytes) -> int | None:
    """DLE DC4 fn: 8 has seven more bytes, 1 and 2 two."""
    if len(raw) < 3:
        return None
    return 10 if raw[2] == 8 else 5


# Commands whose length is in their bytes: prefix -> (name, bytes of the name, length of the whole or None
# for more).
_VARIABLE: Mapping[bytes, tuple[str, int, Callable[[bytes], int | None]]] = {
    b"\x1b*": ("ESC *", 2, _column_image),
    b"\x1dv0": ("GS v 0", 3, _raster_image),
    b"\x1dV": ("GS V", 2, _cut),
    b"\x1d(k": ("GS ( k", 5, _parenthesis),
    b"\x1d(L": ("GS ( L", 5, _parenthesis),
    b"\x1d(H": ("GS ( H", 5, _parenthesis),
    b"\x1d(A": ("GS ( A", 5, _parenthesis),
    b"\x1dk": ("GS k", 2, _barcode),
    b"\x1bD": ("ESC D", 2, _tabs),
    b"\x10\x14": ("DLE DC4", 2, _real_time_request),
}
_LONGEST_PREFIX = 3


def decode(buffer: bytes) -> tuple[int, Item | None]:
    """The first item in `buffer` and how many bytes it took; (0, None) when more are needed."""
    if not buffer:
        return 0, None
    first = buffer[0]
    if first >= 0x20 and first != 0x7F:
        end = next((i for i, byte in enumerate(buffer) if byte < 0x20 or byte == 0x7F), len(buffer))
        return end, Text(buffer[:end])
    if first in _SINGLE:
        return 1, Command(_SINGLE[first], b"")
    if first not in (0x10, 0x1B, 0x1D):
        return 1, Unknown(buffer[:1])
    for length in range(2, _LONGEST_PREFIX + 1):
        prefix = buffer[:length]
        if len(prefix) < length:
            return 0, None
        if prefix in _FIXED:
            name, count = _FIXED[prefix]
            end = length + count
            return (end, Command(name, buffer[length:end])) if len(buffer) >= end else (0, None)
        if prefix in _VARIABLE:
            return _variable(buffer, *_VARIABLE[prefix])
        if not any(known.startswith(prefix) for known in (*_FIXED, *_VARIABLE)):
            return length, Unknown(prefix)
    return _LONGEST_PREFIX, Unknown(buffer[:_LONGEST_PREFIX])


def _variable(
    buffer: bytes, name: str, args_at: int, measure: Callable[[bytes], int | None]
) -> tuple[int, Item | None]:
    end = measure(buffer)
    if end is None:
        return (0, None) if len(buffer) <= MAX_COMMAND_BYTES else (args_at, Unknown(buffer[:args_at]))
    if end > MAX_COMMAND_BYTES:
        return args_at, Unknown(buffer[:args_at])
    return (end, Command(name, buffer[args_at:end])) if len(buffer) >= end else (0, None)
