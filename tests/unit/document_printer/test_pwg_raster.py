"""PWG Raster: read back by ourselves, and by CUPS's own reader."""

import ctypes
import ctypes.util
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from drivers.document_printer.document import MAX_RASTER_PAGES, PageMemory, to_raster
from drivers.document_printer.pwg_raster import DPI, HEADER_BYTES, SYNC_WORD, decode, encode_page
from tests.pdf_samples import blank_pdf, text_pdf

Page = NDArray[np.uint8]


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """Small pages with blank lines among others."""
    width = draw(st.sampled_from([1, 2, 127, 128, 129, 257, 300]))
    kinds = draw(st.lists(st.sampled_from(["blank", "noise", "black"]), min_size=1, max_size=12))
    chance = np.random.default_rng(draw(st.integers(0, 1000)))
    lines = {"blank": np.full(width, 255), "black": np.zeros(width), "noise": chance.integers(0, 256, width)}
    return np.array([lines[kind] for kind in kinds], np.uint8)


@given(st.lists(pages(), min_size=1, max_size=3))
def test_pages_are_read_as_written(document: list[Page]) -> None:
    raw = SYNC_WORD + b"".join(encode_page(page, len(document)) for page in document)
    read = decode(raw)
    assert len(read) == len(document)
    assert all(np.array_equal(a, b) for a, b in zip(read, document, strict=True))


def test_many_blank_lines_take_little_room() -> None:
    page = np.full((3508, 2480), 255, np.uint8)
    assert len(encode_page(page, 1)) <= HEADER_BYTES + 14 * (1 + 40)


class CupsHeader(ctypes.Structure):
    """The part of cups_page_header2_t that is compared; its layout is the file's."""

    _fields_ = (("raw", ctypes.c_ubyte * 1796),)


def test_cups_reads_the_same_pixels(tmp_path: Path) -> None:
    """An independent reader: libcups (cups/raster.h)."""
    library = ctypes.util.find_library("cups")
    assert library is not None
    cups = ctypes.CDLL(library)
    cups.cupsRasterOpen.restype = ctypes.c_void_p
    chance = np.random.default_rng(7)
    page = np.full((60, 333), 255, np.uint8)
    page[10:20] = chance.integers(0, 256, (10, 333))
    page[40] = 0
    path = tmp_path / "page.pwg"
    path.write_bytes(SYNC_WORD + encode_page(page, 1))
    file = os.open(path, os.O_RDONLY)
    try:
        raster = ctypes.c_void_p(cups.cupsRasterOpen(file, 0))
        header = CupsHeader()
        assert cups.cupsRasterReadHeader2(raster, ctypes.byref(header)) == 1
        words = struct.unpack_from("=II", bytes(header.raw), 372)
        assert words == (333, 60)
        assert struct.unpack_from("=II", bytes(header.raw), 276) == (DPI, DPI)
        assert bytes(header.raw)[1732:1748] == b"iso_a4_210x297mm"
        read = np.empty_like(page)
        wanted = page.size
        assert cups.cupsRasterReadPixels(raster, read.ctypes.data_as(ctypes.c_void_p), wanted) == wanted
        cups.cupsRasterClose(raster)
    finally:
        os.close(file)
    assert np.array_equal(read, page)


@given(st.binary(max_size=200))
def test_nonsense_is_refused_never_a_crash(raw: bytes) -> None:
    good = encode_page(np.full((3, 5), 255, np.uint8), 1)[:HEADER_BYTES]
    for start in (b"", SYNC_WORD, SYNC_WORD + good):
        try:
            decode(start + raw)
        except ValueError:
            continue


def test_an_a4_document_becomes_pages_of_300_dpi_upright() -> None:
    read = decode(to_raster(blank_pdf(2, (842.0, 595.0))))
    assert [page.shape for page in read] == [(3509, 2480)] * 2


def test_a_document_too_long_for_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        to_raster(blank_pdf(MAX_RASTER_PAGES + 1))


def test_memory_kept_from_document_to_document_holds_nothing_of_the_one_before() -> None:
    memory = PageMemory()
    printed = to_raster(text_pdf(), memory)
    assert min(page.min() for page in decode(printed)) == 0
    assert not any(memory.bitmap(2480, 3508, 1).buffer)
    assert min(page.min() for page in decode(to_raster(blank_pdf(2), memory))) == 255
    assert to_raster(text_pdf(), memory) == printed
