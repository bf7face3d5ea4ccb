"""KTP-el and KIA as drawn: what is where, what is refused before a blank is touched."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from PIL import Image, ImageOps

from drivers.card_printer.port import CardSide
from kiosk.issuance.cards.backgrounds import Tint, background
from kiosk.issuance.cards.errors import CardDesignError, DesignDoesNotFit, FieldUnusable, PictureUnusable
from kiosk.issuance.cards.fields import Pictures, birthday, kia_has_photo, kia_valid_until
from kiosk.issuance.cards.kia import kia_sides
from kiosk.issuance.cards.ktp import PHOTO_AT, PHOTO_SIZE, ktp_sides
from kiosk.issuance.cards.pictures import BLUE, RED
from kiosk.issuance.cards.sides import preview
from tests.unit.cards.sample import kia, ktp, photo, pictures, png, scribble, signature


def front(**changes: object) -> CardSide:
    return ktp_sides(ktp(**changes), pictures(), marked=True).printable()[0]


def test_both_sides_have_text_on_the_black_panel_alone() -> None:
    for side in ktp_sides(ktp(), pictures(), marked=True).printable():
        assert 0.01 < side.black.mean() < 0.2
        assert not (side.colour == 0).all(axis=2).any()


@pytest.mark.parametrize(
    "field",
    [
        "province",
        "regency",
        "nik",
        "name",
        "birth_place",
        "birth_date",
        "sex",
        "blood",
        "address",
        "rt",
        "rw",
        "village",
        "district",
        "religion",
        "marital",
        "occupation",
        "nationality",
        "valid_until",
        "issued_at",
        "issued_on",
    ],
)
def test_every_field_is_on_the_front(field: str) -> None:
    other: object = date(2001, 2, 3) if field in ("birth_date", "issued_on") else "X1"
    if field == "nik":
        other = "3520061708780004"
    assert (front().black != front(**{field: other}).black).any()


@pytest.mark.parametrize(("year", "colour"), [(1978, BLUE), (1979, RED)])
def test_the_photos_background_follows_the_year_of_birth(year: int, colour: tuple[int, int, int]) -> None:
    side = front(birth_date=date(year, 8, 17))
    x, y = PHOTO_AT[0] + 12, PHOTO_AT[1] + 12
    assert tuple(side.colour[y, x]) == colour


def test_a_photo_with_a_background_that_is_not_plain_stays_as_it_was_taken() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (400, 300, 3), dtype=np.uint8)
    side = ktp_sides(ktp(), Pictures(png(Image.fromarray(noise)), None), marked=True).printable()[0]
    x, y = PHOTO_AT
    area = side.colour[y : y + PHOTO_SIZE[1], x : x + PHOTO_SIZE[0]]
    assert not (area == BLUE).all(axis=2).any()


def test_a_photo_that_is_clear_behind_the_person_is_laid_on_the_colour() -> None:
    image = Image.new("RGBA", (300, 400), (0, 0, 0, 0))
    image.paste((200, 150, 120, 255), (100, 100, 200, 300))
    side = ktp_sides(ktp(), Pictures(png(image), None), marked=True).printable()[0]
    x, y = PHOTO_AT
    assert tuple(side.colour[y + 5, x + 5]) == BLUE
    assert tuple(side.colour[y + PHOTO_SIZE[1] // 2, x + PHOTO_SIZE[0] // 2]) == (200, 150, 120)


def test_cards_are_marked_as_a_simulation_on_both_sides_unless_told_otherwise() -> None:
    marked = ktp_sides(ktp(), pictures(), marked=True).printable()
    plain = ktp_sides(ktp(), pictures(), marked=False).printable()
    for with_mark, without in zip(marked, plain, strict=True):
        assert (with_mark.colour != without.colour).any(axis=2).mean() > 0.08
        assert (with_mark.black == without.black).all()


def test_backgrounds_are_not_drawn_on() -> None:
    before = np.asarray(background(Tint.KTP, True)).copy()
    front()
    assert (np.asarray(background(Tint.KTP, True)) == before).all()


def test_the_preview_is_what_is_printed() -> None:
    side = front()
    shown = np.asarray(preview(side))
    assert (shown[side.black] == 0).all()
    assert (shown[~side.black] == side.colour[~side.black]).all()


LONGEST = {
    "name": "RADEN MAS HARYO SOERJONINGRAT KUSUMAWARDHANA DJOJODININGRAT",
    "address": "PERUMAHAN GRIYA MAGETAN ASRI BLOK C-12 NOMOR 45 JALAN RAYA MAOSPATI-MAGETAN KM 7,5",
    "birth_place": "KABUPATEN PEMATANGSIANTAR",
    "occupation": "KARYAWAN SWASTA/PEGAWAI PERUSAHAAN DAERAH",
}


def test_a_name_of_sixty_letters_and_a_long_address_fit_together() -> None:
    assert len(LONGEST["name"]) == 59
    side = front(**LONGEST)
    assert not side.black[626:].any()
    assert not side.black[:, :20].any()


@pytest.mark.parametrize("field", ["name", "address", "village", "occupation", "province", "issued_at", "blood", "sex"])
def test_a_field_that_is_too_long_is_named_and_nothing_is_drawn(field: str) -> None:
    with pytest.raises(DesignDoesNotFit) as refused:
        front(**{field: "PANJANG SEKALI " * 12})
    assert refused.value.field == field


def test_fields_that_fit_one_by_one_and_not_together_are_refused() -> None:
    crowd = dict.fromkeys(("village", "district", "religion"), "DUA BARIS DENGAN KATA YANG PANJANG PANJANG")
    with pytest.raises(DesignDoesNotFit):
        front(**LONGEST, **crowd)


@pytest.mark.parametrize("nik", ["", "352006170878000", "35200617087800033", "352006170878000X", "٣٥٢٠٠٦١٧٠٨٧٨٠٠٠٣"])
def test_a_nik_that_is_none_is_refused(nik: str) -> None:
    with pytest.raises(FieldUnusable):
        front(nik=nik)


BROKEN: dict[str, Callable[[], bytes | None]] = {
    "missing": lambda: None,
    "empty": lambda: b"",
    "noise": lambda: b"\xff\xd8\xff" + bytes(500),
    "cut": lambda: photo()[: len(photo()) // 2],
    "text": lambda: b"not a picture",
    "gif": lambda: b"GIF89a" + bytes(100),
    "small": lambda: png(Image.effect_noise((60, 80), 90).convert("RGB")),
    "grey": lambda: png(Image.new("RGB", (300, 400), (120, 120, 120))),
    "huge": lambda: photo() + bytes(9 << 20),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_photo_that_cannot_be_used_is_refused(kind: str) -> None:
    with pytest.raises(PictureUnusable) as refused:
        ktp_sides(ktp(), Pictures(BROKEN[kind](), signature()), marked=True)
    assert refused.value.field == "photo"


@pytest.mark.parametrize(
    "scan", [b"", b"x", png(Image.new("L", (336, 88), 255)), png(Image.new("L", (336, 88), 0)), signature()[:60]]
)
def test_a_signature_that_cannot_be_used_is_refused(scan: bytes) -> None:
    with pytest.raises(PictureUnusable) as refused:
        ktp_sides(ktp(), Pictures(photo(), scan), marked=True)
    assert refused.value.field == "signature"


def test_the_signature_is_on_the_black_panel_and_may_be_missing() -> None:
    without = ktp_sides(ktp(), Pictures(photo(), None), marked=True).printable()[0]
    more = front().black & ~without.black
    assert more[540:615, PHOTO_AT[0] :].sum() > 200
    assert (front().colour == without.colour).all()


def test_a_signature_on_clear_paper_is_seen() -> None:
    clear = Image.new("RGBA", (336, 88), (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=ImageOps.invert(scribble()))
    with_it = ktp_sides(ktp(), Pictures(photo(), png(clear)), marked=True).printable()[0]
    assert (with_it.black & ~ktp_sides(ktp(), Pictures(photo()), marked=True).printable()[0].black).sum() > 200


BORN = date(2014, 5, 14)


@pytest.mark.parametrize(
    ("issued", "has_photo", "until"),
    [
        (BORN, False, date(2019, 5, 13)),
        (date(2019, 5, 13), False, date(2019, 5, 13)),
        (date(2019, 5, 14), True, date(2031, 5, 13)),
        (date(2031, 5, 13), True, date(2031, 5, 13)),
    ],
)
def test_a_kia_has_a_photo_from_the_fifth_birthday_on(issued: date, has_photo: bool, until: date) -> None:
    assert kia_has_photo(BORN, issued) is has_photo
    assert kia_valid_until(BORN, issued) == until


@pytest.mark.parametrize("issued", [BORN - timedelta(days=1), date(2031, 5, 14)])
def test_a_kia_is_for_children(issued: date) -> None:
    with pytest.raises(FieldUnusable):
        kia_sides(kia(issued_on=issued), pictures(), marked=True)


def test_a_birthday_of_29_february_is_on_1_march_in_other_years() -> None:
    assert birthday(date(2020, 2, 29), 5) == date(2025, 3, 1)
    assert birthday(date(2020, 2, 29), 4) == date(2024, 2, 29)


def test_a_kia_without_photo_needs_none_and_one_with_photo_does() -> None:
    small = kia(birth_date=date(2023, 1, 2))
    without, back = kia_sides(small, Pictures(), marked=True).printable()
    assert without.black.any()
    assert back.black.any()
    with pytest.raises(PictureUnusable):
        kia_sides(kia(), Pictures(), marked=True)
    with_photo, _ = kia_sides(kia(), Pictures(photo()), marked=True).printable()
    assert (with_photo.colour != without.colour).any(axis=2).mean() > 0.05


def test_no_error_says_what_stands_in_a_field() -> None:
    for changes in ({"name": "RAHASIA " * 40}, {"nik": "RAHASIA"}, {"address": "RAHASIA\x00"}):
        with pytest.raises(CardDesignError) as refused:
            front(**changes)
        assert "RAHASIA" not in str(refused.value)
    assert "SUROSO" not in repr(ktp())
