"""Whether a PDF is one the kiosk may print, found out before any paper moves."""

import ctypes
from typing import Any

from drivers.pdfium import PDFIUM

MAX_PAGES = 100
"""No document of the registry comes near it; a printer busy for half an hour is not to be had back."""
MAX_RASTER_PAGES = 20
"""A page of raster takes up to 9 MB."""
A4_POINTS = (595.276, 841.890)
"""210 x 297 mm in points of 1/72 inch."""
TOLERANCE_POINTS = 8.5
"""3 mm: PDF producers round, and "A4" of 595 x 842 is as common."""


def check_document(pdf: bytes) -> int:
    """Number of pages.

    Raises:
        ValueError: Not a PDF, broken, encrypted, not A4, empty, or over 100 pages; says which.
    """
    if not pdf.startswith(b"%PDF-"):
        raise ValueError("not a PDF")
    with PDFIUM:
        return _check(pdf)


class PageMemory:
    """Where one grey page is drawn, kept from page to page: new memory takes as long to be had as drawing on it."""

    def __init__(self) -> None:
        self._bytes: Any = (ctypes.c_ubyte * 0)()

    def bitmap(self, width: int, height: int, format: int, rev_byteorder: bool = False) -> Any:
        """A `bitmap_maker` of pypdfium2 for grey bitmaps, one at a time."""
        import pypdfium2

        if len(self._bytes) < width * height:
            self._bytes = (ctypes.c_ubyte * (width * height))()
        return pypdfium2.PdfBitmap.new_native(width, height, format, rev_byteorder, buffer=self._bytes)

    def wipe(self) -> None:
        """Forget what was drawn: it is somebody's document."""
        ctypes.memset(self._bytes, 0, len(self._bytes))


def to_raster(pdf: bytes, memory: PageMemory | None = None) -> bytes:
    """A document that was checked as PWG Raster, 300 dpi grey, for printers that take no PDF.

    Args:
        memory: Kept by whoever rasters more than once; left empty.

    Raises:
        ValueError: More pages than there should be memory for.
    """
    import pypdfium2

    from drivers.document_printer.pwg_raster import DPI, SYNC_WORD, page_parts

    memory = memory or PageMemory()
    with PDFIUM:
        document: Any = pypdfium2.PdfDocument(pdf)
        try:
            pages = len(document)
            if pages > MAX_RASTER_PAGES:
                raise ValueError(f"{pages} pages are too many for a printer that takes no PDF")
            parts: list[bytes | memoryview] = [SYNC_WORD]
            for index in range(pages):
                page = document[index]
                bitmap = page.render(
                    scale=DPI / 72, grayscale=True, rotation=_upright(page), bitmap_maker=memory.bitmap
                )
                parts += page_parts(bitmap.to_numpy(), pages)
                bitmap.close()
                page.close()
            return b"".join(parts)
        finally:
            document.close()
            memory.wipe()


def _upright(page: Any) -> int:
    """Degrees to turn a lying page, so that it fits the sheet."""
    width, height = page.get_size()
    return 90 if width > height else 0


def _check(pdf: bytes) -> int:
    import pypdfium2

    try:
        document: Any = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as wrong:
        encrypted = wrong.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise ValueError("the PDF is encrypted" if encrypted else "the PDF is broken") from wrong
    try:
        if pypdfium2.raw.FPDF_GetSecurityHandlerRevision(document) >= 0:
            # It opens without a password, and printers may ask for its owner's all the same.
            raise ValueError("the PDF is encrypted")
        return _check_pages(document)
    finally:
        document.close()


def _check_pages(document: Any) -> int:
    pages = len(document)
    if not 1 <= pages <= MAX_PAGES:
        raise ValueError(f"a document of {pages} pages, not 1 to {MAX_PAGES}")
    for index in range(pages):
        width, height = document.get_page_size(index)
        if not _is_a4(min(width, height), max(width, height)):
            raise ValueError(f"page {index + 1} is {width:.0f} x {height:.0f} points, not A4")
    return pages


def _is_a4(short: float, long: float) -> bool:
    return all(abs(a - b) <= TOLERANCE_POINTS for a, b in zip((short, long), A4_POINTS, strict=True))
