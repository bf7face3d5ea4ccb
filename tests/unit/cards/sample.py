"""An invented person's card, for tests."""

import io
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from kiosk.issuance.cards.fields import KiaFields, KtpFields, Pictures

SAMPLES = Path(__file__).parents[3] / "samples"

KTP = KtpFields(
    province="JAWA TIMUR",
    regency="KABUPATEN MAGETAN",
    nik="3520061708780003",
    name="HAMID SUROSO",
    birth_place="MAGETAN",
    birth_date=date(1978, 8, 17),
    sex="LAKI-LAKI",
    blood="O",
    address="JL. MELATI NO. 12",
    rt="003",
    rw="002",
    village="MAGETAN",
    district="MAGETAN",
    religion="ISLAM",
    marital="KAWIN",
    occupation="GURU",
    nationality="WNI",
    valid_until="SEUMUR HIDUP",
    issued_at="MAGETAN",
    issued_on=date(2026, 11, 23),
)

KIA = KiaFields(
    province="JAWA TIMUR",
    regency="KABUPATEN MAGETAN",
    nik="3520061405140001",
    name="RAFI ADITYA SUROSO",
    birth_place="MAGETAN",
    birth_date=date(2014, 5, 14),
    sex="LAKI-LAKI",
    blood="-",
    family_number="3520061203150007",
    head_of_family="HAMID SUROSO",
    birth_certificate="3520-LT-20052014-0007",
    religion="ISLAM",
    nationality="WNI",
    address="JL. MELATI NO. 12",
    rt="003",
    rw="002",
    village="MAGETAN",
    district="MAGETAN",
    issued_at="MAGETAN",
    issued_on=date(2026, 11, 23),
)


def ktp(**changes: Any) -> KtpFields:
    """The card with other fields."""
    return replace(KTP, **changes)


def kia(**changes: Any) -> KiaFields:
    """The child's card with other fields."""
    return replace(KIA, **changes)


@cache
def photo() -> bytes:
    """A portrait before a plain red background."""
    return (SAMPLES / "faces/hamid/portrait.jpg").read_bytes()


@cache
def signature() -> bytes:
    """A scribble on white paper."""
    return png(scribble())


def scribble() -> Image.Image:
    """The scribble as a picture."""
    image = Image.new("L", (336, 88), 255)
    ImageDraw.Draw(image).line([(10, 60), (60, 20), (90, 70), (150, 30), (220, 66), (320, 40)], fill=20, width=5)
    return image


def png(image: Image.Image) -> bytes:
    """A picture's bytes."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def pictures() -> Pictures:
    """Photo and signature."""
    return Pictures(photo(), signature())
