"""The command language: golden bytes, blocks by length, anything garbled or cut."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.card_printer.evolis_wire import (
    MAX_COMMAND_BYTES,
    Command,
    Unreadable,
    block_bytes,
    decode_command,
    encode_command,
)
from drivers.errors import ProtocolError

NAMES = st.from_regex(re.compile(r"[A-Z][a-z]{1,4}", re.ASCII), fullmatch=True).filter(lambda n: n not in ("Db", "Dbc"))
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=";"), min_size=1, max_size=12)
COMMANDS = st.builds(Command, NAMES, st.lists(WORDS, max_size=4).map(tuple))


def all_of(raw: bytes) -> list[Command | Unreadable]:
    """Everything in these bytes."""
    found: list[Command | Unreadable] = []
    buffer = bytearray(raw)
    while True:
        used, command = decode_command(buffer)
        del buffer[:used]
        if command is None:
            return found
        assert used > 0
        found.append(command)


@pytest.mark.parametrize(
    ("command", "raw"),
    [
        (Command("Rsn"), b"\x1bRsn\r"),
        (Command("Rse", ("o",)), b"\x1bRse;o\r"),
        (Command("Pr", ("ymcko",)), b"\x1bPr;ymcko\r"),
        (Command("Pem", ("2",)), b"\x1bPem;2\r"),
    ],
)
def test_commands_are_the_guides_bytes(command: Command, raw: bytes) -> None:
    assert encode_command(command) == raw
    assert decode_command(raw) == (len(raw), command)


@given(st.lists(COMMANDS, max_size=6))
def test_commands_come_back_as_they_were_sent(commands: list[Command]) -> None:
    assert all_of(b"".join(map(encode_command, commands))) == commands


def test_a_block_is_read_by_length_whatever_is_in_it() -> None:
    data = (b"\r\x1bSe\r" * 20_000)[: block_bytes(2)]
    raw = encode_command(Command("Db", ("k", "2"), data)) + b"\x1bSe\r"
    assert raw.startswith(b"\x1bDb;k;2;\r\x1bSe")
    assert all_of(raw) == [Command("Db", ("k", "2"), data), Command("Se")]


@pytest.mark.parametrize(("levels", "length"), [(2, 82_296), (32, 411_480), (64, 493_776), (128, 576_072)])
def test_blocks_are_as_long_as_1016_lines_of_648_dots(levels: int, length: int) -> None:
    assert block_bytes(levels) == length


def test_a_block_that_is_cut_anywhere_waits_for_the_rest() -> None:
    raw = encode_command(Command("Db", ("o", "2"), bytes(block_bytes(2))))
    for length in (*range(1, 30), 1000, len(raw) - 2, len(raw) - 1):
        assert decode_command(raw[:length]) == (0, None), length


def test_a_block_without_its_end_is_no_command_and_what_follows_is_found_again() -> None:
    raw = b"\x1bDb;k;2;" + b"x" * (block_bytes(2) + 1)
    used, found = decode_command(raw)
    assert isinstance(found, Unreadable)
    assert 0 < used < 20


def test_compressed_blocks_are_read_by_the_length_they_give() -> None:
    raw = b"\x1bDbc;k;1016;5;\r\x1b\r\x1b\r\r\x1bRsn\r"
    assert all_of(raw) == [Command("Dbc", ("k", "1016", "5"), b"\r\x1b\r\x1b\r"), Command("Rsn")]


@pytest.mark.parametrize(
    "raw", [b"\x1bDb;k;3;xx", b"\x1bDb;k;2" + b"9" * 30, b"\x1bDb;;2;\r", b"\x1bDbc;k;1016;9999999;"]
)
def test_blocks_that_cannot_be_are_unreadable(raw: bytes) -> None:
    assert isinstance(decode_command(raw)[1], Unreadable)


def test_padding_and_a_missing_escape_after_an_end_are_read_over() -> None:
    assert all_of(b"\0\0\x1bSs\r\0Sr\r\r\x1bSe\r\0\0") == [Command("Ss"), Command("Sr"), Command("Se")]


def test_a_command_without_an_end_is_given_up() -> None:
    assert decode_command(b"\x1b" + b"a" * (MAX_COMMAND_BYTES - 1)) == (0, None)
    assert isinstance(decode_command(b"\x1b" + b"a" * MAX_COMMAND_BYTES)[1], Unreadable)


@given(st.binary(max_size=600))
@settings(max_examples=300)
def test_any_bytes_are_worked_through_and_a_command_after_them_is_found(noise: bytes) -> None:
    # A block that noise happens to announce would swallow what follows it.
    noise = noise.replace(b"Db", b"xx")
    found = all_of(noise + b"\r" + b"\x1bRsn\r")
    assert found[-1] == Command("Rsn")


@pytest.mark.parametrize(
    "command",
    [
        Command("Pr", ("a;b",)),
        Command("Pr", ("a\rb",)),
        Command("Pr", ("",)),
        Command("Pr", ("x" * 200,)),
        Command("Db", ("k", "2"), b"short"),
    ],
)
def test_a_command_that_would_break_the_framing_is_refused(command: Command) -> None:
    with pytest.raises(ValueError, match=r"words|long|length"):
        encode_command(command)


def test_levels_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ProtocolError):
        block_bytes(3)
