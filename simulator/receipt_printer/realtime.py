"""Real-time commands: a printer obeys them as they arrive, whatever waits in its buffer.

They are looked for in the raw stream, images included, as Epson's printers do ("if data in a bit image
happens to be the same as DLE EOT, it is executed as that command": ESC/POS command reference, DLE EOT).
"""

from dataclasses import dataclass

CLEAR_BUFFER = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8 with its fixed parameters."""


@dataclass(frozen=True, slots=True)
class Ask:
    """DLE EOT n."""

    number: int


@dataclass(frozen=True, slots=True)
class Recover:
    """DLE ENQ n: 1 go on, 2 go on without what was in the buffer."""

    number: int


@dataclass(frozen=True, slots=True)
class ClearBuffer:
    """DLE DC4 8."""


RealTimeCommand = Ask | Recover | ClearBuffer


class Scanner:
    """Finds real-time commands in a stream that comes in pieces."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[RealTimeCommand]:
        """Commands completed by this piece."""
        found: list[RealTimeCommand] = []
        stream = self._tail + data
        at = 0
        while (at := stream.find(b"\x10", at)) >= 0:
            used, command = _read(stream[at : at + len(CLEAR_BUFFER)])
            if not used:
                break
            if command is not None:
                found.append(command)
            at += used
        self._tail = stream[at:] if at >= 0 else b""
        return found


def _read(raw: bytes) -> tuple[int, RealTimeCommand | None]:
    """What stands at the DLE; 0 when it may become a command with more bytes."""
    if len(raw) < 3:
        return (0, None) if raw[1:] in (b"", b"\x04", b"\x05", b"\x14") else (1, None)
    if raw[1] == 0x04 and 1 <= raw[2] <= 4:
        return 3, Ask(raw[2])
    if raw[1] == 0x05 and raw[2] in (1, 2):
        return 3, Recover(raw[2])
    if raw == CLEAR_BUFFER:
        return len(raw), ClearBuffer()
    return (0, None) if CLEAR_BUFFER.startswith(raw) else (1, None)
