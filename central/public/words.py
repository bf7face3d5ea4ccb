"""What the public pages say, in Indonesian and English."""

from dataclasses import dataclass
from datetime import datetime

from adm.registry.v1 import registry_pb2 as pb

from central.documents import words
from central.documents.contents import WIB
from central.registry.tracking import Progress


@dataclass(frozen=True, slots=True)
class Both:
    """A text in both languages."""

    id: str
    en: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A page's answer.

    Attributes:
        look: Names colour and sign: good, old, bad, wait.
        status: Of HTTP.
    """

    look: str
    title: Both
    text: Both
    status: int = 200


VALIDITY = {
    pb.DOCUMENT_VALIDITY_VALID: Answer(
        "good",
        Both("Dokumen asli dan berlaku", "Genuine and current"),
        Both(
            "Cocokkan keterangan di bawah ini dengan dokumen yang Anda pegang.",
            "Compare what stands below with the document in your hand.",
        ),
    ),
    pb.DOCUMENT_VALIDITY_SUPERSEDED: Answer(
        "old",
        Both("Dokumen tidak berlaku lagi", "No longer current"),
        Both(
            "Dokumen ini pernah dibuat oleh kantor, tetapi sudah dibatalkan atau diganti dengan yang baru.",
            "The office did make this document, and has since cancelled or replaced it.",
        ),
    ),
    pb.DOCUMENT_VALIDITY_NOT_GENUINE: Answer(
        "bad",
        Both("Dokumen tidak dikenal", "Not genuine"),
        Both(
            "Kode ini tidak ada dalam catatan kami. Jangan terima dokumen ini; tanyakan kepada kantor Dukcapil.",
            "Our records do not have this code. Do not accept this document; ask the civil registration office.",
        ),
        404,
    ),
}

PROGRESS = {
    Progress.UNDER_WAY: Answer(
        "wait",
        Both("Sedang diproses", "Under way"),
        Both("Dokumen sedang dicetak di mesin.", "The machine is printing the document."),
    ),
    Progress.DONE: Answer(
        "good",
        Both("Selesai", "Done"),
        Both("Dokumen sudah dicetak dan diterima.", "The document was printed and handed over."),
    ),
    Progress.LOOKED_INTO: Answer(
        "old",
        Both("Sedang diperiksa petugas", "Being looked into"),
        Both(
            "Mesin tidak dapat memastikan apakah dokumen sudah keluar. Petugas akan memeriksanya; simpan nomor ini.",
            "The machine cannot tell whether the document came out. Staff will look into it; keep this number.",
        ),
    ),
    Progress.NOT_ISSUED: Answer(
        "wait",
        Both("Tidak jadi dicetak", "Not issued"),
        Both(
            "Dokumen tidak sampai kepada Anda. Anda dapat mencetaknya lagi, di mesin ADM mana pun.",
            "The document did not reach you. You can print it again, at any ADM machine.",
        ),
    ),
    Progress.REPLACED: Answer(
        "old",
        Both("Sudah diganti", "Replaced"),
        Both("Dokumen ini diganti dengan yang baru.", "This document was replaced by a newer one."),
    ),
}

NO_SUCH_RECEIPT = Answer(
    "bad",
    Both("Nomor tidak dikenal", "Unknown number"),
    Both("Periksa lagi nomor pada struk Anda.", "Check the number on your receipt."),
    404,
)
NO_SUCH_PAGE = Answer(
    "bad",
    Both("Halaman tidak ada", "No such page"),
    Both("Pindai lagi kode QR pada dokumen atau struk.", "Scan the QR code of the document or receipt again."),
    404,
)
TOO_MANY = Answer(
    "wait",
    Both("Terlalu banyak permintaan", "Too many requests"),
    Both("Coba lagi sebentar lagi.", "Try again in a moment."),
    429,
)

KINDS = {
    pb.DOCUMENT_KIND_KTP_EL: Both("KTP-el", "Electronic identity card"),
    pb.DOCUMENT_KIND_KIA: Both("Kartu Identitas Anak", "Child's identity card"),
    pb.DOCUMENT_KIND_KK: Both("Kartu Keluarga", "Family card"),
    pb.DOCUMENT_KIND_BIODATA: Both("Biodata Penduduk", "Resident's biodata"),
    pb.DOCUMENT_KIND_AKTA_KELAHIRAN: Both("Kutipan Akta Kelahiran", "Birth certificate"),
    pb.DOCUMENT_KIND_AKTA_KEMATIAN: Both("Kutipan Akta Kematian", "Death certificate"),
    pb.DOCUMENT_KIND_SKPWNI: Both("Surat Keterangan Pindah WNI", "Certificate of moving"),
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day(at: datetime) -> Both:
    """A date in Magetan (WIB)."""
    local = at.astimezone(WIB).date()
    return Both(words.long(local), f"{local.day} {_MONTHS[local.month - 1]} {local.year}")
