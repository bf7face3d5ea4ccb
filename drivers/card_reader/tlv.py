"""BER-TLV of ISO/IEC 7816-4:2020 section 6.3: tags up to 3 bytes, definite lengths up to 3 bytes more."""

from collections.abc import Iterator

from drivers.errors import ProtocolError

_LONG_TAG = 0x1F
_MAX_TAG_BYTES = 3
_MAX_LENGTH_BYTES = 3


def encode(tag: int, value: bytes) -> bytes:
    """One data object, with the shortest length field.

    Raises:
        ValueError: The tag is none, or the value is over 16 MB.
    """
    raw_tag = tag.to_bytes((max(tag.bit_length(), 1) + 7) // 8, "big")
    if _tag_size(raw_tag) != len(raw_tag):
        raise ValueError(f"{tag:X} is no BER-TLV tag")
    size = len(value)
    if size < 0x80:
        return raw_tag + bytes((size,)) + value
    raw_size = size.to_bytes((size.bit_length() + 7) // 8, "big")
    if len(raw_size) > _MAX_LENGTH_BYTES:
        raise ValueError("a value is at most 16 MB")
    return raw_tag + bytes((0x80 | len(raw_size),)) + raw_size + value


def decode(buf: bytes) -> tuple[int, tuple[int, bytes] | None]:
    """Read the first data object of `buf`.

    Returns:
        Bytes used and (tag, value); (0, None) when more bytes are needed.

    Raises:
        ProtocolError: No more bytes can make this a data object.
    """
    tag_size = _tag_size(buf)
    if not tag_size or len(buf) <= tag_size:
        return 0, None
    tag, first = int.from_bytes(buf[:tag_size], "big"), buf[tag_size]
    at = tag_size + 1
    size = first
    if first >= 0x80:
        count = first & 0x7F
        if not 1 <= count <= _MAX_LENGTH_BYTES:
            raise ProtocolError(f"a TLV length field of {count} bytes")
        if len(buf) < at + count:
            return 0, None
        size = int.from_bytes(buf[at : at + count], "big")
        at += count
    if len(buf) < at + size:
        return 0, None
    return at + size, (tag, buf[at : at + size])


def decode_all(buf: bytes) -> Iterator[tuple[int, bytes]]:
    """All data objects of a complete buffer.

    Raises:
        ProtocolError: The buffer does not end where its last object ends.
    """
    while buf:
        used, item = decode(buf)
        if item is None:
            raise ProtocolError("a TLV object is cut short")
        yield item
        buf = buf[used:]


def _tag_size(buf: bytes) -> int:
    """Size of the tag that `buf` begins with, 0 when it is not all there."""
    if not buf:
        return 0
    if buf[0] & _LONG_TAG != _LONG_TAG:
        return 1
    for size in range(2, _MAX_TAG_BYTES + 1):
        if len(buf) < size:
            return 0
        if not buf[size - 1] & 0x80:
            return size
    raise ProtocolError("a TLV tag of more than 3 bytes")
