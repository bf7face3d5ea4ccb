"""All screens of a journey on one sheet, small enough for a README."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

THUMB_PX = 330
GAP_PX = 10
COLOURS = 128
BACKGROUND = (214, 219, 228)


def write_sheet(pictures: Sequence[Image.Image], path: Path) -> None:
    """Write the pictures, all of one size, in rows: six to a row when tall, three when wide."""
    width, height = pictures[0].size
    columns = 6 if height > width else 3
    across = THUMB_PX if height > width else THUMB_PX * 2
    thumb = (across, round(across * height / width))
    rows = -(-len(pictures) // columns)
    size = (columns * (thumb[0] + GAP_PX) + GAP_PX, rows * (thumb[1] + GAP_PX) + GAP_PX)
    sheet = Image.new("RGB", size, BACKGROUND)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        place = (GAP_PX + column * (thumb[0] + GAP_PX), GAP_PX + row * (thumb[1] + GAP_PX))
        sheet.paste(picture.convert("RGB").resize(thumb, Image.Resampling.LANCZOS), place)
    sheet.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
