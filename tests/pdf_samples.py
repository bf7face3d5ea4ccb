"""PDF documents for tests."""

import io

A4 = (595.0, 842.0)


def blank_pdf(pages: int = 1, size: tuple[float, float] = A4) -> bytes:
    """A PDF of empty pages; size in points."""
    import pypdfium2

    from drivers.pdfium import PDFIUM

    with PDFIUM:
        document = pypdfium2.PdfDocument.new()
        for _ in range(pages):
            document.new_page(*size).close()
        raw = io.BytesIO()
        document.save(raw)
        document.close()
    return raw.getvalue()


def text_pdf() -> bytes:
    """One A4 page full of text."""
    import typst

    source = '#set page(paper: "a4")\n#set text(size: 10pt)\n#lorem(700)\n'
    return typst.compile(source.encode(), format="pdf")
