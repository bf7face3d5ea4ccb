"""What an ESC/POS printer says."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drivers.receipt_printer import escpos_replies as replies


def everything(raw: bytes) -> list[replies.Reply]:
    found: list[replies.Reply] = []
    while True:
        used, reply = replies.decode(raw)
        if reply is None:
            return found
        assert used
        found.append(reply)
        raw = raw[used:]


def test_the_answers_are_told_apart_by_their_fixed_bits() -> None:
    raw = b"\x16" + b"\x37\x22AB12\x00" + b"\x03" + b"\x10\x0f\x00\x00" + b"\x37\x25\x00" + b"\xff" + b"\x12"
    assert everything(raw) == [
        replies.RealTime(0x16),
        replies.ProcessId(b"AB12"),
        replies.PaperStatus(0x03),
        replies.AutomaticStatus(b"\x10\x0f\x00\x00"),
        replies.BufferCleared(),
        replies.Noise(0xFF),
        replies.RealTime(0x12),
    ]


@given(st.binary(max_size=200))
@example(b"\x5f\x01\x01\x01\x01\x01\x01")
@example(b"\x5f" + b"A" * 100)
def test_any_bytes_are_read_to_their_end_or_wait_for_the_rest_of_one_answer(raw: bytes) -> None:
    while True:
        used, reply = replies.decode(raw)
        if reply is None:
            break
        assert 1 <= used <= (82 if isinstance(reply, replies.About) else 7)
        raw = raw[used:]
    # Only a text, which may be long, is waited for longer than for six bytes.
    assert len(raw) <= 6 or (raw[0] == 0x5F and len(raw) < 82 and raw[1:].isascii() and raw[1:].decode().isprintable())


def test_a_byte_that_looks_like_the_beginning_of_a_text_swallows_no_status() -> None:
    assert everything(b"\x5f\x12\x12") == [replies.Noise(0x5F), replies.RealTime(0x12), replies.RealTime(0x12)]


@given(st.binary(min_size=4, max_size=4).map(lambda raw: bytes(0x20 + byte % 0x5F for byte in raw)))
def test_a_process_id_comes_back_as_it_was_asked(number: bytes) -> None:
    assert replies.ask_process_id(number)[-4:] == number
    assert replies.decode(b"\x37\x22" + number + b"\x00") == (7, replies.ProcessId(number))


@pytest.mark.parametrize("number", [b"abc", b"abcde", b"ab\x1bd", b"abc\xff"])
def test_a_process_id_of_other_bytes_is_refused(number: bytes) -> None:
    with pytest.raises(ValueError, match="four printable"):
        replies.ask_process_id(number)


@pytest.mark.parametrize(
    ("four", "wrong"),
    [
        ((0x12, 0x12, 0x12, 0x12), set()),
        ((0x1A, 0x16, 0x12, 0x12), {"offline", "cover_open"}),
        ((0x1A, 0x52, 0x1A, 0x12), {"offline", "error", "cutter_fault"}),
        ((0x1A, 0x12, 0x32, 0x12), {"offline", "unrecoverable"}),
        ((0x12, 0x12, 0x12, 0x1E), {"paper_near_end"}),
        ((0x1A, 0x32, 0x12, 0x7E), {"offline", "paper_near_end", "paper_end"}),
    ],
)
def test_status_bits_become_words(four: tuple[int, int, int, int], wrong: set[str]) -> None:
    sensors = replies.Sensors.read(*four)
    names = ("offline", "cover_open", "error", "cutter_fault", "unrecoverable", "paper_near_end", "paper_end")
    assert {name for name in names if getattr(sensors, name)} == wrong
    assert sensors.ready == (not wrong - {"paper_near_end"})
