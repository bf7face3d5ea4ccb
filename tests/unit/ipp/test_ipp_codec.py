"""IPP messages: golden bytes, round trips, and nonsense."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.document_printer.ipp_codec import (
    Attribute,
    Group,
    Message,
    Range,
    Tag,
    Value,
    attribute,
    decode,
    encode,
)
from drivers.errors import ProtocolError

# RFC 8010 appendix A.1, Print-Job request, as far as its operation attributes.
PRINT_JOB = (
    bytes.fromhex("0101 0002 00000001 01")
    + b"\x47\x00\x12attributes-charset\x00\x05utf-8"
    + b"\x48\x00\x1battributes-natural-language\x00\x05en-us"
    + b"\x45\x00\x0bprinter-uri\x00\x2cipp://printer.example.com/ipp/print/pinetree"
    + b"\x42\x00\x08job-name\x00\x06foobar"
    + b"\x22\x00\x16ipp-attribute-fidelity\x00\x01\x01"
    + b"\x02"
    + b"\x21\x00\x06copies\x00\x04\x00\x00\x00\x14"
    + b"\x44\x00\x05sides\x00\x13two-sided-long-edge"
    + b"\x03"
)
NAMES = st.text("abcdefgh-", min_size=1, max_size=12)
SCALARS = st.one_of(
    st.builds(Value, st.sampled_from([Tag.INTEGER, Tag.ENUM]), st.integers(-(2**31), 2**31 - 1)),
    st.builds(Value, st.just(Tag.BOOLEAN), st.booleans()),
    st.builds(Value, st.sampled_from([Tag.TEXT, Tag.NAME, Tag.KEYWORD, Tag.URI]), st.text(max_size=30)),
    st.builds(Value, st.sampled_from([Tag.OCTET_STRING, Tag.DATE_TIME]), st.binary(max_size=30)),
    st.builds(Value, st.sampled_from([Tag.NO_VALUE, Tag.UNKNOWN]), st.none()),
    st.builds(
        Value,
        st.just(Tag.RANGE),
        st.builds(Range, st.integers(-(2**31), 2**31 - 1), st.integers(-(2**31), 2**31 - 1)),
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.builds(
        Value,
        st.just(Tag.COLLECTION),
        st.lists(st.builds(Attribute, NAMES, st.lists(inner, min_size=1, max_size=2).map(tuple)), max_size=3).map(
            tuple
        ),
    ),
    max_leaves=3,
)
ATTRIBUTES = st.builds(Attribute, NAMES, st.lists(VALUES, min_size=1, max_size=2).map(tuple))
GROUPS = st.tuples(
    st.sampled_from([Group.OPERATION, Group.JOB, Group.PRINTER, Group.UNSUPPORTED]),
    st.lists(ATTRIBUTES, max_size=2).map(tuple),
)
MESSAGES = st.builds(
    Message, st.integers(0, 0xFFFF), st.integers(1, 2**31 - 1), st.lists(GROUPS, max_size=2).map(tuple)
)


def test_the_example_of_the_standard_is_read() -> None:
    used, message = decode(PRINT_JOB + b"%PDF-")
    assert used == len(PRINT_JOB)
    assert (message.version, message.code, message.request_id) == ((1, 1), 2, 1)
    assert message.attributes(Group.JOB) == {
        "copies": (Value(Tag.INTEGER, 20),),
        "sides": (Value(Tag.KEYWORD, "two-sided-long-edge"),),
    }


def test_the_example_of_the_standard_is_written() -> None:
    operation = (
        attribute("attributes-charset", Tag.CHARSET, "utf-8"),
        attribute("attributes-natural-language", Tag.LANGUAGE, "en-us"),
        attribute("printer-uri", Tag.URI, "ipp://printer.example.com/ipp/print/pinetree"),
        attribute("job-name", Tag.NAME, "foobar"),
        attribute("ipp-attribute-fidelity", Tag.BOOLEAN, True),
    )
    job = (attribute("copies", Tag.INTEGER, 20), attribute("sides", Tag.KEYWORD, "two-sided-long-edge"))
    message = Message(2, 1, ((Group.OPERATION, operation), (Group.JOB, job)), (1, 1))
    assert encode(message) == PRINT_JOB


def test_several_values_and_a_collection_have_the_bytes_of_the_standard() -> None:
    """RFC 8010 section 3.1.6 (collection) and 3.1.5 (additional values have no name)."""
    size = Value(Tag.COLLECTION, (attribute("x-dimension", Tag.INTEGER, 21000),))
    media = Attribute("media-col", (Value(Tag.COLLECTION, (Attribute("media-size", (size,)),)),))
    raw = encode(Message(0, 1, ((Group.JOB, (attribute("k", Tag.KEYWORD, "a", "b"), media)),)))
    two = b"\x44\x00\x01k\x00\x01a" + b"\x44\x00\x00\x00\x01b"
    inner = b"\x4a\x00\x00\x00\x0bx-dimension" + b"\x21\x00\x00\x00\x04\x00\x00\x52\x08" + b"\x37\x00\x00\x00\x00"
    outer = b"\x4a\x00\x00\x00\x0amedia-size" + b"\x34\x00\x00\x00\x00" + inner + b"\x37\x00\x00\x00\x00"
    assert raw[9:-1] == two + b"\x34\x00\x09media-col\x00\x00" + outer


@given(MESSAGES, st.binary(max_size=8))
def test_messages_are_read_as_written_and_leave_the_document(message: Message, document: bytes) -> None:
    raw = encode(message)
    assert decode(raw + document) == (len(raw), message)


@given(MESSAGES, st.data())
def test_a_message_cut_short_is_refused(message: Message, data: st.DataObject) -> None:
    raw = encode(message)
    with pytest.raises(ProtocolError):
        decode(raw[: data.draw(st.integers(0, len(raw) - 1))])


@given(st.binary(max_size=300))
def test_nonsense_is_refused_or_read_never_a_crash(raw: bytes) -> None:
    try:
        used, _ = decode(b"\x02\x00\x00\x00\x00\x00\x00\x01\x04" + raw)
    except ProtocolError:
        return
    assert used <= 9 + len(raw)


@given(st.integers(9, len(PRINT_JOB) - 1), st.integers(0, 255))
def test_a_garbled_byte_is_refused_or_read_never_a_crash(at: int, byte: int) -> None:
    raw = bytearray(PRINT_JOB)
    raw[at] = byte
    try:
        decode(bytes(raw))
    except ProtocolError:
        return


def test_collections_without_end_are_refused() -> None:
    deep = b"\x34\x00\x01c\x00\x00" + b"\x4a\x00\x00\x00\x01c\x34\x00\x00\x00\x00" * 2000
    with pytest.raises(ProtocolError, match="too deep"):
        decode(struct.pack(">BBHIB", 2, 0, 0, 1, 4) + deep)
