"""Feeder frames: golden bytes, round trips, and nonsense."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.paper_feeder import page
from drivers.paper_feeder.port import Position
from drivers.paper_feeder.wire import (
    MAX_DATA_BYTES,
    Answer,
    Command,
    CommandCode,
    Control,
    Garbled,
    Message,
    Noise,
    Refusal,
    decode,
    encode,
)

BYTE = st.integers(0, 255)
DATA = st.binary(max_size=40)
MESSAGES = st.one_of(
    st.builds(Command, BYTE, BYTE, DATA, BYTE),
    st.builds(Answer, BYTE, BYTE, st.binary(min_size=3, max_size=3), DATA, BYTE),
    st.builds(Refusal, BYTE, BYTE, st.binary(min_size=2, max_size=2), DATA, BYTE),
)


@pytest.mark.parametrize(
    ("message", "frame"),
    [
        (Command(CommandCode.MOVE, page.Move.FEED, b"\x01"), "f2 00 0004 43 32 30 01 03 b5"),
        (Answer(CommandCode.MOVE, page.Move.FEED, b"120", b"\x01"), "f2 00 0007 50 32 30 31 32 30 01 03 96"),
        (Refusal(CommandCode.MOVE, page.Move.FEED, b"10", b"\x01\x04"), "f2 00 0007 4e 32 30 31 30 01 04 03 be"),
    ],
)
def test_frames_have_the_bytes_of_the_command_page(message: Any, frame: str) -> None:
    assert encode(message) == bytes.fromhex(frame)


def test_every_worked_frame_of_the_command_page_is_one() -> None:
    text = (Path(__file__).parents[3] / "docs/protocols/paper-feeder.md").read_text(encoding="utf-8")
    table = text.split("## Worked frames")[1].split("## ")[0]
    frames = [bytes.fromhex(found) for found in re.findall(r"`([0-9A-F ]+)`", table)]
    assert len(frames) > 20
    for frame in frames:
        used, item = decode(frame)
        assert used == len(frame)
        assert isinstance(item, Control) or (isinstance(item, Message) and encode(item) == frame)


@given(MESSAGES, st.binary(max_size=4))
def test_frames_are_read_as_written_and_leave_what_follows(message: Any, after: bytes) -> None:
    raw = encode(message)
    assert decode(raw + after) == (len(raw), message)


@given(MESSAGES, st.data())
def test_a_frame_cut_short_asks_for_more(message: Any, data: st.DataObject) -> None:
    raw = encode(message)
    assert decode(raw[: data.draw(st.integers(0, len(raw) - 1))]) == (0, None)


@given(MESSAGES, st.data())
def test_a_turned_bit_never_passes_as_another_message(message: Any, data: st.DataObject) -> None:
    raw = bytearray(encode(message))
    raw[data.draw(st.integers(4, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    _, item = decode(bytes(raw))
    assert isinstance(item, Garbled)


@given(st.binary(max_size=200))
def test_nonsense_is_used_up_or_waited_out_never_a_crash(raw: bytes) -> None:
    while True:
        used, item = decode(raw)
        if item is None:
            break
        assert 0 < used <= len(raw)
        raw = raw[used:]


def test_what_stands_between_frames_is_told_apart() -> None:
    frame = encode(Command(0x31, 0x30, b"\x05"))
    raw = b"\x06noise" + frame + b"\x15"
    items = []
    while raw:
        used, item = decode(raw)
        items.append(item)
        raw = raw[used:]
    assert items == [Control.ACK, Noise(b"noise"), Command(0x31, 0x30, b"\x05"), Control.NAK]


def test_an_impossible_length_is_not_waited_for() -> None:
    assert decode(b"\xf2\x00\xff\xff") == (1, Garbled())


def test_too_much_data_is_refused() -> None:
    with pytest.raises(ValueError, match="513"):
        encode(Command(0x30, 0x30, bytes(MAX_DATA_BYTES + 1)))


def test_every_position_has_a_byte_and_every_error_two_characters() -> None:
    assert set(page.POSITIONS.values()) == set(Position)
    assert all(len(code) == 2 and code.isalnum() for code in page.ERRORS)
