"""PWG Raster (PWG 5102.4-2012): A4 pages as 8-bit grey pixels for printers that take no PDF.

Every line is written as literals, blank lines as one repeat: a page is coded in a few milliseconds with
numpy, and the size matters little on a local cable.
"""

import itertools
import struct

import numpy as np
from numpy.typing import NDArray

SYNC_WORD = b"RaS2"
DPI = 300
HEADER_BYTES = 1796
MAX_LITERAL = 128
_MAX_REPEAT = 256
_SGRAY = 18
"""ColorSpace 18, sGray (section 4.3.2.3)."""
WHITE = 255


def encode_page(page: NDArray[np.uint8], pages: int, dpi: int = DPI) -> bytes:
    """One page of a document, to be put after `SYNC_WORD` and the pages before it.

    Args:
        page: (height, width), 0 black to 255 white.
        pages: Pages of the whole document.
    """
    return b"".join(page_parts(page, pages, dpi))


def page_parts(page: NDArray[np.uint8], pages: int, dpi: int = DPI) -> tuple[bytes, memoryview]:
    """The same in two parts, for whoever puts a document together."""
    return _header(page.shape[1], page.shape[0], dpi, pages), _lines(page).data


def decode(raw: bytes) -> list[NDArray[np.uint8]]:
    """Pages of a document made of such pages; for tests and for the virtual printer.

    Raises:
        ValueError: Not such a document.
    """
    if raw[:4] != SYNC_WORD:
        raise ValueError("not PWG Raster")
    at, pages = 4, []
    while at < len(raw):
        if len(raw) < at + HEADER_BYTES or not raw.startswith(b"PwgRaster\0", at):
            raise ValueError("PWG Raster header cut short")
        width, height = struct.unpack_from(">II", raw, at + 372)
        bits, per_pixel, bytes_per_line, _, space = struct.unpack_from(">IIIII", raw, at + 384)
        if (bits, per_pixel, bytes_per_line, space) != (8, 8, width, _SGRAY) or not 0 < width * height <= 1 << 28:
            raise ValueError("PWG Raster that is not 8-bit grey")
        page, at = _read_page(raw, at + HEADER_BYTES, width, height)
        pages.append(page)
    return pages


def _header(width: int, height: int, dpi: int, pages: int) -> bytes:
    """The page header (section 4.3, table 1); what is not set is zero."""
    head = bytearray(HEADER_BYTES)
    head[0:10] = b"PwgRaster\0"
    head[128:138] = b"stationery"  # MediaType
    struct.pack_into(">II", head, 276, dpi, dpi)  # HWResolution
    struct.pack_into(">I", head, 340, 1)  # NumCopies
    struct.pack_into(">II", head, 352, round(width * 72 / dpi), round(height * 72 / dpi))  # PageSize, points
    struct.pack_into(">II", head, 372, width, height)
    # BitsPerColor, BitsPerPixel, BytesPerLine, ColorOrder chunky, ColorSpace.
    struct.pack_into(">IIIII", head, 384, 8, 8, width, 0, _SGRAY)
    struct.pack_into(">I", head, 420, 1)  # NumColors
    struct.pack_into(">I", head, 452, pages)  # TotalPageCount
    struct.pack_into(">ii", head, 456, 1, 1)  # CrossFeedTransform, FeedTransform
    name = b"iso_a4_210x297mm"
    head[1732 : 1732 + len(name)] = name  # PageSizeName
    return bytes(head)


def _lines(page: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Section 4.4: a repeat count, then the line in runs. Written once, where it belongs: a page is 8.7 MB."""
    height, width = page.shape
    blank = np.frombuffer(_blank_line(width), np.uint8)
    coded_bytes = 1 + -(-width // MAX_LITERAL) + width
    is_blank = page.min(axis=1) == WHITE
    # Where blank and other lines change places.
    edges = [0, *(np.flatnonzero(np.diff(is_blank)) + 1).tolist(), height]
    spans = [(start, end, bool(is_blank[start])) for start, end in itertools.pairwise(edges)]
    size = sum(
        -(-(end - start) // _MAX_REPEAT) * (1 + len(blank)) if white else (end - start) * coded_bytes
        for start, end, white in spans
    )
    out, at = np.empty(size, np.uint8), 0
    for start, end, white in spans:
        if not white:
            lines = out[at : at + (end - start) * coded_bytes].reshape(end - start, coded_bytes)
            _write_literals(page[start:end], lines)
            at += lines.size
            continue
        for first in range(start, end, _MAX_REPEAT):
            out[at] = min(_MAX_REPEAT, end - first) - 1
            out[at + 1 : at + 1 + len(blank)] = blank
            at += 1 + len(blank)
    return out


def _write_literals(page: NDArray[np.uint8], lines: NDArray[np.uint8]) -> None:
    """Each line: repeat 0, then literal runs of up to 128 pixels, each with its count (257 - n)."""
    height, width = page.shape
    full, rest = divmod(width, MAX_LITERAL)
    lines[:, 0] = 0
    if full:
        runs = lines[:, 1 : 1 + full * (1 + MAX_LITERAL)].reshape(height, full, 1 + MAX_LITERAL)
        runs[:, :, 0] = 257 - MAX_LITERAL
        runs[:, :, 1:] = page[:, : full * MAX_LITERAL].reshape(height, full, MAX_LITERAL)
    if rest:
        # A single pixel is a repeat of one: count byte 0.
        lines[:, -1 - rest] = 257 - rest if rest > 1 else 0
        lines[:, -rest:] = page[:, -rest:]


def _blank_line(width: int) -> bytes:
    runs = (min(MAX_LITERAL, width - start) for start in range(0, width, MAX_LITERAL))
    return b"".join(bytes((count - 1, WHITE)) for count in runs)


def _read_page(raw: bytes, at: int, width: int, height: int) -> tuple[NDArray[np.uint8], int]:
    page = np.empty((height, width), np.uint8)
    row = 0
    try:
        while row < height:
            repeat = raw[at] + 1
            at += 1
            line = bytearray()
            while len(line) < width:
                count = raw[at]
                if count == MAX_LITERAL:
                    raise ValueError("PWG Raster run of a reserved kind")
                if count < MAX_LITERAL:
                    line += raw[at + 1 : at + 2] * (count + 1)
                    at += 2
                else:
                    line += raw[at + 1 : at + 258 - count]
                    at += 258 - count
            if len(line) != width or row + repeat > height:
                raise ValueError("PWG Raster line of the wrong length")
            page[row : row + repeat] = np.frombuffer(line, np.uint8)
            row += repeat
    except IndexError as short:
        raise ValueError("PWG Raster cut short") from short
    return page, at
