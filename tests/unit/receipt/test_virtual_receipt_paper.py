"""The virtual printer's parser, real-time scanner and paper."""

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.receipt_printer.compose import compose
from drivers.receipt_printer.port import Paragraph, QrCode
from drivers.receipt_printer.profiles import PROFILES
from simulator.receipt_printer.escpos import MAX_COMMAND_BYTES, Command, Text, Unknown, decode
from simulator.receipt_printer.paper import MAX_HEIGHT_DOTS, Paper
from simulator.receipt_printer.realtime import CLEAR_BUFFER, Ask, ClearBuffer, Recover, Scanner

TRACK = "https://dukcapil.example/l/A-0017"


def play(raw: bytes, width_dots: int, native_qr: bool = True) -> tuple[Paper, Image.Image]:
    paper = Paper(width_dots, native_qr)
    while raw:
        used, item = decode(raw)
        if item is None:
            break
        paper.apply(item)
        raw = raw[used:]
    return paper, paper.tear()


def read_qr(image: Image.Image) -> list[str]:
    import numpy as np
    import zxingcpp

    return [code.text for code in zxingcpp.read_barcodes(np.asarray(image))]


def test_native_qr_codes_can_be_scanned_from_the_paper() -> None:
    _, image = play(compose((QrCode(TRACK),), PROFILES["TM-T20II"], 48), 576)
    assert read_qr(image) == [TRACK]


def test_raster_qr_codes_can_be_scanned_from_the_paper() -> None:
    _, image = play(compose((QrCode(TRACK),), PROFILES["POS-5890"], 32), 384, native_qr=False)
    assert read_qr(image) == [TRACK]


def test_a_printer_without_qr_codes_prints_none_and_reports_it() -> None:
    paper, image = play(compose((QrCode(TRACK),), PROFILES["TM-T20II"], 48), 576, native_qr=False)
    assert read_qr(image) == []
    assert paper.unknown


def test_text_is_drawn_where_alignment_puts_it() -> None:
    blocks = (Paragraph("kiri"), Paragraph("tengah", centered=True))
    _, image = play(compose(blocks, PROFILES["TM-T20II"], 48), 576)
    lines = [image.crop((0, top, 576, top + 30)).point(lambda dot: 255 - dot).getbbox() for top in (0, 30)]
    assert lines[0] is not None
    assert lines[0][2] <= 4 * 12
    assert lines[1] is not None
    assert lines[1][0] >= (576 - 6 * 12) // 2
    assert lines[1][2] <= (576 + 6 * 12) // 2


def test_an_unknown_command_is_reported_and_the_text_after_it_printed() -> None:
    paper, image = play(b"\x1bZhello\n", 576)
    assert paper.unknown == ["1b 5a"]
    assert image.getextrema() == (0, 255)


@given(st.binary(max_size=300))
def test_any_bytes_are_parsed_and_drawn_without_a_crash(raw: bytes) -> None:
    paper, image = play(raw + b"\n", 384)
    assert image.width == 384
    assert len(paper.unknown) <= 20


@given(st.binary(max_size=60), st.data())
def test_bytes_in_pieces_mean_what_they_mean_at_once(raw: bytes, data: st.DataObject) -> None:
    """A text may be handed over in parts; every other item comes whole."""
    whole, at = [], raw
    while at and (step := decode(at))[1] is not None:
        whole.append(step[1])
        at = at[step[0] :]
    pieces, held = [], b""
    for piece in (raw[i : i + 3] for i in range(0, len(raw), 3)):
        held += piece
        while held and (step := decode(held))[1] is not None:
            pieces.append(step[1])
            held = held[step[0] :]

    def joined(items: list[object]) -> list[object]:
        out: list[object] = []
        for item in items:
            if isinstance(item, Text) and out and isinstance(out[-1], Text):
                out[-1] = Text(out[-1].raw + item.raw)
            else:
                out.append(item)
        return out

    assert joined(list(pieces)) == joined(list(whole))


def test_an_image_of_absurd_size_is_skipped_not_waited_for() -> None:
    used, item = decode(b"\x1dv0\x00\xff\xff\xff\xff")
    assert (used, item) == (3, Unknown(b"\x1dv0"))
    used, item = decode(b"\x1dk\x04" + b"9" * (MAX_COMMAND_BYTES + 1))
    assert isinstance(item, Unknown)


def test_paper_is_not_drawn_without_end() -> None:
    _, image = play(b"\x1bd\xff" * 40, 384)
    assert image.height <= MAX_HEIGHT_DOTS


@given(st.data())
def test_real_time_commands_are_found_however_the_stream_is_cut(data: st.DataObject) -> None:
    stream = b"text\x10\x04\x01more" + CLEAR_BUFFER + b"\x10\x10\x05\x02\x10\x14\x08\x00"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    scanner = Scanner()
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += scanner.feed(stream[start:end])
    assert found == [Ask(1), ClearBuffer(), Recover(2)]


@given(st.lists(st.binary(max_size=20)))
def test_the_scanner_keeps_at_most_the_start_of_one_command(pieces: list[bytes]) -> None:
    scanner = Scanner()
    for piece in pieces:
        scanner.feed(piece)
    assert len(scanner._tail) < len(CLEAR_BUFFER)


def test_commands_have_their_arguments() -> None:
    assert decode(b"\x1dV\x41\x10rest") == (4, Command("GS V", b"\x41\x10"))
    assert decode(b"\x1d(H\x06\x00\x30\x30abcd!") == (11, Command("GS ( H", b"00abcd"))
