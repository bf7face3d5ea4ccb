"""From what the registry sends of a card to what is drawn on it and written into its chip."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from adm.registry.v1 import registry_pb2 as pb
from google.protobuf.message import DecodeError
from PIL import Image

from drivers.card_printer.personalise import CardFiles
from kiosk.issuance.cards.errors import FieldUnusable, PictureUnusable
from kiosk.issuance.cards.fields import KiaFields, KtpFields, Pictures, kia_valid_until, short
from kiosk.issuance.cards.kia import kia_sides
from kiosk.issuance.cards.ktp import ktp_sides
from kiosk.issuance.cards.sides import Sides

_PROVINCE: Final = "PROVINSI "
_NOTE: Final = "Keterangan"
# The chip holds 8 KB in all (BPPT, published by Kompas, 2021-02-14); biodata and signature need less than half.
_CHIP_PHOTO_BYTES: Final = 4000
_CHIP_PHOTO_PX: Final = (240, 320)
_CHIP_SIGNATURE_PX: Final = (168, 44)
# What a real card control holds comes from Ditjen Dukcapil; only its length is known.
_CARD_CONTROL: Final = b"SIM".ljust(51, b"\0")


def read(data: bytes) -> pb.CardContent:
    """The registry's message.

    Raises:
        FieldUnusable: It is none, or not of a card.
    """
    try:
        content = pb.CardContent.FromString(data)
    except DecodeError as error:
        raise FieldUnusable("content", "is not a card's") from error
    if content.kind not in (pb.DOCUMENT_KIND_KTP_EL, pb.DOCUMENT_KIND_KIA):
        raise FieldUnusable("kind", "is not a card's")
    return content


def sides(content: pb.CardContent, *, marked: bool) -> Sides:
    """Both sides of it.

    Args:
        marked: Whether it says that it is a simulation.

    Raises:
        CardDesignError: It cannot be drawn whole.
    """
    pictures = Pictures(content.photo_jpeg or None, content.signature_png or None)
    if content.kind == pb.DOCUMENT_KIND_KTP_EL:
        return ktp_sides(_ktp(content), pictures, marked=marked)
    return kia_sides(_kia(content), pictures, marked=marked)


def files(content: pb.CardContent) -> CardFiles | None:
    """What is written into the chip; None for a card without one.

    Raises:
        CardDesignError: A file is missing, or all of them are more than the chip holds.
    """
    if not content.chip_biodata:
        return None
    made = CardFiles(
        card_control=_CARD_CONTROL,
        biodata=content.chip_biodata.encode("utf-8"),
        photo=_chip_photo(content.photo_jpeg),
        signature=_chip_signature(content.signature_png),
    )
    try:
        made.by_identifier()
    except ValueError as error:
        raise FieldUnusable("chip_biodata", "does not fit on the chip") from error
    return made


def _ktp(content: pb.CardContent) -> KtpFields:
    values = _Values(content)
    place, born = values.place_and_date("Tempat/Tgl Lahir")
    issued_at, issued_on = _place_and_date("issued_line", content.issued_line)
    rt, rw = values.pair("RT/RW")
    return KtpFields(
        province=content.province_heading.removeprefix(_PROVINCE),
        regency=content.regency_heading,
        nik=content.nik,
        name=values["Nama"],
        birth_place=place,
        birth_date=born,
        sex=values["Jenis Kelamin"],
        blood=values["Gol. Darah"],
        address=values["Alamat"],
        rt=rt,
        rw=rw,
        village=values["Kel/Desa"],
        district=values["Kecamatan"],
        religion=values["Agama"],
        marital=values["Status Perkawinan"],
        occupation=values["Pekerjaan"],
        nationality=values["Kewarganegaraan"],
        valid_until=values["Berlaku Hingga"],
        issued_at=issued_at,
        issued_on=issued_on,
    )


def _kia(content: pb.CardContent) -> KiaFields:
    values = _Values(content)
    place, born = values.place_and_date("Tempat/Tgl Lahir")
    issued_at, issued_on = _place_and_date("issued_line", content.issued_line)
    rt, rw = values.pair("RT/RW")
    if values["Berlaku s/d"] != short(kia_valid_until(born, issued_on)):
        raise FieldUnusable("valid_until", "is not the day before the birthday that ends it")
    return KiaFields(
        province=content.province_heading.removeprefix(_PROVINCE),
        regency=content.regency_heading,
        nik=content.nik,
        name=values["Nama"],
        birth_place=place,
        birth_date=born,
        sex=values["Jenis Kelamin"],
        blood=values["Gol. Darah"],
        family_number=values["Nomor KK"],
        head_of_family=values["Kepala Keluarga"],
        birth_certificate=values["No. Akta Kelahiran"],
        religion=values["Agama"],
        nationality=values["Kewarganegaraan"],
        address=values["Alamat"],
        rt=rt,
        rw=rw,
        village=values["Desa/Kelurahan"],
        district=values["Kecamatan"],
        issued_at=issued_at,
        issued_on=issued_on,
        note=values.get(_NOTE, ""),
    )


class _Values:
    """The printed fields by their labels."""

    def __init__(self, content: pb.CardContent) -> None:
        self._values: Mapping[str, str] = {field.label: field.value for field in content.fields}

    def __getitem__(self, label: str) -> str:
        value = self._values.get(label)
        if not value:
            raise FieldUnusable(label, "is missing")
        return value

    def get(self, label: str, otherwise: str) -> str:
        return self._values.get(label, otherwise)

    def place_and_date(self, label: str) -> tuple[str, date]:
        return _place_and_date(label, self[label])

    def pair(self, label: str) -> tuple[str, str]:
        one, slash, other = self[label].partition("/")
        if not slash:
            raise FieldUnusable(label, "is not two numbers")
        return one, other


def _place_and_date(field: str, text: str) -> tuple[str, date]:
    """`MAGETAN, 23-11-2026`; a place may have commas of its own."""
    place, comma, day = text.rpartition(", ")
    try:
        # Only the date counts: there is no time of day in it.
        return place, datetime.strptime(day, "%d-%m-%Y").date()
    except ValueError as error:
        raise FieldUnusable(field, "does not end in a date" if comma else "has no date") from error


def _chip_photo(photo: bytes) -> bytes:
    """The portrait as the largest JPEG that the chip has room for."""
    try:
        with Image.open(io.BytesIO(photo), formats=("JPEG", "PNG")) as picture:
            small = picture.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureUnusable("photo", "is missing or broken") from error
    small.thumbnail(_CHIP_PHOTO_PX, Image.Resampling.LANCZOS)
    for quality in range(85, 10, -5):
        out = io.BytesIO()
        small.save(out, "JPEG", quality=quality, optimize=True)
        if out.tell() <= _CHIP_PHOTO_BYTES:
            return out.getvalue()
    raise PictureUnusable("photo", "does not fit on the chip")


def _chip_signature(scan: bytes) -> bytes:
    """168 x 44, one bit a dot, deflated: the size is published, the real codec is not."""
    try:
        with Image.open(io.BytesIO(scan), formats=("JPEG", "PNG")) as picture:
            flat = Image.new("RGBA", picture.size, "white")
            flat.alpha_composite(picture.convert("RGBA"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise PictureUnusable("signature", "is missing or broken") from error
    small = flat.convert("L").resize(_CHIP_SIGNATURE_PX, Image.Resampling.LANCZOS)
    return zlib.compress(small.point(lambda light: 255 * (light > 127)).convert("1").tobytes(), 9)
