"""What a Zebra TTP kiosk printer's presenter is told and says; no I/O here.

Source: Zebra TTP 8000 Technical Manual P1003638-003 (2009-10-19), pages 51 (ESC FF, EM), 56 (ESC ENQ 1, table 8) and
59 (ESC ENQ 6, table 9). Not confirmed on hardware; the order of the bits of ESC ENQ 6 is read from the table's masks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drivers.errors import ProtocolError
from drivers.paper_feeder.page import Fault
from drivers.paper_feeder.port import SheetAt
from drivers.status import DeviceState, MediaState, PaperState

ASK_CODE: Final = b"\x1b\x05\x01"
"""ESC ENQ 1: ACK, or NAK and one status code. Answered at once."""
ASK_STATUS: Final = b"\x1b\x05\x06"
"""ESC ENQ 6: two bytes. Answered at once."""
EJECT: Final = b"\x19\x00"
"""EM 0: let the presented page go."""
RETRACT: Final = b"\x19\x64"
"""EM 100: draw it back in."""
ACK, NAK = 0x06, 0x15
MOST_PRESENT_MM: Final = 127


def present(length_mm: int) -> bytes:
    """ESC FF n: push the page out so far that it can be seen and pulled.

    Raises:
        ValueError: Not 1 to 127 mm.
    """
    if not 1 <= length_mm <= MOST_PRESENT_MM:
        raise ValueError(f"{length_mm} mm, not 1 to {MOST_PRESENT_MM}")
    return b"\x1b\x0c" + bytes((length_mm,))


@dataclass(frozen=True, slots=True)
class Sensors:
    """The two bytes of ESC ENQ 6."""

    code_available: bool
    paper_at_presenter: bool
    paper_at_bin: bool
    near_end: bool
    out: bool
    head_lifted: bool
    cutter_stuck: bool

    @classmethod
    def read(cls, answer: bytes) -> "Sensors":
        """Raises ProtocolError when it is not two bytes."""
        if len(answer) != 2:
            raise ProtocolError("a status is two bytes")
        first, second = answer
        return cls(
            code_available=bool(first & 0x80),
            paper_at_bin=bool(second & 0x80),
            head_lifted=bool(second & 0x20),
            cutter_stuck=bool(second & 0x10),
            paper_at_presenter=bool(second & 0x08),
            near_end=bool(second & 0x02),
            out=bool(second & 0x01),
        )


CODES: Final[Mapping[int, Fault]] = {
    0x01: Fault("paper left in the presenter", media=MediaState.JAMMED, sheet=SheetAt.GATE),
    0x02: Fault("cutter jammed", sheet=SheetAt.INSIDE),
    0x03: Fault("out of paper", DeviceState.ONLINE, paper=PaperState.OUT),
    0x04: Fault("print head lifted", DeviceState.USER_ERROR),
    0x05: Fault("paper did not come to the presenter", media=MediaState.JAMMED, sheet=SheetAt.INSIDE),
    0x06: Fault("print head too hot", DeviceState.DEVICE_BUSY),
    0x07: Fault("presenter does not run", sheet=SheetAt.UNKNOWN),
    0x08: Fault("paper jammed while it was drawn in", media=MediaState.JAMMED, sheet=SheetAt.UNKNOWN),
    0x0A: Fault("no black mark", DeviceState.ONLINE),
    0x0B: Fault("black marks not calibrated", DeviceState.ONLINE),
    0x0F: Fault("no firmware"),
    0x10: Fault("drawn in after its time", DeviceState.ONLINE, sheet=SheetAt.INSIDE),
    0x11: Fault("pauses to cool", DeviceState.DEVICE_BUSY),
}


def read_code(answer: bytes) -> tuple[int, int | None]:
    """How much of an answer to ESC ENQ 1 was used, and the code: 0 all is well, None when more is needed.

    Raises:
        ProtocolError: Not such an answer.
    """
    if not answer:
        return 0, None
    if answer[0] == ACK:
        return 1, 0
    if answer[0] != NAK:
        raise ProtocolError(f"{answer[0]:#04x} is neither ACK nor NAK")
    return (2, answer[1]) if len(answer) > 1 else (0, None)
