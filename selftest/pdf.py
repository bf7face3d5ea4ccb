"""A report as PDF for the file: plain A4 pages, Helvetica, nothing but text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from drivers import pdf

_MM: Final = 72 / 25.4
_WIDTH, _HEIGHT = 210 * _MM, 297 * _MM
_LEFT, _TOP, _BOTTOM = 20 * _MM, 277 * _MM, 20 * _MM
_SIZE: Final = 9
_STEP: Final = 12.0
_WIDEST: Final = 100
_HEADS: Final = {
    "id": (
        "LAPORAN UJI MANDIRI",
        "Mesin",
        "Mulai",
        "Tingkat",
        "Hasil",
        "BAIK",
        "TIDAK BAIK",
        "Tanda tangan (SHA-256, ECDSA)",
    ),
    "en": (
        "SELF-TEST REPORT",
        "Machine",
        "Began",
        "Level",
        "Verdict",
        "WELL",
        "NOT WELL",
        "Signature (SHA-256, ECDSA)",
    ),
}


def as_pdf(report: Mapping[str, Any], signature: bytes, language: str) -> bytes:
    """The report as it is kept.

    Args:
        signature: Empty for one that could not be signed, and the page says so.
        language: id or en.
    """
    lines = list(_lines(report, signature, language))
    per_page = int((_TOP - _BOTTOM) / _STEP)
    pages = [lines[start : start + per_page] for start in range(0, len(lines), per_page)]
    return _document([_content(page, number, len(pages)) for number, page in enumerate(pages, start=1)])


def _lines(report: Mapping[str, Any], signature: bytes, language: str) -> Iterator[tuple[bool, str]]:
    """Bold or not, and the text."""
    title, machine, began, level, verdict, well, ill, signed = _HEADS[language]
    yield True, title + (" - SIMULASI" if report["simulation"] else "")
    yield False, f"{machine}: {report['machine_id']}"
    yield False, f"{began}: {report['began_at']}   {level}: {report['level']}   {report['seconds']} s"
    for name, one in sorted(report["versions"].items()):
        yield False, f"{name}: {one}"
    yield True, f"{verdict}: {well if report['well'] else ill}"
    yield False, ""
    for check in report["checks"]:
        outcome = str(check["outcome"]).upper()
        yield outcome not in ("PASS", "SKIPPED"), f"{outcome:<8} {check['title'][language]}  ({check['id']})"
        if check["reason"]:
            yield False, f"         {check['reason']}"
        if check["advice"]:
            yield False, f"         -> {check['advice'][language]} [{check['advice']['action']}]"
        for one in check["measurements"]:
            yield False, f"         {_measured(one)}"
        for name, value in sorted(check.get("facts", {}).items()):
            yield False, f"         {name}: {value}"
    yield False, ""
    yield False, f"{signed}: {signature.hex() or '-'}"


def _measured(one: Mapping[str, Any]) -> str:
    limits = [f">= {one['at_least']}"] if one["at_least"] is not None else []
    limits += [f"<= {one['at_most']}"] if one["at_most"] is not None else []
    trend = one["trend"]
    since = f", {trend['change']:+} / {trend['runs']}" if trend else ""
    bounds = f" ({' '.join(limits)})" if limits else ""
    return f"{one['name']} {one['value']} {one['unit']}{bounds}{since}"


def _content(lines: Sequence[tuple[bool, str]], page: int, pages: int) -> bytes:
    parts = ["BT", f"{_STEP} TL", f"{_LEFT:.2f} {_TOP:.2f} Td"]
    for bold, text in lines:
        for piece in _wrapped(text):
            parts.append(f"/F{2 if bold else 1} {_SIZE} Tf ({_escaped(piece)}) '")
    parts += ["ET", f"BT /F1 {_SIZE} Tf {_LEFT:.2f} {10 * _MM:.2f} Td ({page}/{pages}) Tj ET"]
    return "\n".join(parts).encode("cp1252", errors="replace")


def _wrapped(text: str) -> list[str]:
    return [text[start : start + _WIDEST] for start in range(0, len(text), _WIDEST)] or [""]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _document(contents: Sequence[bytes]) -> bytes:
    count = len(contents)
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(count))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode("ascii"),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    ]
    for number, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>" % (_WIDTH, _HEIGHT, 6 + 2 * number)
        )
        objects.append(pdf.stream(content))
    return pdf.document(objects)
