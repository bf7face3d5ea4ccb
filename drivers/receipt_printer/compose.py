"""Blocks to ESC/POS bytes, through python-escpos with the model's capability profile."""

from typing import Any

from drivers.receipt_printer.library import dummy_printer
from drivers.receipt_printer.port import Block, Heading, Paragraph, QrCode, Row, Rule
from drivers.receipt_printer.profiles import ReceiptProfile
from drivers.receipt_printer.text import CODE_PAGE, clean, row, wrap

MAX_QR_CHARACTERS = 300
_QR_WIDTH_SHARE = 0.55
"""Of the printable width: large enough for a telephone held by hand, small enough to save paper."""
_CUT_FEED_LINES = 6
"""Brings the last line past the blade (python-escpos feeds as much before a cut)."""


def compose(blocks: tuple[Block, ...], profile: ReceiptProfile, columns: int) -> bytes:
    """Everything from initialise to cut.

    Raises:
        ValueError: Nothing to print, or a QR code of more than 300 characters.
    """
    if not blocks:
        raise ValueError("a receipt without content")
    paper = _paper(profile)
    paper.hw("INIT")
    for block in blocks:
        _print_block(paper, block, profile, columns)
    if profile.cutter:
        paper.cut()
    else:
        paper.print_and_feed(_CUT_FEED_LINES)
    output: bytes = paper.output
    return output


def _print_block(paper: Any, block: Block, profile: ReceiptProfile, columns: int) -> None:
    match block:
        case Heading(text):
            paper.set(align="center", bold=True, double_height=True, double_width=True)
            _lines(paper, wrap(text, columns // 2))
        case Paragraph(text, centered, bold):
            paper.set_with_default(align="center" if centered else "left", bold=bold)
            _lines(paper, wrap(text, columns))
        case Row(label, value):
            paper.set_with_default(align="left")
            _lines(paper, row(label, value, columns))
        case Rule():
            paper.set_with_default(align="left")
            _lines(paper, ["─" * columns])
        case QrCode(text):
            _qr(paper, text, profile)


def _lines(paper: Any, lines: list[str]) -> None:
    for line in lines:
        paper.text(line + "\n")


def _qr(paper: Any, text: str, profile: ReceiptProfile) -> None:
    if not 0 < len(text) <= MAX_QR_CHARACTERS:
        raise ValueError(f"a QR code of {len(text)} characters, not 1 to {MAX_QR_CHARACTERS}")
    size = _module_dots(text, profile)
    if profile.native_qr:
        paper.set_with_default(align="center")
        _lines(paper, [""])
        paper.qr(clean(text), size=size, native=True)
        _lines(paper, [""])
    else:
        paper.set_with_default(align="left")
        paper.qr(clean(text), size=size, image_arguments={"impl": "bitImageRaster", "center": True})


def _module_dots(text: str, profile: ReceiptProfile) -> int:
    """Dots a QR module may take; the code's own side is estimated from the byte-mode table at level L."""
    for version, capacity in enumerate(_QR_BYTES_L, start=1):
        if len(clean(text).encode(CODE_PAGE)) <= capacity:
            modules = 17 + 4 * version
            return max(3, min(8, int(profile.width_dots * _QR_WIDTH_SHARE) // modules))
    raise ValueError("a QR code too large for a receipt")


_QR_BYTES_L = (17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321)
"""Bytes a QR code of version 1, 2, ... holds at level L (ISO/IEC 18004, table 7)."""


def _paper(profile: ReceiptProfile) -> Any:
    return dummy_printer()(profile=profile.name, magic_encode_args={"encoding": CODE_PAGE.upper()})
