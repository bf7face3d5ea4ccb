"""A4 test page as PDF: alignment marks at 10 mm, a grey ramp, the words UJI / TEST, and codes for a camera."""

from typing import Final

import numpy as np
import zxingcpp

from drivers import pdf

_MM: Final = 72 / 25.4
_WIDTH: Final = 210 * _MM
_HEIGHT: Final = 297 * _MM


CODE_MM: Final = 45.0
_INSET_MM: Final = 20.0
MARK_ASPECT: Final = (210 - 2 * _INSET_MM - CODE_MM) / (297 - 2 * _INSET_MM - CODE_MM)
"""Width over height of the rectangle between the middles of the codes in the corners."""


def a4_test_page(nonce: str = "") -> bytes:
    """One page, no personal data.

    Args:
        nonce: Codes ADMUJI-nonce-TL, -TR, -BL, -BR and -MID are put into the corners and the middle; empty: none.
    """
    inside = _codes(nonce) if nonce else [*_ramp(), *_words()]
    content = "\n".join([*_marks(), *inside]).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.3f %.3f] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>" % (_WIDTH, _HEIGHT),
        pdf.stream(content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    ]
    return pdf.document(objects)


def _marks() -> list[str]:
    """A cross 10 mm from each corner."""
    near, lines = 10 * _MM, ["0.5 w"]
    for x in (near, _WIDTH - near):
        for y in (near, _HEIGHT - near):
            arm = 5 * _MM
            lines.append(f"{x - arm:.2f} {y:.2f} m {x + arm:.2f} {y:.2f} l S")
            lines.append(f"{x:.2f} {y - arm:.2f} m {x:.2f} {y + arm:.2f} l S")
    return lines


def _codes(nonce: str) -> list[str]:
    """QR codes (ISO/IEC 18004), large enough for a camera that sees the whole page."""
    right, top = 210 - _INSET_MM - CODE_MM, 297 - _INSET_MM - CODE_MM
    middle = ((210 - CODE_MM) / 2, (297 - CODE_MM) / 2)
    places = {
        "TL": (_INSET_MM, top),
        "TR": (right, top),
        "BL": (_INSET_MM, _INSET_MM),
        "BR": (right, _INSET_MM),
        "MID": middle,
    }
    lines = [
        f"BT /F1 14 Tf {_INSET_MM * _MM:.2f} {105 * _MM:.2f} Td (UJI / TEST. Bukan dokumen. Not a document.) Tj ET"
    ]
    for place, (x, y) in places.items():
        lines += _code(f"ADMUJI-{nonce}-{place}", x * _MM, y * _MM, CODE_MM * _MM)
    return lines


def _code(text: str, x: float, y: float, side: float) -> list[str]:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    dots = np.asarray(zxingcpp.write_barcode_to_image(made, scale=1, add_quiet_zones=False)) < 128
    rows, columns = np.nonzero(dots)
    dot = side / dots.shape[0]
    return [
        f"{x + column * dot:.2f} {y + side - (row + 1) * dot:.2f} {dot:.3f} {dot:.3f} re"
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ] + ["f"]


def _ramp() -> list[str]:
    """Eleven squares from black to white."""
    side, left, bottom = 15 * _MM, 22 * _MM, 120 * _MM
    return [
        f"{step / 10:.1f} g {left + step * side:.2f} {bottom:.2f} {side:.2f} {side:.2f} re f 0 g" for step in range(11)
    ]


def _words() -> list[str]:
    return [
        f"BT /F1 48 Tf {30 * _MM:.2f} {200 * _MM:.2f} Td (UJI / TEST) Tj ET",
        f"BT /F1 14 Tf {30 * _MM:.2f} {185 * _MM:.2f} Td (Bukan dokumen. Not a document.) Tj ET",
    ]
