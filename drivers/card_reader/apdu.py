"""APDU codec of ISO/IEC 7816-4:2020 section 5: command cases 1 to 4, short and extended, and responses."""

from dataclasses import dataclass, field

from drivers.errors import ProtocolError

MIN_COMMAND_BYTES = 4
MAX_SHORT_DATA_BYTES = 255
MAX_SHORT_NE = 256
MAX_EXTENDED_DATA_BYTES = 65535
MAX_EXTENDED_NE = 65536


@dataclass(frozen=True, slots=True)
class Command:
    """One command APDU.

    Attributes:
        cla: Class byte.
        ins: Instruction byte.
        p1: First parameter byte.
        p2: Second parameter byte.
        data: Command data, up to 65,535 bytes; more than 255 makes the APDU extended. Not in the repr.
        ne: Most bytes of response data wanted, 0 for none, up to 65,536; more than 256 makes it extended.
        extended: Use the extended form even where the short one would do.
    """

    cla: int
    ins: int
    p1: int = 0
    p2: int = 0
    data: bytes = field(default=b"", repr=False)
    ne: int = 0
    extended: bool = False

    def __post_init__(self) -> None:
        if (self.cla | self.ins | self.p1 | self.p2) & ~0xFF:
            raise ValueError("an APDU header byte is 0 to 255")
        if len(self.data) > MAX_EXTENDED_DATA_BYTES:
            raise ValueError(f"an APDU carries at most {MAX_EXTENDED_DATA_BYTES} bytes")
        if not 0 <= self.ne <= MAX_EXTENDED_NE:
            raise ValueError(f"Ne is 0 to {MAX_EXTENDED_NE}")

    @property
    def is_extended(self) -> bool:
        """Whether `encode` gives the extended form; a case 1 command has only one form."""
        if not self.data and not self.ne:
            return False
        return self.extended or len(self.data) > MAX_SHORT_DATA_BYTES or self.ne > MAX_SHORT_NE

    def encode(self) -> bytes:
        """The bytes on the wire."""
        head = bytes((self.cla, self.ins, self.p1, self.p2))
        if not self.is_extended:
            body = bytes((len(self.data),)) + self.data if self.data else b""
            tail = bytes((self.ne % MAX_SHORT_NE,)) if self.ne else b""
            return head + body + tail
        body = b"\0" + len(self.data).to_bytes(2, "big") + self.data if self.data else b""
        tail = (self.ne % MAX_EXTENDED_NE).to_bytes(2, "big") if self.ne else b""
        return head + (body or b"\0") + tail

    @classmethod
    def decode(cls, buf: bytes) -> "Command":
        """Read one whole command.

        Raises:
            ProtocolError: The length fields do not agree with the length.
        """
        if len(buf) < MIN_COMMAND_BYTES:
            raise ProtocolError(f"an APDU has at least {MIN_COMMAND_BYTES} bytes, this one {len(buf)}")
        head, rest = buf[:4], buf[4:]
        data, ne, extended = _decode_body(rest)
        cla, ins, p1, p2 = head
        return cls(cla, ins, p1, p2, data, ne, extended)


def _decode_body(rest: bytes) -> tuple[bytes, int, bool]:
    if not rest:
        return b"", 0, False
    if len(rest) == 1:
        return b"", rest[0] or MAX_SHORT_NE, False
    if rest[0]:
        data, tail = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
        if len(data) == rest[0] and len(tail) <= 1:
            return data, (tail[0] or MAX_SHORT_NE) if tail else 0, False
    elif len(rest) == 3:
        return b"", int.from_bytes(rest[1:], "big") or MAX_EXTENDED_NE, True
    else:
        size = int.from_bytes(rest[1:3], "big")
        data, tail = rest[3 : 3 + size], rest[3 + size :]
        if size and len(data) == size and len(tail) in (0, 2):
            return data, (int.from_bytes(tail, "big") or MAX_EXTENDED_NE) if tail else 0, True
    raise ProtocolError(f"length fields of an APDU of {len(rest) + 4} bytes contradict its length")


@dataclass(frozen=True, slots=True)
class Response:
    """One response APDU.

    Attributes:
        data: Response data; not in the repr.
        sw: Status word, 0x0000 to 0xFFFF.
    """

    data: bytes = field(repr=False)
    sw: int

    @classmethod
    def decode(cls, buf: bytes, ne: int = MAX_EXTENDED_NE) -> "Response":
        """Read one whole response.

        Args:
            buf: Data and status word.
            ne: Most bytes of data that were asked for.

        Raises:
            ProtocolError: There is no status word, or more data than was asked for.
        """
        if len(buf) < 2:
            raise ProtocolError(f"a response has at least a status word, this one has {len(buf)} bytes")
        if len(buf) - 2 > ne:
            raise ProtocolError(f"{len(buf) - 2} bytes of response where at most {ne} were asked for")
        return cls(buf[:-2], int.from_bytes(buf[-2:], "big"))

    def encode(self) -> bytes:
        """The bytes on the wire."""
        return self.data + self.sw.to_bytes(2, "big")
