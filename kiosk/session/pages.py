"""A PDF as pictures for the screen, in memory only."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import pypdfium2

from drivers.pdfium import PDFIUM

# A4 at 150 dpi: 1240 px across, sharp on a 1080 px wide screen and enough to zoom into.
DPI: Final = 150
MAX_PAGES: Final = 16


class BadDocument(Exception):
    """What the registry sent cannot be shown."""


def render(pdf: bytes) -> Sequence[bytes]:
    """Each page as PNG.

    Raises:
        BadDocument: Not a PDF, or more pages than anybody proofreads here.
    """
    with PDFIUM:
        return _pages(pdf)


def _pages(pdf: bytes) -> Sequence[bytes]:
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise BadDocument("not a PDF") from error
    try:
        if not 1 <= len(document) <= MAX_PAGES:
            raise BadDocument(f"{len(document)} pages")
        return [_png(page) for page in document]
    finally:
        document.close()


def _png(page: pypdfium2.PdfPage) -> bytes:
    bitmap = page.render(scale=DPI / 72, rev_byteorder=False)
    try:
        # Fast compression: the picture travels over a local socket and is dropped with the session.
        done, png = cv2.imencode(".png", bitmap.to_numpy(), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    finally:
        bitmap.close()
        page.close()
    if not done:
        raise BadDocument("a page cannot be drawn")
    return np.asarray(png).tobytes()
