"""A card's sides as a PDF: one page a side, every dot as it is, nothing else (ISO 32000-1). Pure; no I/O.

Closed drivers take a page and do the separation themselves; they put pure black on their black panel.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from drivers import pdf as file
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS, CardSide

_POINTS = f"{WIDTH_DOTS * 72 / 300:.2f} {HEIGHT_DOTS * 72 / 300:.2f}"


def pdf(sides: Sequence[CardSide]) -> bytes:
    """The document; its page is the printer's raster at 300 dpi, a little larger than the card."""
    first_page = 3
    kids = " ".join(f"{first_page + 3 * number} 0 R" for number in range(len(sides)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sides)} >>".encode(),
    ]
    for number, side in enumerate(sides):
        page = first_page + 3 * number
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {_POINTS}] /Contents {page + 1} 0 R"
                f" /Resources << /XObject << /Card {page + 2} 0 R >> >> >>"
            ).encode(),
            file.stream(f"{_POINTS.replace(' ', ' 0 0 ')} 0 0 cm /Card Do".encode()),
            file.stream(
                zlib.compress(np.where(side.black[:, :, None], np.uint8(0), side.colour).tobytes(), 1),
                f"/Type /XObject /Subtype /Image /Width {WIDTH_DOTS} /Height {HEIGHT_DOTS}"
                " /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode ",
            ),
        ]
    return file.document(objects)
