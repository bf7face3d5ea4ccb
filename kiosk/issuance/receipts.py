"""Receipts: what stands on one, as neutral blocks that any printer can set, and its printing. Names no resident.

Three kinds share one frame: the receipt of a document handed over, the slip for one that could not be, and the ticket
of a queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adm.panel.v1 import panel_pb2 as panel
from adm.registry.v1 import registry_pb2 as registry

from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.receipt_printer.port import Block, Heading, Paragraph, QrCode, ReceiptPrinter, Row, Rule
from drivers.status import DeviceState, PaperState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance.outcome import End

PRINT_S: Final = 15.0

_KINDS: Final[Mapping[registry.DocumentKind.ValueType, tuple[str, str]]] = {
    registry.DOCUMENT_KIND_KK: ("Kartu Keluarga", "Family card"),
    registry.DOCUMENT_KIND_BIODATA: ("Biodata Penduduk", "Resident's biodata"),
    registry.DOCUMENT_KIND_AKTA_KELAHIRAN: ("Kutipan Akta Kelahiran", "Birth certificate"),
    registry.DOCUMENT_KIND_AKTA_KEMATIAN: ("Kutipan Akta Kematian", "Death certificate"),
    registry.DOCUMENT_KIND_SKPWNI: ("Surat Keterangan Pindah", "Certificate of moving"),
    registry.DOCUMENT_KIND_KTP_EL: ("KTP-el", "Identity card (KTP-el)"),
    registry.DOCUMENT_KIND_KIA: ("Kartu Identitas Anak", "Child's identity card"),
}
_WORDS: Final = {
    "issued": ("BUKTI CETAK DOKUMEN", "DOCUMENT RECEIPT"),
    "failed": ("DOKUMEN BELUM TERCETAK", "DOCUMENT NOT PRINTED"),
    "kept": ("DOKUMEN BELUM DISERAHKAN", "DOCUMENT NOT HANDED OVER"),
    "unclear": ("CETAK PERLU DIPERIKSA", "PRINT TO BE CHECKED"),
    "ticket": ("NOMOR ANTREAN", "QUEUE NUMBER"),
    "number": ("Nomor", "Number"),
    "time": ("Waktu", "Time"),
    "place": ("Tempat", "Place"),
    "document": ("Dokumen", "Document"),
    "sheets": ("Lembar", "Sheets"),
    "service": ("Layanan", "Service"),
    "before": ("Menunggu di depan", "Waiting before you"),
    "track": ("Pindai untuk melihat status", "Scan to see its status"),
    "complain": (
        "Ada yang keliru? Datanglah ke Dinas Dukcapil dengan nomor di atas. Layanan ini gratis.",
        "Something wrong? Come to the Dukcapil office with the number above. This service is free.",
    ),
    "not_printed": (
        "Dokumen Anda tidak tercetak. Tidak ada yang dicatat sebagai pemakaian Anda. Datanglah lagi dengan nomor ini,"
        " di mesin lain atau di loket.",
        "Your document was not printed. Nothing was recorded against you. Come back with this number, to another"
        " machine or to the counter.",
    ),
    "spoiled": (
        "Cetakan dokumen Anda rusak dan ditahan mesin; lembar itu tidak berlaku. Tidak ada yang dicatat sebagai"
        " pemakaian Anda. Datanglah lagi dengan nomor ini, di mesin lain atau di loket.",
        "The print of your document went wrong and stays in the machine; that sheet is not valid. Nothing was recorded"
        " against you. Come back with this number, to another machine or to the counter.",
    ),
    "retracted": (
        "Dokumen Anda tidak diambil tepat waktu dan ditarik kembali ke dalam mesin; lembar itu akan dimusnahkan. Tidak"
        " ada yang dicatat sebagai pemakaian Anda. Datanglah lagi dengan nomor ini, di mesin lain atau di loket.",
        "Your document was not taken in time and was drawn back into the machine; that sheet will be destroyed. Nothing"
        " was recorded against you. Come back with this number, to another machine or to the counter.",
    ),
    "retained": (
        "Dokumen Anda tidak sampai ke tangan Anda dan ditahan di dalam mesin; lembar itu akan dimusnahkan. Tidak ada"
        " yang dicatat sebagai pemakaian Anda. Datanglah lagi dengan nomor ini, di mesin lain atau di loket.",
        "Your document did not reach your hands and is held in the machine; that sheet will be destroyed. Nothing was"
        " recorded against you. Come back with this number, to another machine or to the counter.",
    ),
    "unknown": (
        "Mesin tidak dapat memastikan apakah dokumen Anda keluar. Petugas akan memeriksanya. Tunjukkan nomor ini"
        " kepada petugas.",
        "The machine cannot tell whether your document came out. An officer will check. Show this number to an"
        " officer.",
    ),
    "wait": (
        "Mohon menunggu sampai nomor Anda dipanggil. Layanan ini gratis.",
        "Please wait until your number is called. This service is free.",
    ),
    "simulation": ("SIMULASI - bukan dokumen resmi", "SIMULATION - not an official document"),
}
_FAILED: Final = {
    End.NOT_PRINTED: ("failed", "not_printed"),
    End.SPOILED: ("failed", "spoiled"),
    End.RETRACTED: ("kept", "retracted"),
    End.RETAINED: ("kept", "retained"),
    End.UNKNOWN: ("unclear", "unknown"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What every slip of this machine has.

    Attributes:
        at: Local time of the machine.
        simulation: Say that nothing on it is real.
    """

    at: datetime
    site_name: str
    language: panel.Language.ValueType
    simulation: bool

    def word(self, key: str) -> str:
        """In the slip's language."""
        return _WORDS[key][self._index]

    def kind(self, kind: registry.DocumentKind.ValueType) -> str:
        """A document's name."""
        return _KINDS[kind][self._index]

    @property
    def _index(self) -> int:
        return 1 if self.language == panel.LANGUAGE_EN else 0

    def around(self, heading: str, rows: list[Block], body: list[Block]) -> tuple[Block, ...]:
        """A whole slip: heading, when and where with `rows`, and what `body` says."""
        blocks: list[Block] = [
            Heading(self.word(heading)),
            Paragraph("Anjungan Dukcapil Mandiri", centered=True),
            Rule(),
            *rows[:1],
            Row(self.word("time"), self.at.strftime("%d-%m-%Y %H:%M")),
            Row(self.word("place"), self.site_name),
            *rows[1:],
            Rule(),
            *body,
        ]
        if self.simulation:
            blocks.append(Paragraph(self.word("simulation"), centered=True, bold=True))
        return tuple(blocks)


