"""Answers in both dialects; garbled and endless ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card_printer.evolis_answers import (
    MAX_ANSWER_BYTES,
    WORDS,
    Answer,
    Dialect,
    Done,
    Refusal,
    Refused,
    Text,
    count,
    decode_answer,
    encode_answer,
    read_answer,
    volts,
)
from drivers.errors import ProtocolError


@pytest.mark.parametrize("raw", [b"ACK", b"\x06", b"OK", b"\0OK\0", b"ACK\n"])
def test_done_is_understood_in_every_spelling(raw: bytes) -> None:
    assert read_answer(raw) == Done()


@pytest.mark.parametrize("letter", "12TCFRKDW")
@pytest.mark.parametrize("spelling", ["NACK{}", "NACK {}", "NACK;{}", "\x15{}"])
def test_every_class_of_refusal_is_understood(letter: str, spelling: str) -> None:
    assert read_answer(spelling.format(letter).encode()) == Refused(Refusal(letter), f"NACK {letter}")


@pytest.mark.parametrize(("word", "why"), WORDS.items())
def test_every_word_of_newer_firmware_is_understood(word: str, why: Refusal) -> None:
    assert read_answer(word.encode()) == Refused(why, word)


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("why", [r for r in Refusal if len(r.value) == 1])
def test_a_refusal_comes_back_in_either_dialect(dialect: Dialect, why: Refusal) -> None:
    raw = encode_answer(Refused(why, ""), dialect)
    used, answer = decode_answer(raw)
    assert used == len(raw)
    assert isinstance(answer, Refused)
    assert answer.why is why


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100), st.sampled_from(Dialect))
def test_text_comes_back(text: str, dialect: Dialect) -> None:
    expected = read_answer(text.encode())
    assert decode_answer(encode_answer(Text(text), dialect) + b"rest") == (len(text) + 1, expected)


def test_an_answer_that_is_cut_waits_for_the_rest() -> None:
    assert decode_answer(b"4,92 Vol") == (0, None)
    assert decode_answer(b"") == (0, None)


def test_an_answer_without_an_end_is_nonsense() -> None:
    with pytest.raises(ProtocolError):
        decode_answer(b"x" * MAX_ANSWER_BYTES)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_nonsense(raw: bytes) -> None:
    answer: Answer | None
    try:
        used, answer = decode_answer(raw)
    except ProtocolError:
        return
    assert (answer is None) == (used == 0)


def test_turned_bits_are_never_taken_for_done() -> None:
    for word in (b"ACK", b"OK"):
        for at in range(len(word)):
            for bit in range(8):
                turned = bytearray(word)
                turned[at] ^= 1 << bit
                try:
                    assert read_answer(bytes(turned)) != Done()
                except ProtocolError:
                    continue


@pytest.mark.parametrize(("text", "value"), [("5,00 Volts", 5.0), ("0.17 Volts", 0.17), ("4,9 volts", 4.9)])
def test_sensors_are_read_in_volts(text: str, value: float) -> None:
    assert volts(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "5", "five Volts", "5,00 Volts!", "555,0 Volts"])
def test_what_is_no_voltage_is_nonsense(text: str) -> None:
    with pytest.raises(ProtocolError):
        volts(text)


@pytest.mark.parametrize("text", ["", "-1", "1.5", "12x", "9" * 10, "٣"])
def test_what_is_no_count_is_nonsense(text: str) -> None:
    with pytest.raises(ProtocolError):
        count(text)
