"""Paper: sheets in the input tray, and what lies in the output tray as PDF and pictures."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from drivers.pdfium import PDFIUM

PICTURE_DPI = 110
CAPACITY_SHEETS = 250
LOW_SHEETS = 20


@dataclass(slots=True)
class Tray:
    """Both trays.

    Attributes:
        directory: Where printed sheets are kept, those taken too: page pictures and PDFs.
        sheets: Blank sheets left.
        pages: Pictures of the sheets in the output tray.
        last_pdf: The newest document that came out, or what came out of it.
    """

    directory: Path
    sheets: int = CAPACITY_SHEETS
    pages: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    last_pdf: Path | None = None

    async def put(self, pdf: bytes, sheets: int, number: int) -> None:
        """The first `sheets` pages of a document have come out."""
        if not sheets:
            return
        name = f"print-{number}"
        self.last_pdf = self.directory / f"{name}.pdf"
        self.pages += await asyncio.to_thread(_draw, pdf, sheets, self.directory, name)

    def take(self) -> bool:
        """Take all; whether there was any."""
        self.taken += self.pages
        had, self.pages = bool(self.pages), []
        return had


def count_pages(pdf: bytes) -> int:
    """Pages of a document; 0 when it is none."""
    import pypdfium2

    with PDFIUM:
        try:
            document: Any = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError:
            return 0
        try:
            return len(document)
        finally:
            document.close()


def _draw(pdf: bytes, sheets: int, directory: Path, name: str) -> list[str]:
    import pypdfium2

    pictures = []
    with PDFIUM:
        document: Any = pypdfium2.PdfDocument(pdf)
        try:
            for index in range(sheets):
                picture = f"{name}-page-{index + 1}.png"
                page = document[index]
                page.render(scale=PICTURE_DPI / 72).to_pil().save(directory / picture, compress_level=1)
                page.close()
                pictures.append(picture)
            if sheets == len(document):
                # As it came: a signature stays valid.
                (directory / f"{name}.pdf").write_bytes(pdf)
            else:
                _save_part(pypdfium2.PdfDocument.new(), document, sheets, directory / f"{name}.pdf")
        finally:
            document.close()
    return pictures


def _save_part(part: Any, document: Any, sheets: int, path: Path) -> None:
    try:
        part.import_pages(document, list(range(sheets)))
        part.save(str(path))
    finally:
        part.close()
