"""What stands on the cards, as the registry has it; nothing here shows itself in a log.

Sources: KTP-el, Permendagri 74/2015; KIA, Permendagri 2/2016.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from kiosk.issuance.cards.errors import FieldUnusable

KIA_PHOTO_FROM_YEARS, KIA_UNTIL_YEARS = 5, 17
_NIK_DIGITS = 16
_MONTHS = (
    "JANUARI",
    "FEBRUARI",
    "MARET",
    "APRIL",
    "MEI",
    "JUNI",
    "JULI",
    "AGUSTUS",
    "SEPTEMBER",
    "OKTOBER",
    "NOVEMBER",
    "DESEMBER",
)


@dataclass(frozen=True, slots=True, repr=False)
class KtpFields:
    """A KTP-el.

    Attributes:
        regency: With its kind: "KABUPATEN MAGETAN".
        blood: "O", "AB+", or "-" when it is not known.
        valid_until: "SEUMUR HIDUP", or a date as text.
        issued_at: Place.
    """

    province: str
    regency: str
    nik: str
    name: str
    birth_place: str
    birth_date: date
    sex: str
    blood: str
    address: str
    rt: str
    rw: str
    village: str
    district: str
    religion: str
    marital: str
    occupation: str
    nationality: str
    valid_until: str
    issued_at: str
    issued_on: date


@dataclass(frozen=True, slots=True, repr=False)
class KiaFields:
    """A KIA, with or without photo.

    Attributes:
        head_of_family: Name.
        birth_certificate: Its number.
        note: Why a child old enough for a photo has none on it: "TANPA PAS FOTO"; empty when nothing is to be said.
    """

    province: str
    regency: str
    nik: str
    name: str
    birth_place: str
    birth_date: date
    sex: str
    blood: str
    family_number: str
    head_of_family: str
    birth_certificate: str
    religion: str
    nationality: str
    address: str
    rt: str
    rw: str
    village: str
    district: str
    issued_at: str
    issued_on: date
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Pictures:
    """A photo and a signature, as JPEG or PNG; None where the card has none."""

    photo: bytes | None = field(default=None)
    signature: bytes | None = field(default=None)


def check_number(name: str, number: str) -> str:
    """A NIK or family number: 16 digits. Raises FieldUnusable."""
    if len(number) != _NIK_DIGITS or not (number.isascii() and number.isdigit()):
        raise FieldUnusable(name, f"is not {_NIK_DIGITS} digits")
    return number


def kia_has_photo(born: date, issued: date) -> bool:
    """A child has a photo on its KIA from its fifth birthday on.

    Raises:
        FieldUnusable: Not born yet, or seventeen already: that is a KTP-el's age.
    """
    if issued < born or issued >= birthday(born, KIA_UNTIL_YEARS):
        raise FieldUnusable("birth_date", "is not that of a child")
    return issued >= birthday(born, KIA_PHOTO_FROM_YEARS)


def kia_valid_until(born: date, issued: date) -> date:
    """The last day of a KIA: before the fifth birthday, or the seventeenth."""
    years = KIA_UNTIL_YEARS if kia_has_photo(born, issued) else KIA_PHOTO_FROM_YEARS
    return birthday(born, years) - timedelta(days=1)


def birthday(born: date, years: int) -> date:
    """That birthday; somebody born on 29 February has it on 1 March in other years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def short(day: date) -> str:
    """As on the cards: 17-08-1978."""
    return f"{day.day:02d}-{day.month:02d}-{day.year:04d}"


def long(day: date) -> str:
    """As a person says it: 17 AGUSTUS 1978."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
