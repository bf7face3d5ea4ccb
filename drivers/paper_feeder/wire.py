"""Frames of the paper feeder to bytes and back; no I/O here.

Framing as Creator's CRT-571/591 card transports document it; the command page is our own:
docs/protocols/paper-feeder.md.

    F2 ADDR LENH LENL | letter CM PM ... | 03 BCC

LEN counts from the letter through the data; BCC is the XOR of everything before it.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from operator import xor

STX, ETX = 0xF2, 0x03
MAX_DATA_BYTES = 512
_HEAD, _TAIL = 4, 2
_MAX_LENGTH = 3 + 3 + MAX_DATA_BYTES


class Control(IntEnum):
    """Single bytes between frames."""

    EOT = 0x04
    ACK = 0x06
    NAK = 0x15


_CONTROLS = frozenset(int(control) for control in Control)


class CommandCode(IntEnum):
    """CM."""

    INITIALISE = 0x30
    STATUS = 0x31
    MOVE = 0x32
    COUNTERS = 0xA5


@dataclass(frozen=True, slots=True)
class Command:
    """What the host says. The first byte of `data` is the sequence number."""

    code: int
    parameter: int
    data: bytes = b""
    address: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The command was carried out.

    Attributes:
        status: st0, st1, st2.
        data: The first byte is the command's sequence number.
    """

    code: int
    parameter: int
    status: bytes
    data: bytes = b""
    address: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """It was not.

    Attributes:
        error: Two characters, as b"10".
    """

    code: int
    parameter: int
    error: bytes
    data: bytes = b""
    address: int = 0


@dataclass(frozen=True, slots=True)
class Garbled:
    """A frame whose check is wrong; whoever got it answers NAK."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes between frames that mean nothing."""

    raw: bytes


Message = Command | Answer | Refusal
Item = Message | Control | Garbled | Noise


def encode(message: Message) -> bytes:
    """Bytes of a frame.

    Raises:
        ValueError: More than 512 bytes of data.
    """
    if len(message.data) > MAX_DATA_BYTES:
        raise ValueError(f"{len(message.data)} bytes of data, not at most {MAX_DATA_BYTES}")
    match message:
        case Command():
            letter, status = b"C", b""
        case Answer():
            letter, status = b"P", message.status
        case Refusal():
            letter, status = b"N", message.error
    body = letter + bytes((message.code, message.parameter)) + status + message.data
    frame = bytes((STX, message.address)) + len(body).to_bytes(2, "big") + body + bytes((ETX,))
    return frame + bytes((check(frame),))


def check(raw: bytes) -> int:
    """BCC."""
    return reduce(xor, raw, 0)


def decode(buffer: bytes) -> tuple[int, Item | None]:
    """The first item in `buffer` and how many bytes it took; (0, None) when more are needed."""
    if not buffer:
        return 0, None
    if buffer[0] in _CONTROLS:
        return 1, Control(buffer[0])
    if buffer[0] != STX:
        end = next((i for i, byte in enumerate(buffer) if byte == STX or byte in _CONTROLS), len(buffer))
        return end, Noise(buffer[:end])
    if len(buffer) < _HEAD:
        return 0, None
    length = int.from_bytes(buffer[2:4], "big")
    if not 3 <= length <= _MAX_LENGTH:
        # The length itself is damaged: nothing says where the frame ends.
        return 1, Garbled()
    end = _HEAD + length + _TAIL
    if len(buffer) < end:
        return 0, None
    frame = buffer[:end]
    if frame[-2] != ETX or check(frame[:-1]) != frame[-1]:
        return end, Garbled()
    return end, _message(frame[1], frame[_HEAD:-_TAIL]) or Garbled()


def _message(address: int, body: bytes) -> Message | None:
    letter, code, parameter, rest = body[:1], body[1], body[2], body[3:]
    if letter == b"C" and len(rest) <= MAX_DATA_BYTES:
        return Command(code, parameter, rest, address)
    if letter == b"P" and len(rest) >= 3:
        return Answer(code, parameter, rest[:3], rest[3:], address)
    if letter == b"N" and 2 <= len(rest) <= MAX_DATA_BYTES + 2:
        return Refusal(code, parameter, rest[:2], rest[2:], address)
    return None
