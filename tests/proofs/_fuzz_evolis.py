"""The card printer's language under nonsense: commands, blocks by length, answers; nothing held without bound."""

from contextlib import suppress

from drivers.card_printer import evolis_wire as wire
from drivers.card_printer.evolis_answers import (
    MAX_ANSWER_BYTES,
    Dialect,
    Done,
    Refusal,
    Refused,
    Text,
    decode_answer,
    encode_answer,
)
from drivers.errors import ProtocolError

_BLOCK = bytes(range(256)) * 330
EVOLIS_GOODS = (
    b"".join(
        wire.encode_command(wire.Command(name, words))
        for name, words in (("Pem", ("2",)), ("Pr", ("ymcko",)), ("Ss", ()), ("Sr", ()), ("Rlr", ("p",)), ("Se", ()))
    ),
    wire.encode_command(wire.Command("Db", ("k", "2"), _BLOCK[: wire.block_bytes(2)]))[:200],
    b"\x1bDbc;k;1016;20;" + bytes(range(20)) + b"\r\x1bSe\r",
    b"".join(
        encode_answer(answer, dialect)
        for dialect in Dialect
        for answer in (Done(), Refused(Refusal.MECHANICAL, ""), Text("4,92 Volts"), Text("CONTACTLESS CARD"))
    ),
)
_MOST_WAITED_BYTES = wire.DOTS + 64


def try_evolis(buf: bytes) -> None:
    """Everything in it is worked through; what is kept for more bytes has a bound; what is read is written alike."""
    rest = bytearray(buf)
    while True:
        used, command = wire.decode_command(rest)
        assert 0 <= used <= len(rest)
        if command is None:
            break
        assert used > 0
        if isinstance(command, wire.Command) and command.data is None:
            with suppress(ValueError):
                assert wire.decode_command(wire.encode_command(command))[1] == command
        del rest[:used]
    assert len(rest) <= _MOST_WAITED_BYTES
    _try_answers(buf)


def _try_answers(buf: bytes) -> None:
    while True:
        try:
            used, answer = decode_answer(buf)
        except ProtocolError:
            end = buf.find(b"\r")
            if end < 0:
                return
            used, answer = end + 1, Done()
        if answer is None:
            assert len(buf) < MAX_ANSWER_BYTES
            return
        assert used > 0
        buf = buf[used:]
