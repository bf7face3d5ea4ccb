"""Which PDFs are printed at all."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.document_printer.document import MAX_PAGES, check_document
from tests.pdf_samples import A4, blank_pdf


@pytest.mark.parametrize("size", [A4, (842.0, 595.0), (595.276, 841.89), (590.0, 846.0)])
def test_a4_upright_or_lying_is_taken(size: tuple[float, float]) -> None:
    assert check_document(blank_pdf(2, size)) == 2


@pytest.mark.parametrize("size", [(612.0, 792.0), (420.0, 595.0), (842.0, 1191.0), (10.0, 10.0)])
def test_other_sizes_are_refused(size: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="not A4"):
        check_document(blank_pdf(1, size))


def test_the_longest_document_is_taken_and_a_longer_one_refused() -> None:
    assert check_document(blank_pdf(MAX_PAGES)) == MAX_PAGES
    for pages in (MAX_PAGES + 1, 300):
        with pytest.raises(ValueError, match=f"{pages} pages"):
            check_document(blank_pdf(pages))


@pytest.mark.parametrize("password", ["user", ""], ids=["to open", "to change"])
def test_a_document_with_a_password_is_refused(password: str) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(blank_pdf())))
    writer.encrypt("owner", password)
    raw = io.BytesIO()
    writer.write(raw)
    with pytest.raises(ValueError, match="encrypted"):
        check_document(raw.getvalue())


@pytest.mark.parametrize("raw", [b"", b"%PDF-", b"%PDF-1.7\nhello", b"\x89PNG\r\n", b"%!PS-Adobe-3.0"])
def test_what_is_no_pdf_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a PDF|broken"):
        check_document(raw)


@given(st.data())
def test_a_pdf_cut_short_is_refused_or_still_whole(data: st.DataObject) -> None:
    raw = blank_pdf()
    cut = data.draw(st.integers(0, len(raw) - 1))
    try:
        assert check_document(raw[:cut]) == 1
    except ValueError:
        return
