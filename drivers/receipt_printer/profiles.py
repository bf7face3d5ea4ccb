"""What each receipt printer model can do, beyond what python-escpos's capability database knows.

`name` is the model's name in that database (python-escpos 3.1, capabilities.json), which gives code pages,
fonts and widths. Acknowledgements are from Epson's ESC/POS command reference; those marked so are not
confirmed on hardware.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Acknowledgement(StrEnum):
    """How a model tells that everything sent so far has been printed."""

    PROCESS_ID = "process-id"
    """GS ( H function 48: answers with our number once it is through."""
    PAPER_STATUS = "paper-status"
    """GS r 1: answered in turn, after what came before it."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReceiptProfile:
    """One model.

    Attributes:
        columns: Characters of font A on a line.
        width_dots: Printable dots on a line.
        native_qr: Whether it draws QR codes itself (GS ( k).
        cutter: Whether it can cut.
        clears_buffer: Whether DLE DC4 8 throws away what it has not printed (unconfirmed where true).
        automatic_status: Whether it says by itself what changes while it prints (GS a; unconfirmed where true).
        counts: Whether it tells its maintenance counters (GS g 2; unconfirmed where true).
    """

    name: str
    columns: int
    width_dots: int
    native_qr: bool
    cutter: bool
    acknowledgement: Acknowledgement
    clears_buffer: bool
    automatic_status: bool = False
    counts: bool = False


PROFILES: Mapping[str, ReceiptProfile] = {
    profile.name: profile
    for profile in (
        ReceiptProfile("TM-T20II", 48, 576, True, True, Acknowledgement.PROCESS_ID, True, True, counts=True),
        ReceiptProfile("TM-T88V", 42, 512, True, True, Acknowledgement.PROCESS_ID, True, True, counts=True),
        ReceiptProfile("RP-F10-80mm", 48, 576, True, True, Acknowledgement.PAPER_STATUS, False),
        ReceiptProfile("RP-F10-58mm", 36, 432, True, True, Acknowledgement.PAPER_STATUS, False),
        ReceiptProfile("KR-306", 48, 576, False, True, Acknowledgement.PAPER_STATUS, False),
        ReceiptProfile("POS-5890", 32, 384, False, False, Acknowledgement.PAPER_STATUS, False),
    )
}
