"""APDU codec against ISO/IEC 7816-4's cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card_reader.apdu import Command, Response
from drivers.errors import ProtocolError

# Case, command, bytes: the lengths' forms are those of ISO/IEC 7816-4:2020, table 1 and section 5.1.
GOLDEN = [
    ("1", Command(0x00, 0xFA, 0x02, 0x00), "00FA0200"),
    ("2 short", Command(0x00, 0x84, ne=8), "0084000008"),
    ("2 short, all", Command(0xFF, 0xCA, ne=256), "FFCA000000"),
    ("2 extended", Command(0x00, 0xB0, ne=257), "00B00000000101"),
    ("2 extended, all", Command(0x00, 0xB0, ne=65536), "00B00000000000"),
    ("3 short", Command(0x00, 0xA4, data=b"\x7f\x0a"), "00A40000027F0A"),
    ("3 extended", Command(0x00, 0xDB, data=bytes(256)), "00DB0000000100" + "00" * 256),
    ("4 short", Command(0x00, 0xA4, 0x04, 0x0C, b"\x01\x02", 5), "00A4040C02010205"),
    ("4 extended", Command(0x00, 0x88, data=b"\x01", ne=300), "0088000000000101012C"),
    ("4 extended, all", Command(0x00, 0x88, data=b"\x01", ne=65536), "00880000000001010000"),
]

commands = st.builds(
    Command,
    cla=st.integers(0, 255),
    ins=st.integers(0, 255),
    p1=st.integers(0, 255),
    p2=st.integers(0, 255),
    data=st.binary(max_size=600),
    ne=st.integers(0, 65536),
    extended=st.booleans(),
)


@pytest.mark.parametrize(("case", "command", "wire"), GOLDEN, ids=[case for case, _, _ in GOLDEN])
def test_each_case_has_its_form(case: str, command: Command, wire: str) -> None:
    assert command.encode().hex().upper() == wire
    assert Command.decode(bytes.fromhex(wire)).encode().hex().upper() == wire


@given(commands)
def test_what_is_encoded_decodes_to_the_same(command: Command) -> None:
    back = Command.decode(command.encode())
    assert (back.cla, back.ins, back.p1, back.p2, back.data, back.ne, back.is_extended) == (
        command.cla,
        command.ins,
        command.p1,
        command.p2,
        command.data,
        command.ne,
        command.is_extended,
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_a_command_or_a_protocol_error(buf: bytes) -> None:
    try:
        command = Command.decode(buf)
    except ProtocolError:
        return
    assert command.encode() == buf


@pytest.mark.parametrize("wire", ["", "00A400", "00A40000027F", "00A40000027F0A0000", "00A400000000"])
def test_a_command_cut_short_or_too_long_is_refused(wire: str) -> None:
    with pytest.raises(ProtocolError):
        Command.decode(bytes.fromhex(wire))


@pytest.mark.parametrize("wrong", [{"cla": 256}, {"p1": -1}, {"ne": 65537}, {"data": bytes(65536)}])
def test_a_command_that_cannot_be_sent_cannot_be_made(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"APDU|Ne"):
        Command(**{"cla": 0, "ins": 0xB0} | wrong)  # type: ignore[arg-type]  # on purpose


def test_a_response_longer_than_asked_for_is_refused() -> None:
    assert Response.decode(bytes(8) + b"\x90\x00", ne=8) == Response(bytes(8), 0x9000)
    with pytest.raises(ProtocolError):
        Response.decode(bytes(9) + b"\x90\x00", ne=8)


@pytest.mark.parametrize("buf", [b"", b"\x90"])
def test_a_response_without_status_word_is_refused(buf: bytes) -> None:
    with pytest.raises(ProtocolError):
        Response.decode(buf)


def test_neither_shows_its_data() -> None:
    assert "secret" not in repr(Command(0, 0xA4, data=b"secret")) + repr(Response(b"secret", 0x9000))
