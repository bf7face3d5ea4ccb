"""Sets documents with typst: one compiler a template, kept warm, in one thread of its own."""

import asyncio
import io
import json
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pypdfium2
import segno
import typst

from central.documents import words
from central.documents.content import Content

T = TypeVar("T")

_HERE = Path(__file__).parent
TEMPLATES = ("kk", "biodata", "akta_kelahiran", "akta_kematian", "skpwni")


class TypesetError(Exception):
    """A document could not be set. Carries no text of the document."""


@dataclass(frozen=True, slots=True)
class Page:
    """A document that was set."""

    pdf: bytes = field(repr=False)
    page_count: int


class Typesetter:
    """Turns contents into PDF.

    Args:
        verify_url: The QR leads to `<verify_url>/<token>`.
        official: Name of the head of office, and `official_nip` the number below it.
    """

    def __init__(self, verify_url: str, official: str, official_nip: str) -> None:
        self._verify_url = verify_url
        self._official = {"name": official, "nip": official_nip}
        self._compilers: dict[str, typst.Compiler] = {}
        self._fonts: typst.Fonts | None = None
        # The compiler belongs to the thread that made it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="typesetter")

    async def warm_up(self) -> None:
        """Load fonts and templates, so that the first resident does not wait for it (0.15 s measured)."""
        await self._run(self._warm_up)

    async def draft(self, content: Content, day: date) -> Page:
        """The page to proofread: watermarked, without QR, unsigned.

        Raises:
            TypesetError: The template or the contents are wrong.
        """
        return await self._run(lambda: self._set(content, day, None))

    async def original(self, content: Content, day: date, token: str) -> Page:
        """The page to sign. `day` is the day of issue, `token` what its QR ends with.

        Raises:
            TypesetError: The template or the contents are wrong.
        """
        url = f"{self._verify_url}/{token}"
        return await self._run(lambda: self._set(content, day, url))

    async def report(self, template: str, values: Mapping[str, Any], day: date) -> Page:
        """A page or more for the office itself: without QR, as many pages as it takes.

        Raises:
            TypesetError: The template or the values are wrong.
        """
        return await self._run(lambda: self._report(template, values, day))

    def close(self) -> None:
        """End the thread. May be called twice."""
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _warm_up(self) -> None:
        for name in TEMPLATES:
            self._compiler(name)

    def _compiler(self, name: str) -> typst.Compiler:
        if self._fonts is None:
            self._fonts = typst.Fonts(False, False, [str(_HERE / "fonts")])
        if name not in self._compilers:
            root = _HERE / "templates"
            self._compilers[name] = typst.Compiler(str(root / f"{name}.typ"), root=str(root), font_paths=self._fonts)
        return self._compilers[name]

    def _report(self, template: str, values: Mapping[str, Any], day: date) -> Page:
        return self._compile(template, values, {"draft": False, "day": words.long(day), "official": self._official})

    def _set(self, content: Content, day: date, url: str | None) -> Page:
        issue = {
            "draft": url is None,
            "day": words.long(day),
            "day_numeric": words.numeric(day),
            "qr": _qr(url) if url else "",
            "official": self._official,
        }
        page = self._compile(content.template, content.values, issue)
        if page.page_count != content.page_count:
            wanted = content.page_count
            raise TypesetError(f"template {content.template} took {page.page_count} pages, not {wanted}")
        return page

    def _compile(self, template: str, values: Mapping[str, Any], issue: Mapping[str, Any]) -> Page:
        data = json.dumps({"content": values, "issue": issue}, ensure_ascii=False)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", typst.TypstWarning)
                pdf = self._compiler(template).compile(format="pdf", sys_inputs={"data": data})
        except (typst.TypstError, typst.TypstWarning):
            # Diagnostics may quote the document's text: name the template only, and cut the chain of causes.
            raise TypesetError(f"template {template} could not be set") from None
        assert isinstance(pdf, bytes)
        with pypdfium2.PdfDocument(pdf) as document:
            return Page(pdf, len(document))


def _qr(url: str) -> str:
    """A QR code as SVG, error correction M: what the ministry's documents use is unconfirmed."""
    picture = io.BytesIO()
    segno.make_qr(url, error="m").save(picture, kind="svg", border=0, xmldecl=False, svgns=True)
    return picture.getvalue().decode("ascii")
