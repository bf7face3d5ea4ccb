"""SAM slots that a combined reader reaches only by a vendor escape, as data."""

from dataclasses import dataclass

from drivers.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class SamEscape:
    """How one reader model passes an APDU to its SAM.

    The values are in the reader's manual; none is built in, since none could be tried on the real thing.

    Attributes:
        control_code: For SCardControl, the number inside SCARD_CTL_CODE: 3500 for IOCTL_CCID_ESCAPE in most
            readers; None sends the escape as an APDU of the contactless slot instead.
        head: Bytes before the APDU.
        length_bytes: Size of a big-endian length field between head and APDU, 0 for none.
        tail: Bytes after the APDU.
        strip_head_bytes: Bytes of the answer before the SAM's own.
        strip_tail_bytes: Bytes of the answer after the SAM's own, as the reader's own status word.
        good_tail: What those last bytes are when the reader passed the APDU on; empty to accept any.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # read by pydantic, which wants a plain dict

    control_code: int | None = 3500
    head: bytes = b""
    length_bytes: int = 0
    tail: bytes = b""
    strip_head_bytes: int = 0
    strip_tail_bytes: int = 0
    good_tail: bytes = b""

    def wrap(self, apdu: bytes) -> bytes:
        """The escape that carries this APDU."""
        length = len(apdu).to_bytes(self.length_bytes, "big") if self.length_bytes else b""
        return self.head + length + apdu + self.tail

    def unwrap(self, answer: bytes) -> bytes:
        """The SAM's answer inside the reader's.

        Raises:
            ProtocolError: Too short, or the reader says that it did not pass the APDU on.
        """
        end = len(answer) - self.strip_tail_bytes
        if end < self.strip_head_bytes:
            raise ProtocolError(f"an escape's answer of {len(answer)} bytes")
        if self.good_tail and answer[end:] != self.good_tail:
            raise ProtocolError("the reader did not pass the APDU to its SAM")
        return answer[self.strip_head_bytes : end]
