"""The KTP-el (fields: Permendagri 74/2015; card 85.60 x 53.98 mm). Where exactly each stands is ours, not confirmed."""

from kiosk.issuance.cards.backgrounds import Tint, background
from kiosk.issuance.cards.canvas import SIZE, Canvas
from kiosk.issuance.cards.errors import PictureUnusable
from kiosk.issuance.cards.fields import KtpFields, Pictures, check_number, short
from kiosk.issuance.cards.fonts import Weight
from kiosk.issuance.cards.layout import Place, fit
from kiosk.issuance.cards.pictures import behind, portrait, signature
from kiosk.issuance.cards.rows import Row, Table
from kiosk.issuance.cards.sides import Sides

PHOTO_AT, PHOTO_SIZE = (742, 158), (240, 300)
SIGNATURE_AT, SIGNATURE_SIZE = (742, 548), (240, 62)
_HEADING = Place(900, 1, 36, 24)
_NIK_SIZE = 48
_TABLE = Table(26, 284, 726, 186, 622, 27, 19, 34.0)
_BLOOD_PX = 170
_BESIDE_PHOTO = Place(240, 2, 23, 16)
_BACK_TITLE = Place(900, 1, 50, 30)


def ktp_sides(fields: KtpFields, pictures: Pictures, *, marked: bool) -> Sides:
    """Both sides.

    Args:
        marked: Whether it says that it is a simulation.

    Raises:
        CardDesignError: It cannot be drawn whole.
    """
    return Sides(_front(fields, pictures, marked), _back(fields, marked))


def _front(fields: KtpFields, pictures: Pictures, marked: bool) -> Canvas:
    if pictures.photo is None:
        raise PictureUnusable("photo", "is missing")
    canvas = Canvas(background(Tint.KTP, marked))
    middle = SIZE[0] / 2
    for field, text, y in (("province", f"PROVINSI {fields.province}", 22), ("regency", fields.regency, 64)):
        canvas.centred_block(middle, y, fit(field, text, _HEADING), Weight.BOLD)
    nik = check_number("nik", fields.nik)
    canvas.text(_TABLE.left_px, 122, "NIK", Weight.BOLD, 42)
    canvas.text(_TABLE.value_px - 104, 119, ":", Weight.BOLD, 42)
    canvas.text(_TABLE.value_px - 72, 117, nik, Weight.DIGITS, _NIK_SIZE)
    drawn = _TABLE.draw(canvas, _rows(fields))
    blood = fit("blood", f"Gol. Darah : {fields.blood}", Place(_BLOOD_PX, 1, min(25, drawn.size_px), 16))
    canvas.block(_TABLE.right_px - _BLOOD_PX, drawn.tops["sex"], blood, Weight.REGULAR, drawn.pitch_px)
    photo = portrait(pictures.photo, PHOTO_SIZE, behind(fields.birth_date.year))
    canvas.picture(*PHOTO_AT, photo)
    x = PHOTO_AT[0] + PHOTO_SIZE[0] / 2
    below = canvas.centred_block(x, 466, fit("issued_at", fields.issued_at, _BESIDE_PHOTO), Weight.REGULAR)
    canvas.centred_block(x, below, fit("issued_on", short(fields.issued_on), _BESIDE_PHOTO), Weight.REGULAR)
    if pictures.signature is not None:
        ink = signature(pictures.signature, SIGNATURE_SIZE)
        canvas.stamp(round(x - ink.width / 2), SIGNATURE_AT[1] + (SIGNATURE_SIZE[1] - ink.height) // 2, ink)
    return canvas


def _rows(fields: KtpFields) -> tuple[Row, ...]:
    return (
        Row("name", "Nama", fields.name, lines=3),
        Row("birth_place", "Tempat/Tgl Lahir", f"{fields.birth_place}, {short(fields.birth_date)}", lines=2),
        Row("sex", "Jenis Kelamin", fields.sex, narrower_px=_BLOOD_PX),
        Row("address", "Alamat", fields.address, lines=3),
        Row("rt", "RT/RW", f"{fields.rt}/{fields.rw}", indent_px=30),
        Row("village", "Kel/Desa", fields.village, lines=2, indent_px=30),
        Row("district", "Kecamatan", fields.district, lines=2, indent_px=30),
        Row("religion", "Agama", fields.religion, lines=2),
        Row("marital", "Status Perkawinan", fields.marital),
        Row("occupation", "Pekerjaan", fields.occupation, lines=2),
        Row("nationality", "Kewarganegaraan", fields.nationality),
        Row("valid_until", "Berlaku Hingga", fields.valid_until),
    )


def _back(fields: KtpFields, marked: bool) -> Canvas:
    canvas = Canvas(background(Tint.KTP, marked))
    middle = SIZE[0] / 2
    for text, y in (("REPUBLIK INDONESIA", 150), ("KARTU TANDA PENDUDUK", 222), ("ELEKTRONIK", 290)):
        canvas.centred_block(middle, y, fit("back", text, _BACK_TITLE), Weight.BOLD)
    canvas.lines([(middle - 300, 372), (middle + 300, 372)], 3)
    for field, text, y in (("province", f"PROVINSI {fields.province}", 400), ("regency", fields.regency, 448)):
        canvas.centred_block(middle, y, fit(field, text, _HEADING), Weight.BOLD)
    return canvas
