"""What an ESC/POS printer says, to facts; and the questions it is asked.

Source: Epson ESC/POS command reference, DLE EOT, GS r, GS a (automatic status back), GS ( H. The fixed bits
of each answer tell them apart; a byte that is none of them is skipped.
"""

from collections.abc import Mapping
from dataclasses import dataclass

ASK_STATUS = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
"""DLE EOT 1-4, answered at once even while printing; four bytes come back in this order."""
ASK_PAPER = b"\x1dr\x01"
"""GS r 1, answered in turn, after the data before it."""
CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8: forget what has not been printed."""
AUTOMATIC_ON = b"\x1da\x0e"
"""GS a 14: say at once, and whenever it changes, whether it is online, in error, and how the roll is. ESC @ ends it."""
AUTOMATIC_OFF = b"\x1da\x00"
COUNTED = {"lines_fed": 148, "cuts": 178}
"""n of GS g 2 (Epson's ESC/POS reference, "GS g 2", cumulative maintenance counters)."""
PROCESS_ID_BYTES = 4


def ask_counter(what: str) -> bytes:
    """GS g 2 0 nL nH, answered in the form of `About` with a decimal number."""
    return b"\x1dg2\x00" + COUNTED[what].to_bytes(2, "little")


def ask_process_id(number: bytes) -> bytes:
    """GS ( H function 48: say this number when everything before it is printed.

    Args:
        number: Four bytes from 0x20 to 0x7e.
    """
    if len(number) != PROCESS_ID_BYTES or not all(0x20 <= byte <= 0x7E for byte in number):
        raise ValueError("a process id is four printable bytes")
    return b"\x1d(H\x06\x00\x30\x30" + number


@dataclass(frozen=True, slots=True)
class RealTime:
    """One byte of DLE EOT; which one it answers is known only from the order."""

    value: int


@dataclass(frozen=True, slots=True)
class PaperStatus:
    """The byte of GS r 1."""

    value: int


@dataclass(frozen=True, slots=True)
class ProcessId:
    """Everything before this number's question has been printed."""

    number: bytes


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes sent unasked (ASB)."""

    value: bytes


@dataclass(frozen=True, slots=True)
class BufferCleared:
    """The answer to DLE DC4 8."""


@dataclass(frozen=True, slots=True)
class About:
    """The answer to GS I and GS g 2: 5F, up to 80 printable characters, 00."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Noise:
    """A byte that is no answer."""

    value: int


Reply = RealTime | PaperStatus | ProcessId | AutomaticStatus | BufferCleared | About | Noise
ABOUT: Mapping[str, int] = {"firmware": 65, "maker": 66, "model": 67, "serial": 68}
"""n of GS I (Epson's ESC/POS reference, "GS I", printer information B)."""
_ABOUT_BYTES = 82


def ask_about(what: str) -> bytes:
    """GS I n."""
    return b"\x1dI" + bytes((ABOUT[what],))


def decode(buffer: bytes) -> tuple[int, Reply | None]:
    """The first answer in `buffer` and how many bytes it took; (0, None) when more are needed."""
    if not buffer:
        return 0, None
    first = buffer[0]
    if first & 0x93 == 0x12:
        return 1, RealTime(first)
    if first & 0x93 == 0x10:
        return _automatic(buffer)
    if first == 0x37:
        return _headed(buffer)
    if first == 0x5F:
        return _about(buffer)
    if first & 0x90 == 0:
        return 1, PaperStatus(first)
    return 1, Noise(first)


def _automatic(buffer: bytes) -> tuple[int, Reply | None]:
    rest = buffer[1:4]
    if any(byte & 0x90 for byte in rest):
        return 1, Noise(buffer[0])
    return (4, AutomaticStatus(buffer[:4])) if len(rest) == 3 else (0, None)


def _about(buffer: bytes) -> tuple[int, Reply | None]:
    for at, byte in enumerate(buffer[1:_ABOUT_BYTES], 1):
        if byte == 0:
            return at + 1, About(buffer[1:at])
        if not 0x20 <= byte <= 0x7E:
            # No text, so no answer: a stray 5F must not swallow the statuses behind it.
            return 1, Noise(buffer[0])
    return (0, None) if len(buffer) < _ABOUT_BYTES else (1, Noise(buffer[0]))


def _headed(buffer: bytes) -> tuple[int, Reply | None]:
    """37 22 d1 d2 d3 d4 00 is a process id, 37 25 00 a cleared buffer."""
    length = {b"\x22": 7, b"\x25": 3, b"": 2}.get(buffer[1:2])
    if length is None:
        return 1, Noise(buffer[0])
    if len(buffer) < length:
        return 0, None
    if buffer[length - 1] != 0:
        return 1, Noise(buffer[0])
    return length, ProcessId(buffer[2:6]) if length == 7 else BufferCleared()


@dataclass(frozen=True, slots=True)
class Sensors:
    """The four DLE EOT bytes in words."""

    offline: bool
    cover_open: bool
    error: bool
    cutter_fault: bool
    unrecoverable: bool
    paper_near_end: bool
    paper_end: bool

    @classmethod
    def read(cls, printer: int, offline_cause: int, error_cause: int, paper: int) -> "Sensors":
        """From the answers to DLE EOT 1, 2, 3, 4."""
        return cls(
            offline=bool(printer & 0x08),
            cover_open=bool(offline_cause & 0x04),
            error=bool(offline_cause & 0x40),
            cutter_fault=bool(error_cause & 0x08),
            unrecoverable=bool(error_cause & 0x20),
            paper_near_end=bool(paper & 0x0C),
            paper_end=bool(paper & 0x60),
        )

    @classmethod
    def read_automatic(cls, status: bytes) -> "Sensors":
        """From the four bytes of an automatic status."""
        printer, error, roll, _ = status
        return cls(
            offline=bool(printer & 0x08),
            cover_open=bool(printer & 0x20),
            error=bool(error & 0x44),
            cutter_fault=bool(error & 0x08),
            unrecoverable=bool(error & 0x20),
            paper_near_end=bool(roll & 0x03),
            paper_end=bool(roll & 0x0C),
        )

    @property
    def ready(self) -> bool:
        """Whether it prints what it is sent."""
        faults = self.cover_open or self.error or self.cutter_fault or self.unrecoverable
        return not (self.offline or self.paper_end or faults)
