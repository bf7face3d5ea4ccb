"""The test card: printed once, measured with a ruler, and what that says of the machine's alignment."""

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw

from drivers.card_printer.port import DOTS_PER_MM, HEIGHT_DOTS, WIDTH_DOTS
from drivers.card_printer.raster import Alignment
from kiosk.issuance.cards.backgrounds import Tint, background
from kiosk.issuance.cards.canvas import Canvas, dots
from kiosk.issuance.cards.errors import FieldUnusable
from kiosk.issuance.cards.fonts import Weight
from kiosk.issuance.cards.sides import Sides

CARD_MM = (85.60, 53.98)
"""ISO/IEC 7810 ID-1."""
MARGIN_MM = 5.0
"""From the card's edge to the frame, when print and card lie as they should."""
_MOST_MM = 12.0
_PLAUSIBLE = (0.95, 1.05)


@dataclass(frozen=True, slots=True)
class Measured:
    """Millimetres from each edge of the printed card to the frame's line."""

    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float


def calibration_sides() -> Sides:
    """The test card: a frame with millimetres, a cross, colours and greys, small letters; the back the frame alone."""
    return Sides(_side("DEPAN", colours=True), _side("BELAKANG", colours=False))


def alignment(measured: Measured) -> Alignment:
    """What to set so that the next test card's frame is `MARGIN_MM` from every edge.

    The card was printed without alignment. A frame that lies too far right is moved left by half the difference of both
    margins; one that is too wide is made narrower about the middle.

    Raises:
        FieldUnusable: A reading that no printer gives.
    """
    for name in ("left_mm", "top_mm", "right_mm", "bottom_mm"):
        reading = getattr(measured, name)
        if not math.isfinite(reading) or not 0 <= reading <= _MOST_MM:
            raise FieldUnusable(name, f"is not between 0 and {_MOST_MM:.0f} mm")
    scale_x = _scale("left_mm", CARD_MM[0], measured.left_mm + measured.right_mm)
    scale_y = _scale("top_mm", CARD_MM[1], measured.top_mm + measured.bottom_mm)
    # The picture is stretched about the middle of the raster, which is the card's; what is left is the shift.
    right_mm = (measured.right_mm - measured.left_mm) / 2
    down_mm = (measured.bottom_mm - measured.top_mm) / 2
    return Alignment(dots(right_mm), dots(down_mm), scale_x, scale_y)


def _scale(field: str, card_mm: float, margins_mm: float) -> float:
    scale = round((card_mm - 2 * MARGIN_MM) / (card_mm - margins_mm), 4)
    if not _PLAUSIBLE[0] <= scale <= _PLAUSIBLE[1]:
        raise FieldUnusable(field, "and its opposite do not belong to a frame of this size")
    return scale


def _side(name: str, *, colours: bool) -> Canvas:
    canvas = Canvas(background(Tint.PLAIN, False))
    # The raster is a little larger than the card and runs over its edges evenly.
    left = (WIDTH_DOTS - CARD_MM[0] * DOTS_PER_MM) / 2 + MARGIN_MM * DOTS_PER_MM
    top = (HEIGHT_DOTS - CARD_MM[1] * DOTS_PER_MM) / 2 + MARGIN_MM * DOTS_PER_MM
    right, bottom = WIDTH_DOTS - left, HEIGHT_DOTS - top
    canvas.box(left, top, right, bottom)
    _ticks(canvas, left, top, right, bottom)
    x, y = WIDTH_DOTS / 2, HEIGHT_DOTS / 2
    canvas.lines([(x - 40, y), (x + 40, y)])
    canvas.lines([(x, y - 40), (x, y + 40)])
    canvas.centred(x, top + 34, f"KARTU UJI - {name}", Weight.BOLD, 36)
    canvas.centred(x, top + 80, f"Bingkai {MARGIN_MM:.0f} mm dari tiap tepi", Weight.REGULAR, 26)
    if colours:
        canvas.picture(round(left + 40), round(bottom - 170), _ramps(round(right - left - 80)))
        canvas.centred(x, bottom - 214, "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 é ê ꦗꦮ", Weight.REGULAR, 20)
    return canvas


def _ticks(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> None:
    for number in range(1, 75):
        at = left + number * DOTS_PER_MM
        length = 18 if number % 5 == 0 else 9
        if at < right:
            canvas.lines([(at, top), (at, top + length)], 1)
            canvas.lines([(at, bottom), (at, bottom - length)], 1)
    for number in range(1, 45):
        at = top + number * DOTS_PER_MM
        length = 18 if number % 5 == 0 else 9
        if at < bottom:
            canvas.lines([(left, at), (left + length, at)], 1)
            canvas.lines([(right, at), (right - length, at)], 1)


def _ramps(width: int) -> Image.Image:
    image = Image.new("RGB", (width, 140), "white")
    pen = ImageDraw.Draw(image)
    full = ((0, 255, 255), (255, 0, 255), (255, 255, 0), (0, 0, 0))
    steps = 16
    for row, colour in enumerate(full):
        for step in range(steps):
            part = (step + 1) / steps
            shade = tuple(round(255 - (255 - channel) * part) for channel in colour)
            pen.rectangle((step * width // steps, row * 35, (step + 1) * width // steps - 1, row * 35 + 34), fill=shade)
    return image
