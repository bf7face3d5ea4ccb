"""What stands on KTP-el and KIA, taken from the registry: fields as they are printed, pictures, the chip's text.

Sources: KTP-el, Permendagri 74/2015; KIA, Permendagri 2/2016. Labels are those of the cards; where each stands is the
printing machine's matter.
"""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta

import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.documents import words
from central.documents.content import Content
from central.store import residents
from central.store.residents import Row

# Permendagri 2/2016: a KIA has no photo before the fifth birthday, has one from then on, and ends before the 17th.
KIA_PHOTO_AGE = 5
KIA_END_AGE = 17
# Ours: a child whose portrait the registry lacks gets its card all the same, and the card says so.
WITHOUT_PHOTO = ("Keterangan", "TANPA PAS FOTO")

# Fields of the chip's biodata in chip order; what the empty ones hold is unconfirmed.
_CHIP_FIELDS = 21


def ktp_el(connection: sa.Connection, nik: str, _today: date) -> Content | None:
    """A KTP-el; None without an enrolment portrait: there is no such card without a photo."""
    person = residents.resident(connection, nik)
    family = residents.family(connection, person.family_number) if person else None
    portrait = residents.portrait(connection, nik)
    if person is None or family is None or portrait is None:
        return None
    fields = [
        ("Nama", person.name),
        ("Tempat/Tgl Lahir", f"{person.birth_place}, {words.numeric(person.birth_date)}"),
        ("Jenis Kelamin", person.sex),
        ("Gol. Darah", person.blood),
        ("Alamat", family.address),
        ("RT/RW", f"{family.rt}/{family.rw}"),
        ("Kel/Desa", family.village),
        ("Kecamatan", family.district),
        ("Agama", person.religion),
        ("Status Perkawinan", person.marital),
        ("Pekerjaan", person.occupation),
        ("Kewarganegaraan", person.nationality),
        # For life since UU 24/2013 art. 64.
        ("Berlaku Hingga", "SEUMUR HIDUP"),
    ]
    pictures = {"photo_jpeg": portrait.photo, "signature_png": portrait.signature or b""}
    return _content("ktp_el", person, family, fields, pictures, _chip_biodata(person, family))


def kia(connection: sa.Connection, nik: str, today: date) -> Content | None:
    """A KIA; None for who is no child any more, or whose birth is not registered."""
    person = residents.resident(connection, nik)
    family = residents.family(connection, person.family_number) if person else None
    birth = residents.birth(connection, nik)
    if person is None or family is None or birth is None or today >= _birthday(person.birth_date, KIA_END_AGE):
        return None
    head = next((p.name for p in residents.members(connection, family.number) if p.relation == "KEPALA KELUARGA"), "-")
    older = today >= _birthday(person.birth_date, KIA_PHOTO_AGE)
    portrait = residents.portrait(connection, nik) if older else None
    last_day = _birthday(person.birth_date, KIA_END_AGE if older else KIA_PHOTO_AGE) - timedelta(days=1)
    fields = [
        ("Nama", person.name),
        ("Tempat/Tgl Lahir", f"{person.birth_place}, {words.numeric(person.birth_date)}"),
        ("Jenis Kelamin", person.sex),
        ("Gol. Darah", person.blood),
        ("Nomor KK", family.number),
        ("Kepala Keluarga", head),
        ("No. Akta Kelahiran", birth.number),
        ("Agama", person.religion),
        ("Kewarganegaraan", person.nationality),
        ("Berlaku s/d", words.numeric(last_day)),
        ("Alamat", family.address),
        ("RT/RW", f"{family.rt}/{family.rw}"),
        ("Desa/Kelurahan", family.village),
        ("Kecamatan", family.district),
    ]
    if older and portrait is None:
        fields.append(WITHOUT_PHOTO)
    return _content("kia", person, family, fields, {"photo_jpeg": portrait.photo if portrait else b""}, "")


def compose(content: Content, kind: "pb.DocumentKind.ValueType", day: date, draft: bool) -> bytes:
    """The card as it travels: a serialized CardContent.

    Args:
        day: Of issue.
    """
    values = content.values
    card = pb.CardContent(
        kind=kind,
        province_heading=values["province_heading"],
        regency_heading=values["regency_heading"],
        fields=[pb.CardField(label=label, value=value) for label, value in values["fields"]],
        nik=values["nik"],
        issued_line=f"{values['place']}, {words.numeric(day)}",
        red_background=values["red_background"],
        chip_biodata=values["chip_biodata"],
        replaces_card=values["replaces_card"],
        draft=draft,
        **content.pictures,
    )
    return card.SerializeToString(deterministic=True)


def _content(
    template: str,
    person: Row,
    family: Row,
    fields: list[tuple[str, str]],
    pictures: Mapping[str, bytes],
    chip_biodata: str,
) -> Content:
    values = {
        "province_heading": f"PROVINSI {family.province}",
        "regency_heading": f"{family.regency_kind} {family.regency}",
        "fields": [list(field) for field in fields],
        "nik": person.nik,
        "place": family.regency,
        # Permendagri 74/2015: red for an odd year of birth, blue for an even one.
        "red_background": person.birth_date.year % 2 == 1,
        "chip_biodata": chip_biodata,
        "replaces_card": template == "ktp_el" and person.card_uid is not None,
        "pictures": {name: hashlib.sha256(data).hexdigest() for name, data in pictures.items()},
    }
    return Content(template, person.name, 1, values, pictures)


def _chip_biodata(person: Row, family: Row) -> str:
    """`"...","..."`, 21 fields in the chip's order (BPPT, published by Kompas, 2021-02-14)."""
    by_number = {
        0: person.nik,
        1: family.address,
        2: family.rt,
        3: family.rw,
        4: person.birth_place,
        5: family.district,
        6: family.village,
        7: family.regency,
        8: person.sex,
        9: person.blood,
        10: person.religion,
        11: person.marital,
        12: person.occupation,
        13: person.name,
        14: words.numeric(person.birth_date),
        15: family.province,
        19: person.nationality,
    }
    # A quotation mark would end a field, and no rule for one is published.
    fields = [by_number.get(number, "").replace('"', "'") for number in range(_CHIP_FIELDS)]
    return '"' + '","'.join(fields) + '"'


def _birthday(born: date, years: int) -> date:
    """That birthday; of somebody born on 29 February, 1 March in a common year."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)
