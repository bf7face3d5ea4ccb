"""IPP messages to bytes and back; no HTTP here.

Source: RFC 8010 (encoding), section 3. An attribute value keeps its syntax tag, so that what was read can be
written again. Values: int for integer and enum, bool, str for everything that is text, (low, high) for
ranges, a tuple of attributes for collections, None for the out-of-band values, bytes for the rest.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from drivers.errors import ProtocolError

VERSION = (2, 0)
MAX_DEPTH = 8
"""Collections inside collections."""


class Group(IntEnum):
    """Delimiter tags (RFC 8010 section 3.5.1)."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    UNSUPPORTED = 0x05


class Tag(IntEnum):
    """Value tags (RFC 8010 section 3.5.2) that are told apart here."""

    UNSUPPORTED = 0x10
    UNKNOWN = 0x12
    NO_VALUE = 0x13
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    OCTET_STRING = 0x30
    DATE_TIME = 0x31
    RESOLUTION = 0x32
    RANGE = 0x33
    COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    URI_SCHEME = 0x46
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49
    MEMBER_NAME = 0x4A


@dataclass(frozen=True, slots=True)
class Range:
    """rangeOfInteger, both ends included."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Value:
    """One value with its syntax."""

    tag: int
    data: "int | bool | str | bytes | Range | tuple[Attribute, ...] | None"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and its values; a member of a collection too."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response.

    Attributes:
        code: Operation id of a request, status code of a response.
        groups: Delimiter tag and attributes, in order.
    """

    code: int
    request_id: int
    groups: tuple[tuple[int, tuple[Attribute, ...]], ...]
    version: tuple[int, int] = VERSION

    def attributes(self, group: int) -> dict[str, tuple[Value, ...]]:
        """Attributes of the first group of this kind, by name."""
        return next(iter(self.every(group)), {})

    def every(self, group: int) -> list[dict[str, tuple[Value, ...]]]:
        """Attributes of each group of this kind: one for each job in an answer to Get-Jobs."""
        return [
            {attribute.name: attribute.values for attribute in attributes}
            for tag, attributes in self.groups
            if tag == group
        ]


def attribute(name: str, tag: int, *data: int | bool | str | bytes) -> Attribute:
    """An attribute whose values have one syntax."""
    return Attribute(name, tuple(Value(tag, item) for item in data))


def encode(message: Message) -> bytes:
    """Bytes of a message, to be followed by the document if there is one."""
    parts = [struct.pack(">BBHI", *message.version, message.code, message.request_id)]
    for tag, attributes in message.groups:
        parts.append(bytes((tag,)))
        parts.extend(_encode_attribute(item) for item in attributes)
    parts.append(bytes((Group.END,)))
    return b"".join(parts)


def decode(buffer: bytes) -> tuple[int, Message]:
    """A message and where the document after it begins.

    Raises:
        ProtocolError: Cut short, or not IPP.
    """
    reader = _Reader(buffer)
    major, minor, code, request_id = struct.unpack(">BBHI", reader.take(8))
    groups: list[tuple[int, tuple[Attribute, ...]]] = []
    attributes: list[Attribute] = []
    tag = reader.byte()
    while tag != Group.END:
        if tag >= 0x10:
            raise ProtocolError(f"IPP value tag {tag:#04x} outside a group")
        group = tag
        attributes = []
        while (tag := reader.byte()) >= 0x10:
            name = reader.text()
            value = reader.value(tag, 0)
            if name:
                attributes.append(Attribute(name, (value,)))
            elif attributes:
                last = attributes[-1]
                attributes[-1] = Attribute(last.name, (*last.values, value))
            else:
                raise ProtocolError("an IPP value without a name")
        groups.append((group, tuple(attributes)))
    return reader.at, Message(code, request_id, tuple(groups), (major, minor))


def _encode_attribute(item: Attribute) -> bytes:
    parts = []
    name = item.name.encode("ascii")
    for value in item.values:
        parts.append(struct.pack(">BH", value.tag, len(name)) + name + _encode_value(value))
        name = b""
    return b"".join(parts)


def _encode_value(value: Value) -> bytes:
    """Length and bytes; a collection brings its members and its end."""
    data = value.data
    match data:
        case None:
            raw = b""
        case bool():
            raw = bytes((data,))
        case int():
            raw = struct.pack(">i", data)
        case str():
            raw = data.encode()
        case bytes():
            raw = data
        case Range():
            raw = struct.pack(">ii", data.low, data.high)
        case tuple():
            members = b"".join(map(_encode_member, data))
            return b"\0\0" + members + struct.pack(">BHH", Tag.END_COLLECTION, 0, 0)
    if len(raw) > 0x7FFF:
        raise ValueError("an IPP value longer than 32,767 bytes")
    return struct.pack(">H", len(raw)) + raw


def _encode_member(item: Attribute) -> bytes:
    name = item.name.encode()
    parts = [struct.pack(">BHH", Tag.MEMBER_NAME, 0, len(name)) + name]
    parts += [struct.pack(">BH", value.tag, 0) + _encode_value(value) for value in item.values]
    return b"".join(parts)


class _Reader:
    """Walks over a message; every step checks that the bytes are there."""

    def __init__(self, buffer: bytes) -> None:
        self._buffer = buffer
        self.at = 0

    def take(self, count: int) -> bytes:
        raw = self._buffer[self.at : self.at + count]
        if len(raw) < count:
            raise ProtocolError("IPP message cut short")
        self.at += count
        return raw

    def byte(self) -> int:
        return self.take(1)[0]

    def text(self) -> str:
        return self._string(self._counted())

    def value(self, tag: int, depth: int) -> Value:
        raw = self._counted()
        if tag == Tag.COLLECTION:
            return Value(tag, self._members(depth + 1))
        if tag < 0x20:
            return Value(tag, None)
        if tag in (Tag.INTEGER, Tag.ENUM):
            return Value(tag, int.from_bytes(self._sized(raw, 4), "big", signed=True))
        if tag == Tag.BOOLEAN:
            return Value(tag, self._sized(raw, 1) != b"\0")
        if tag == Tag.RANGE:
            return Value(tag, Range(*struct.unpack(">ii", self._sized(raw, 8))))
        return Value(tag, self._string(raw) if Tag.TEXT <= tag <= Tag.MIME_TYPE else raw)

    def _members(self, depth: int) -> tuple[Attribute, ...]:
        if depth > MAX_DEPTH:
            raise ProtocolError("IPP collections too deep")
        members: list[Attribute] = []
        while (tag := self.byte()) != Tag.END_COLLECTION:
            self._counted()
            if tag == Tag.MEMBER_NAME:
                members.append(Attribute(self.text(), ()))
            elif members and tag >= 0x10:
                last = members[-1]
                members[-1] = Attribute(last.name, (*last.values, self.value(tag, depth)))
            else:
                raise ProtocolError("an IPP collection member without a name")
        self._counted()
        self._counted()
        return tuple(members)

    def _counted(self) -> bytes:
        return self.take(int.from_bytes(self.take(2), "big"))

    @staticmethod
    def _sized(raw: bytes, size: int) -> bytes:
        if len(raw) != size:
            raise ProtocolError("IPP value of impossible length")
        return raw

    @staticmethod
    def _string(raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError as wrong:
            raise ProtocolError("IPP text that is not UTF-8") from wrong
