"""The KIA, child's identity card (Permendagri 2/2016): without a photo before the fifth birthday, with one after it.

An older child whose photo the registry lacks gets its card without one when the registry says so in a note.
Where exactly each field stands is ours, not confirmed.
"""

from kiosk.issuance.cards.backgrounds import Tint, background
from kiosk.issuance.cards.canvas import SIZE, Canvas
from kiosk.issuance.cards.errors import PictureUnusable
from kiosk.issuance.cards.fields import (
    KiaFields,
    Pictures,
    check_number,
    kia_has_photo,
    kia_valid_until,
    short,
)
from kiosk.issuance.cards.fonts import Weight
from kiosk.issuance.cards.layout import Place, fit
from kiosk.issuance.cards.pictures import behind, portrait
from kiosk.issuance.cards.rows import Row, Table
from kiosk.issuance.cards.sides import Sides

PHOTO_AT, PHOTO_SIZE = (772, 172), (210, 270)
_HEADING = Place(900, 1, 34, 22)
_TITLE = Place(900, 1, 38, 30)
_WITH_PHOTO = Table(26, 290, 756, 214, 624, 27, 19, 38.0)
_WITHOUT_PHOTO = Table(26, 290, 990, 214, 624, 27, 19, 38.0)
_BACK = Table(60, 360, 960, 170, 470, 29, 20, 44.0)
_SIGNED_AT = Place(420, 2, 27, 18)


def kia_sides(fields: KiaFields, pictures: Pictures, *, marked: bool) -> Sides:
    """Both sides; whether with photo follows from the child's age when it is issued, unless a note says why not.

    Args:
        marked: Whether it says that it is a simulation.

    Raises:
        CardDesignError: It cannot be drawn whole.
    """
    return Sides(_front(fields, pictures, marked), _back(fields, marked))


def _front(fields: KiaFields, pictures: Pictures, marked: bool) -> Canvas:
    with_photo = kia_has_photo(fields.birth_date, fields.issued_on) and not (fields.note and pictures.photo is None)
    canvas = Canvas(background(Tint.KIA, marked))
    middle = SIZE[0] / 2
    _headings(canvas, fields)
    canvas.centred_block(middle, 96, fit("title", "KARTU IDENTITAS ANAK", _TITLE), Weight.BOLD)
    canvas.text(26, 152, "NIK", Weight.BOLD, 40)
    canvas.text(174, 150, ":", Weight.BOLD, 40)
    canvas.text(206, 147, check_number("nik", fields.nik), Weight.DIGITS, 46)
    (_WITH_PHOTO if with_photo else _WITHOUT_PHOTO).draw(canvas, _rows(fields))
    if with_photo:
        if pictures.photo is None:
            raise PictureUnusable("photo", "is missing")
        canvas.picture(*PHOTO_AT, portrait(pictures.photo, PHOTO_SIZE, behind(fields.birth_date.year)))
    return canvas


def _headings(canvas: Canvas, fields: KiaFields) -> None:
    for field, text, y in (("province", f"PROVINSI {fields.province}", 16), ("regency", fields.regency, 54)):
        canvas.centred_block(SIZE[0] / 2, y, fit(field, text, _HEADING), Weight.BOLD)


def _rows(fields: KiaFields) -> tuple[Row, ...]:
    return (
        Row("name", "Nama", fields.name, lines=2),
        Row("birth_place", "Tempat/Tgl Lahir", f"{fields.birth_place}, {short(fields.birth_date)}", lines=2),
        Row("sex", "Jenis Kelamin", fields.sex),
        Row("blood", "Gol. Darah", fields.blood),
        Row("family_number", "Nomor KK", check_number("family_number", fields.family_number)),
        Row("head_of_family", "Kepala Keluarga", fields.head_of_family, lines=2),
        Row("birth_certificate", "No. Akta Kelahiran", fields.birth_certificate, lines=2),
        Row("religion", "Agama", fields.religion, lines=2),
        Row("nationality", "Kewarganegaraan", fields.nationality),
        Row("valid_until", "Berlaku s/d", short(kia_valid_until(fields.birth_date, fields.issued_on))),
        *([Row("note", "Keterangan", fields.note, lines=2)] if fields.note else []),
    )


def _back(fields: KiaFields, marked: bool) -> Canvas:
    canvas = Canvas(background(Tint.KIA, marked))
    _headings(canvas, fields)
    canvas.centred_block(SIZE[0] / 2, 104, fit("title", "KARTU IDENTITAS ANAK", _TITLE), Weight.BOLD)
    _BACK.draw(
        canvas,
        (
            Row("address", "Alamat", fields.address, lines=4),
            Row("rt", "RT/RW", f"{fields.rt}/{fields.rw}"),
            Row("village", "Desa/Kelurahan", fields.village, lines=2),
            Row("district", "Kecamatan", fields.district, lines=2),
        ),
    )
    y = canvas.centred_block(740, 500, fit("issued_at", fields.issued_at, _SIGNED_AT), Weight.REGULAR)
    canvas.centred_block(740, y, fit("issued_on", short(fields.issued_on), _SIGNED_AT), Weight.REGULAR)
    return canvas
