"""Blocks to ESC/POS bytes: golden, per model, and proof against text that looks like commands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.receipt_printer.compose import MAX_QR_CHARACTERS, compose
from drivers.receipt_printer.port import Block, Heading, Paragraph, QrCode, Row, Rule
from drivers.receipt_printer.profiles import PROFILES, ReceiptProfile
from simulator.receipt_printer.escpos import Command, Item, Text, Unknown, decode

EPSON = PROFILES["TM-T20II"]
MODELS = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
# What python-escpos uses for the blocks we have; anything else would have come out of the text.
EXPECTED = {"ESC @", "ESC !", "ESC E", "ESC a", "ESC t", "ESC {", "ESC -", "ESC M", "ESC d", "LF"}
EXPECTED |= {"GS b", "GS B", "GS V", "GS ( k", "GS v 0"}


def items(raw: bytes) -> list[Item]:
    found = []
    while raw:
        used, item = decode(raw)
        assert item is not None, "composed bytes end in the middle of a command"
        found.append(item)
        raw = raw[used:]
    return found


def text_of(raw: bytes) -> str:
    return "\n".join(item.raw.decode("cp437") for item in items(raw) if isinstance(item, Text))


def test_a_short_receipt_has_these_bytes() -> None:
    style = b"\x1b!\x00\x1b!\x00\x1b!\x00\x1b{\x00\x1db\x00\x1bE\x00\x1b-\x00\x1bM\x00\x1ba\x00\x1dB\x00"
    assert compose((Row("Nomor", "A-17"),), EPSON, 24) == (
        b"\x1b@" + style + b"Nomor               A-17\n" + b"\x1bd\x06\x1dV\x00"
    )


@MODELS
def test_every_model_gets_only_commands_that_exist_and_lines_that_fit(profile: ReceiptProfile) -> None:
    blocks = (
        Heading("Anjungan Dukcapil Mandiri"),
        Rule(),
        Row("Dokumen", "Kutipan Akta Kelahiran"),
        Paragraph("Simpan struk ini. " * 9, centered=True, bold=True),
        QrCode("https://dukcapil.example/l/A-0017"),
    )
    found = items(compose(blocks, profile, profile.columns))
    names = {item.name for item in found if isinstance(item, Command)}
    assert names <= EXPECTED
    assert not [item for item in found if isinstance(item, Unknown)]
    assert ("GS ( k" in names) == profile.native_qr
    assert ("GS v 0" in names) != profile.native_qr
    assert ("GS V" in names) == profile.cutter
    assert max(len(item.raw) for item in found if isinstance(item, Text)) <= profile.columns


COMMANDS = ("\x1b@", "\x1dV\x00", "\x10\x04\x01", "\x1bp\x00\x19\xfa", "\x1d(k\x03\x001Q0", "\x1c!", "\x00", "\r\n")
HOSTILE = st.lists(st.one_of(st.sampled_from(COMMANDS), st.text(max_size=20)), max_size=6).map("".join)
BLOCKS = st.one_of(
    st.builds(Heading, HOSTILE),
    st.builds(Paragraph, HOSTILE, st.booleans(), st.booleans()),
    st.builds(Row, HOSTILE, HOSTILE),
    st.builds(QrCode, HOSTILE.filter(lambda text: 0 < len(text) <= MAX_QR_CHARACTERS)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(BLOCKS, min_size=1, max_size=4), st.sampled_from(sorted(PROFILES)))
def test_no_text_becomes_a_command(blocks: list[Block], model: str) -> None:
    profile = PROFILES[model]
    found = items(compose(tuple(blocks), profile, profile.columns))
    commands = [item for item in found if isinstance(item, Command)]
    assert {item.name for item in commands} <= EXPECTED
    assert not [item for item in found if isinstance(item, Unknown)]
    assert sum(item.name == "ESC @" for item in commands) == 1
    assert sum(item.name == "GS V" for item in commands) == int(profile.cutter)


def test_the_injection_test_would_notice_an_injection() -> None:
    """The control: the same reading finds a command that really is there."""
    assert Command("ESC p", b"\x00\x19\xfa") in items(b"harmless\x1bp\x00\x19\xfa")


def test_text_that_looks_like_a_command_is_printed_as_text() -> None:
    assert text_of(compose((Paragraph("a\x1b@\x1dV\x00b"),), EPSON, 48)) == "a @ V b"


@pytest.mark.parametrize("length", [0, MAX_QR_CHARACTERS + 1])
def test_a_qr_code_too_long_or_empty_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="QR"):
        compose((QrCode("x" * length),), EPSON, 48)


def test_a_receipt_without_content_is_refused() -> None:
    with pytest.raises(ValueError, match="without content"):
        compose((), EPSON, 48)


@MODELS
def test_the_longest_qr_code_fits_every_paper(profile: ReceiptProfile) -> None:
    assert compose((QrCode("x" * MAX_QR_CHARACTERS),), profile, profile.columns)
