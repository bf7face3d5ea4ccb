"""What stands on receipts, failure slips and queue tickets, and that it fits every paper."""

from datetime import UTC, datetime

import pytest
from adm.panel.v1 import panel_pb2 as panel
from adm.registry.v1 import registry_pb2 as registry

from drivers.receipt_printer.compose import compose
from drivers.receipt_printer.port import Block, Heading, Paragraph, QrCode, Row
from drivers.receipt_printer.profiles import PROFILES
from kiosk.issuance import receipts
from kiosk.issuance.outcome import End
from kiosk.issuance.receipts import Frame
from simulator.receipt_printer.escpos import Text, decode

NUMBER = "ADM-3520-000123"
URL = "http://127.0.0.1/track/ADM-3520-000123"
LANGUAGES = (panel.LANGUAGE_ID, panel.LANGUAGE_EN)
KINDS = [kind for kind in registry.DocumentKind.values() if kind]


def _frame(language: "panel.Language.ValueType", simulation: bool = True) -> Frame:
    at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    return Frame(at, "Mal Pelayanan Publik Magetan", language, simulation)


def _text(blocks: tuple[Block, ...]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Heading | Paragraph))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_says_what_and_where_and_how_to_come_back(
    kind: "registry.DocumentKind.ValueType", language: "panel.Language.ValueType"
) -> None:
    blocks = receipts.issued(_frame(language), number=NUMBER, kind=kind, page_count=1, tracking_url=URL)
    values = [block.value for block in blocks if isinstance(block, Row)]
    assert values[:3] == [NUMBER, "23-11-2026 09:30", "Mal Pelayanan Publik Magetan"]
    assert QrCode(URL) in blocks
    assert "SIMULA" in _text(blocks)
    real = receipts.issued(_frame(language, False), number=NUMBER, kind=kind, page_count=1, tracking_url=URL)
    assert "SIMULA" not in _text(real)


@pytest.mark.parametrize(
    ("end", "indonesian", "english"),
    [
        (End.NOT_PRINTED, "Tidak ada yang dicatat", "Nothing was recorded against you"),
        (End.SPOILED, "Tidak ada yang dicatat", "Nothing was recorded against you"),
        (End.RETRACTED, "ditarik kembali", "Nothing was recorded against you"),
        (End.RETAINED, "ditahan di dalam mesin", "Nothing was recorded against you"),
        (End.UNKNOWN, "tidak dapat memastikan", "cannot tell"),
    ],
)
def test_a_slip_says_what_happened_and_the_number_to_come_back_with(end: End, indonesian: str, english: str) -> None:
    for language, words in zip(LANGUAGES, (indonesian, english), strict=True):
        blocks = receipts.failed(_frame(language), number=NUMBER, kind=registry.DOCUMENT_KIND_KK, end=end)
        assert words in _text(blocks)
        assert NUMBER in [block.value for block in blocks if isinstance(block, Row)]


def test_an_unclear_end_promises_nothing() -> None:
    blocks = receipts.failed(_frame(panel.LANGUAGE_EN), number=NUMBER, kind=registry.DOCUMENT_KIND_KK, end=End.UNKNOWN)
    assert "Nothing was recorded" not in _text(blocks)
    assert "not printed" not in _text(blocks).lower()


def test_a_queue_ticket_shows_its_number_large_and_who_is_before() -> None:
    blocks = receipts.queue_ticket(_frame(panel.LANGUAGE_ID), number="A-017", service="KTP-el", waiting=4)
    assert Heading("A-017") in blocks
    assert {block.label: block.value for block in blocks if isinstance(block, Row)}["Menunggu di depan"] == "4"
    assert not any(isinstance(block, QrCode) for block in blocks)
    assert any(
        isinstance(b, QrCode) for b in receipts.queue_ticket(_frame(panel.LANGUAGE_ID), number="A-1", tracking_url=URL)
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("model", "columns"), [("POS-5890", 32), ("TM-T20II", 48)])
def test_every_slip_fits_32_and_48_columns_and_loses_no_word(
    language: "panel.Language.ValueType", model: str, columns: int
) -> None:
    frame, kk = _frame(language), registry.DOCUMENT_KIND_SKPWNI
    slips = [
        receipts.issued(frame, number=NUMBER, kind=kk, page_count=2, tracking_url=URL),
        *(receipts.failed(frame, number=NUMBER, kind=kk, end=end) for end in End),
        receipts.queue_ticket(frame, number="A-017", service="KTP-el", waiting=12, tracking_url=URL),
    ]
    for blocks in slips:
        lines = _printed_lines(compose(blocks, PROFILES[model], columns))
        assert max(len(line) for line in lines) <= columns
        printed = " ".join(" ".join(lines).split())
        for word in _text(blocks).split():
            assert word in printed, word


def _printed_lines(raw: bytes) -> list[str]:
    lines = []
    while raw:
        used, item = decode(raw)
        assert item is not None
        if isinstance(item, Text):
            lines.append(item.raw.decode("cp437"))
        raw = raw[used:]
    return lines
