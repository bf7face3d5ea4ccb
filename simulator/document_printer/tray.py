"""Paper: sheets in the input tray, and what lies in the output tray as PDF and pictures."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from drivers.document_printer import pwg_raster
from drivers.pdfium import PDFIUM
from simulator.paper_feeder.path import Left

PICTURE_DPI = 110
CAPACITY_SHEETS = 250
LOW_SHEETS = 20


@dataclass(slots=True)
class Tray:
    """Both trays.

    Attributes:
        directory: Where printed sheets are kept, those taken too: page pictures and PDFs.
        sheets: Blank sheets left.
        pages: Pictures of the sheets in the output tray, or in the feeder's path.
        retracted: Those that the feeder drew back in.
        last_pdf: The newest document that came out, or what came out of it.
    """

    directory: Path
    sheets: int = CAPACITY_SHEETS
    pages: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    retracted: list[str] = field(default_factory=list)
    last_pdf: Path | None = None

    async def put(self, document: bytes, sheets: int, number: int) -> None:
        """The first `sheets` pages of a document have come out."""
        if not sheets:
            return
        name = f"print-{number}"
        self.last_pdf = self.directory / f"{name}.pdf"
        self.pages += await asyncio.to_thread(_draw, document, sheets, self.directory, name)

    def take(self) -> bool:
        """Take all; whether there was any."""
        self.taken += self.pages
        had, self.pages = bool(self.pages), []
        return had

    def leave(self, how: Left) -> None:
        """All have left the feeder's path."""
        if how is Left.RETRACTED:
            self.retracted += self.pages
            self.pages = []
        else:
            self.take()


def count_pages(document: bytes) -> int:
    """Pages of a PDF or PWG Raster document; 0 when it is neither."""
    try:
        with _opened(document) as pages:
            return len(pages)
    except ValueError:
        return 0


def _draw(document: bytes, sheets: int, directory: Path, name: str) -> list[str]:
    """Page pictures, and the document as PDF; gives the pictures' names."""
    pictures = [f"{name}-page-{number}.png" for number in range(1, sheets + 1)]
    with _opened(document) as pages:
        for index, picture in enumerate(pictures):
            pages.picture(index).save(directory / picture, compress_level=1)
        pages.save(sheets, directory / f"{name}.pdf")
    return pictures


class _Pages(Protocol):
    def __len__(self) -> int: ...

    def picture(self, index: int) -> Image.Image:
        """One page as it looks on paper."""

    def save(self, count: int, path: Path) -> None:
        """The first pages as PDF."""


class _Pdf:
    def __init__(self, raw: bytes) -> None:
        import pypdfium2

        self._raw = raw
        try:
            self._document: Any = pypdfium2.PdfDocument(raw)
        except pypdfium2.PdfiumError as wrong:
            raise ValueError("not a PDF") from wrong

    def __len__(self) -> int:
        return len(self._document)

    def picture(self, index: int) -> Image.Image:
        page = self._document[index]
        image: Image.Image = page.render(scale=PICTURE_DPI / 72).to_pil()
        page.close()
        return image

    def save(self, count: int, path: Path) -> None:
        if count == len(self):
            # As it came: a signature stays valid.
            path.write_bytes(self._raw)
            return
        import pypdfium2

        part: Any = pypdfium2.PdfDocument.new()
        try:
            part.import_pages(self._document, list(range(count)))
            part.save(str(path))
        finally:
            part.close()

    def close(self) -> None:
        self._document.close()


class _Raster:
    def __init__(self, raw: bytes) -> None:
        self._pages = [Image.fromarray(page) for page in pwg_raster.decode(raw)]

    def __len__(self) -> int:
        return len(self._pages)

    def picture(self, index: int) -> Image.Image:
        scale = PICTURE_DPI / pwg_raster.DPI
        page = self._pages[index]
        return page.resize((round(page.width * scale), round(page.height * scale)), Image.Resampling.LANCZOS)

    def save(self, count: int, path: Path) -> None:
        first, *rest = self._pages[:count]
        first.save(path, save_all=True, append_images=rest, resolution=pwg_raster.DPI)


@contextmanager
def _opened(document: bytes) -> Iterator[_Pages]:
    """The pages of a document. Raises ValueError when it is none."""
    if document.startswith(pwg_raster.SYNC_WORD):
        yield _Raster(document)
        return
    with PDFIUM:
        pages = _Pdf(document)
        try:
            yield pages
        finally:
            pages.close()