def issued(
    frame: Frame, *, number: str, kind: registry.DocumentKind.ValueType, page_count: int, tracking_url: str
) -> tuple[Block, ...]:
    """The receipt of a document that was handed over."""
    rows: list[Block] = [
        Row(frame.word("number"), number),
        Row(frame.word("document"), frame.kind(kind)),
        Row(frame.word("sheets"), str(page_count)),
    ]
    track = Paragraph(frame.word("track"), centered=True)
    return frame.around("issued", rows, [QrCode(tracking_url), track, Rule(), Paragraph(frame.word("complain"))])


def failed(frame: Frame, *, number: str, kind: registry.DocumentKind.ValueType, end: End) -> tuple[Block, ...]:
    """The slip for a document that could not be given, to come back with."""
    heading, body = _FAILED[end]
    rows: list[Block] = [Row(frame.word("number"), number), Row(frame.word("document"), frame.kind(kind))]
    return frame.around(heading, rows, [Paragraph(frame.word(body), bold=True), Paragraph(frame.word("complain"))])


def queue_ticket(
    frame: Frame, *, number: str, service: str = "", waiting: int | None = None, tracking_url: str = ""
) -> tuple[Block, ...]:
    """A place in the queue.

    Args:
        number: As it will be called: "A-017".
        service: What it is for; empty: anything.
        waiting: How many are before it; None: not known.
        tracking_url: Where the queue can be watched; empty: nowhere.
    """
    rows: list[Block] = [Row(frame.word("number"), number)]
    rows += [Row(frame.word("service"), service)] if service else []
    rows += [Row(frame.word("before"), str(waiting))] if waiting is not None else []
    body: list[Block] = [Heading(number), Paragraph(frame.word("wait"), centered=True)]
    body += [QrCode(tracking_url), Paragraph(frame.word("track"), centered=True)] if tracking_url else []
    return frame.around("ticket", rows, body)


def printable(printer: Device[ReceiptPrinter]) -> bool:
    """Whether a slip would come out, as far as is known without asking."""
    return printer.state is DeviceState.ONLINE and printer.details.get("paper") != PaperState.OUT.value


async def print_receipt(printer: Device[ReceiptPrinter], blocks: tuple[Block, ...], number: str) -> bool:
    """Print and cut it. Returns whether it came out; a receipt that did not costs nobody their document."""
    try:
        evidence = await printer.call(lambda port: port.print(blocks, Deadline.after(PRINT_S)), PRINT_S)
    except DriverError as error:
        logs.event("receipt_failed", receipt_number=number, error=error)
        return False
    logs.event("receipt", receipt_number=number, evidence=evidence.value)
    return True
