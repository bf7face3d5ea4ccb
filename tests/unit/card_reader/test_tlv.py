"""BER-TLV codec."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card_reader import tlv
from drivers.errors import ProtocolError

tags = st.one_of(
    st.integers(0, 255).filter(lambda tag: tag & 0x1F != 0x1F),
    st.integers(0, 0x7F).map(lambda second: 0x7F00 | second),
    st.tuples(st.integers(0x80, 0xFF), st.integers(0, 0x7F)).map(lambda t: 0x5F0000 | t[0] << 8 | t[1]),
)


@pytest.mark.parametrize(
    ("tag", "size", "head"),
    [(0x87, 9, "8709"), (0x7F49, 127, "7F497F"), (0x87, 128, "878180"), (0x53, 65536, "5383010000")],
)
def test_lengths_take_their_shortest_form(tag: int, size: int, head: str) -> None:
    assert tlv.encode(tag, bytes(size)) == bytes.fromhex(head) + bytes(size)


@given(tags, st.binary(max_size=400), st.binary(max_size=5))
def test_an_object_is_read_back_and_no_byte_more(tag: int, value: bytes, behind: bytes) -> None:
    raw = tlv.encode(tag, value)
    assert tlv.decode(raw + behind) == (len(raw), (tag, value))


@given(tags, st.binary(max_size=300), st.data())
def test_a_part_of_an_object_asks_for_more(tag: int, value: bytes, data: st.DataObject) -> None:
    raw = tlv.encode(tag, value)
    part = raw[: data.draw(st.integers(0, len(raw) - 1))]
    assert tlv.decode(part) == (0, None)


@given(st.binary(max_size=100))
def test_any_bytes_are_objects_or_a_protocol_error(buf: bytes) -> None:
    try:
        items = list(tlv.decode_all(buf))
    except ProtocolError:
        return
    assert sum(len(value) for _, value in items) <= len(buf)


@pytest.mark.parametrize("wire", ["8780", "8784000000000", "5F818101"])
def test_indefinite_and_oversized_fields_are_refused(wire: str) -> None:
    with pytest.raises(ProtocolError):
        tlv.decode(bytes.fromhex(wire.ljust(len(wire) + len(wire) % 2, "0")))


def test_a_number_that_is_no_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="tag"):
        tlv.encode(0x5F81, b"")
