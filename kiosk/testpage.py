"""A4 test page as PDF: alignment marks at 10 mm, a grey ramp, and the words UJI / TEST."""

from typing import Final

_MM: Final = 72 / 25.4
_WIDTH: Final = 210 * _MM
_HEIGHT: Final = 297 * _MM


def a4_test_page() -> bytes:
    """One page, no personal data."""
    content = "\n".join([*_marks(), *_ramp(), *_words()]).encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.3f %.3f] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>" % (_WIDTH, _HEIGHT),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold >>",
    ]
    pdf = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(pdf)
    pdf += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    pdf += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    pdf += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(pdf)


def _marks() -> list[str]:
    """A cross 10 mm from each corner."""
    near, lines = 10 * _MM, ["0.5 w"]
    for x in (near, _WIDTH - near):
        for y in (near, _HEIGHT - near):
            arm = 5 * _MM
            lines.append(f"{x - arm:.2f} {y:.2f} m {x + arm:.2f} {y:.2f} l S")
            lines.append(f"{x:.2f} {y - arm:.2f} m {x:.2f} {y + arm:.2f} l S")
    return lines


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
