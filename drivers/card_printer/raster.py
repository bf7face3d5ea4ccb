"""Colours to what a dye-sublimation card printer eats: packed yellow, magenta, cyan, black and overlay panels.

Raster order [G section 2, and public drivers]: 1016 lines of 648 dots; a line is one column of the card from its left
edge on, and its first dot is at the card's bottom. Dots are packed from the high bit on; more is more dye.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from drivers.card_printer.evolis_wire import BITS_OF_LEVELS
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS, CardSide

_Bytes = NDArray[np.uint8]
_Dot = TypeVar("_Dot", bound=np.generic)
_CHANNEL = {"y": 2, "m": 1, "c": 0}
"""Each dye takes away one of blue, green, red."""
_EIGHT_DOTS = {
    5: np.dtype([("high", "u1"), ("low", ">u4")]),
    6: np.dtype([("high", ">u2"), ("low", ">u4")]),
    7: np.dtype([("high", "u1"), ("middle", ">u2"), ("low", ">u4")]),
}
"""Eight dots of so many bits, as numbers that lie one after the other without a gap."""
_TILE_LINES = 32
"""Turning a picture in strips stays in the processor's cache: ten times as fast as in one go."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle in dots, from the card's top left; right and bottom not included."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """How this machine's print sits on the card; found with the printed test card.

    Attributes:
        right_dots, down_dots: Where the picture is moved to.
        scale_x, scale_y: How much it is stretched about the card's middle.
    """

    right_dots: int = 0
    down_dots: int = 0
    scale_x: float = 1.0
    scale_y: float = 1.0


def panels(
    side: CardSide, wanted: str, levels: int, *, align: Alignment, free: Area | None, upside_down: bool = False
) -> list[tuple[str, int, bytes]]:
    """The raster blocks of one side.

    Args:
        side: What it is to look like.
        wanted: Panels of the ribbon for this side, in the order to load them: "ymcko".
        levels: Shades of the colour panels.
        align: For this machine.
        free: Left without overlay: a contact chip must not be varnished over.

    Returns:
        Panel, its levels, its packed bytes.
    """
    black = _align(side.black, align)
    lines_black = _lines(black, upside_down)
    colour = np.ascontiguousarray(np.moveaxis(side.colour, 2, 0))
    blocks: list[tuple[str, int, bytes]] = []
    for panel in wanted:
        if panel == "k":
            blocks.append((panel, 2, np.packbits(lines_black).tobytes()))
        elif panel == "o":
            blocks.append((panel, 2, np.packbits(_lines(_overlay(free), upside_down)).tobytes()))
        else:
            dye = _dye(_align(colour[_CHANNEL[panel]], align, 255), levels)
            # Black text over dye would have coloured edges where the panels do not quite meet.
            dye *= ~black
            blocks.append((panel, levels, pack(_lines(dye, upside_down), BITS_OF_LEVELS[levels])))
    return blocks


def pack(dots: _Bytes, bits: int) -> bytes:
    """Values below 2**bits, packed from the high bit on; their number is a multiple of 8."""
    if bits == 8:
        return dots.tobytes()
    wide = dots.reshape(-1).view(">u8").astype(np.uint64)
    for step in (8, 16, 32):
        # Neighbouring lanes of `have` bits join into one of twice as many.
        have = bits * step // 8
        high, low = _lanes(step, have)
        wide = ((wide & high) >> np.uint64(step - have)) | (wide & low)
    eight = np.empty(wide.shape, _EIGHT_DOTS[bits])
    shift = 0
    for name in reversed(eight.dtype.names or ()):
        eight[name] = wide >> np.uint64(shift)
        shift += 8 * eight.dtype[name].itemsize
    return eight.tobytes()


def unpack(block: bytes, bits: int) -> _Bytes:
    """Undo `pack`: values in lines of the raster, shape (1016, 648)."""
    if bits == 8:
        return np.frombuffer(block, np.uint8).reshape(WIDTH_DOTS, HEIGHT_DOTS)
    single = np.unpackbits(np.frombuffer(block, np.uint8)).reshape(-1, bits)
    weights = 1 << np.arange(bits - 1, -1, -1, dtype=np.uint8)
    values: _Bytes = (single * weights).sum(axis=1, dtype=np.uint8)
    return values.reshape(WIDTH_DOTS, HEIGHT_DOTS)


def upright(lines: NDArray[_Dot]) -> NDArray[_Dot]:
    """Raster lines (1016, 648) as the picture (648, 1016)."""
    return np.rot90(lines)


def picture(dye: Mapping[str, _Bytes], levels: int, black: NDArray[np.bool_] | None) -> _Bytes:
    """What a card looks like with these panels on it: RGB, shape (648, 1016, 3).

    Args:
        dye: Panel "y", "m", "c" to its values as raster lines; a panel that is not there leaves white.
        levels: Shades they have.
        black: The black panel as raster lines.
    """
    rgb = np.full((HEIGHT_DOTS, WIDTH_DOTS, 3), 255, np.uint8)
    back = np.rint(255 - np.arange(levels) * (255 / (levels - 1))).astype(np.uint8)
    for panel, lines in dye.items():
        rgb[:, :, _CHANNEL[panel]] = upright(back[lines])
    if black is not None:
        rgb[upright(black).astype(np.bool_)] = 0
    return rgb


def _overlay(free: Area | None) -> NDArray[np.bool_]:
    varnish = np.ones((HEIGHT_DOTS, WIDTH_DOTS), np.bool_)
    if free is not None:
        varnish[free.top : free.bottom, free.left : free.right] = False
    return varnish


def _dye(light: _Bytes, levels: int) -> _Bytes:
    """Light that is reflected, 0 to 255, to shade of dye, 0 to levels - 1, rounded."""
    # 257 / 65536 is 1 / 255 closely enough to round alike for every shade.
    dye = (255 - light.astype(np.uint32)) * np.uint32((levels - 1) * 257) + np.uint32(32896)
    return (dye >> np.uint32(16)).astype(np.uint8)


def _lines(plane: NDArray[_Dot], upside_down: bool) -> NDArray[_Dot]:
    """A picture (648, 1016) as raster lines (1016, 648)."""
    if upside_down:
        plane = plane[::-1, ::-1]
    lines = np.empty((WIDTH_DOTS, HEIGHT_DOTS), plane.dtype)
    for start in range(0, WIDTH_DOTS, _TILE_LINES):
        lines[start : start + _TILE_LINES] = plane[::-1, start : start + _TILE_LINES].T
    return lines


def _align(plane: NDArray[_Dot], align: Alignment, empty: int = 0) -> NDArray[_Dot]:
    """The plane aligned; dots that come from beyond the card are `empty`."""
    if align == Alignment():
        return plane
    rows, row_there = _sources(HEIGHT_DOTS, align.scale_y, align.down_dots)
    columns, column_there = _sources(WIDTH_DOTS, align.scale_x, align.right_dots)
    moved = plane[np.ix_(rows, columns)]
    moved[~row_there] = empty
    moved[:, ~column_there] = empty
    return moved


@cache
def _lanes(step: int, have: int) -> tuple[np.uint64, np.uint64]:
    """Masks of the high and the low `have` bits of each lane of 2 * `step` bits."""
    low = sum(((1 << have) - 1) << at for at in range(0, 64, 2 * step))
    return np.uint64(low << step), np.uint64(low)


def _sources(length: int, scale: float, offset: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """For each dot where it comes from, and whether that is on the picture."""
    middle = (length - 1) / 2
    source = np.rint((np.arange(length) - offset - middle) / scale + middle).astype(np.intp)
    there = (source >= 0) & (source < length)
    return source.clip(0, length - 1), there
