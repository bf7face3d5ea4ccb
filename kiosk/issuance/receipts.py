"""Receipts: what stands on one, as neutral blocks that any printer can set, and its printing. Names no resident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from adm.panel.v1 import panel_pb2 as panel
from adm.registry.v1 import registry_pb2 as registry

from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.receipt_printer.port import Block, Heading, Paragraph, QrCode, ReceiptPrinter, Row, Rule
from kiosk import logs
from kiosk.devices import Device

PRINT_S: Final = 15.0

_KINDS: Final[Mapping[registry.DocumentKind.ValueType, tuple[str, str]]] = {
    registry.DOCUMENT_KIND_KK: ("Kartu Keluarga", "Family card"),
    registry.DOCUMENT_KIND_BIODATA: ("Biodata Penduduk", "Resident's biodata"),
    registry.DOCUMENT_KIND_AKTA_KELAHIRAN: ("Kutipan Akta Kelahiran", "Birth certificate"),
    registry.DOCUMENT_KIND_AKTA_KEMATIAN: ("Kutipan Akta Kematian", "Death certificate"),
    registry.DOCUMENT_KIND_SKPWNI: ("Surat Keterangan Pindah", "Certificate of moving"),
}
_WORDS: Final = {
    "heading": ("BUKTI CETAK DOKUMEN", "DOCUMENT RECEIPT"),
    "number": ("Nomor", "Number"),
    "time": ("Waktu", "Time"),
    "place": ("Tempat", "Place"),
    "document": ("Dokumen", "Document"),
    "sheets": ("Lembar", "Sheets"),
    "track": ("Pindai untuk melihat status", "Scan to see its status"),
    "complain": (
        "Ada yang keliru? Datanglah ke Dinas Dukcapil dengan nomor di atas. Layanan ini gratis.",
        "Something wrong? Come to the Dukcapil office with the number above. This service is free.",
    ),
    "simulation": ("SIMULASI - bukan dokumen resmi", "SIMULATION - not an official document"),
}


def issued(
    *,
    number: str,
    at: datetime,
    site_name: str,
    kind: registry.DocumentKind.ValueType,
    page_count: int,
    tracking_url: str,
    language: panel.Language.ValueType,
    simulation: bool,
) -> tuple[Block, ...]:
    """The receipt of a document that was handed over.

    Args:
        at: Local time of the machine.
        simulation: Say that nothing on it is real.
    """
    index = 1 if language == panel.LANGUAGE_EN else 0

    def word(key: str) -> str:
        return _WORDS[key][index]

    blocks: list[Block] = [
        Heading(word("heading")),
        Paragraph("Anjungan Dukcapil Mandiri", centered=True),
        Rule(),
        Row(word("number"), number),
        Row(word("time"), at.strftime("%d-%m-%Y %H:%M")),
        Row(word("place"), site_name),
        Row(word("document"), _KINDS[kind][index]),
        Row(word("sheets"), str(page_count)),
        Rule(),
        QrCode(tracking_url),
        Paragraph(word("track"), centered=True),
        Rule(),
        Paragraph(word("complain")),
    ]
    if simulation:
        blocks.append(Paragraph(word("simulation"), centered=True, bold=True))
    return tuple(blocks)


async def print_receipt(printer: Device[ReceiptPrinter], blocks: tuple[Block, ...], number: str) -> bool:
    """Print and cut it. Returns whether it came out; a receipt that did not costs nobody their document."""
    try:
        evidence = await printer.call(lambda port: port.print(blocks, Deadline.after(PRINT_S)), PRINT_S)
    except DriverError as error:
        logs.event("receipt_failed", receipt_number=number, error=error)
        return False
    logs.event("receipt", receipt_number=number, evidence=evidence.value)
    return True
