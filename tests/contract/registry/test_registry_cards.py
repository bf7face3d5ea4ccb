"""KTP-el and KIA: who may have which, what stands on them, and that the draft is the card."""

import hashlib
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.documents import cards, contents
from central.documents.content import Content
from central.registry import catalogue
from central.store.engine import Store
from central.store.schema import portraits, residents
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine

KTP, KIA = pb.DOCUMENT_KIND_KTP_EL, pb.DOCUMENT_KIND_KIA
RAFI, AISYAH = "3520061405140001", "3520066902200003"


def values(card: pb.CardContent) -> dict[str, str]:
    return {field.label: field.value for field in card.fields}


async def drawn(machine: Machine, token: str, kind: pb.DocumentKind.ValueType, name: str) -> tuple[pb.Document, bytes]:
    document = next(d for d in await machine.documents(token) if (d.kind, d.subject_name) == (kind, name))
    return document, (await machine.draft(token, document.document_id))[0]


async def test_a_ktp_el_carries_every_field_of_the_regulation(central: Bench, machine: Machine) -> None:
    _, data = await drawn(machine, await central.verified(machine), KTP, "HAMID SUROSO")
    card = pb.CardContent.FromString(data)
    assert (card.province_heading, card.regency_heading) == ("PROVINSI JAWA TIMUR", "KABUPATEN MAGETAN")
    assert (card.nik, card.draft, card.red_background) == (bench.HAMID[0], True, False)
    assert [(field.label, field.value) for field in card.fields] == [
        ("Nama", "HAMID SUROSO"),
        ("Tempat/Tgl Lahir", "MAGETAN, 17-08-1978"),
        ("Jenis Kelamin", "LAKI-LAKI"),
        ("Gol. Darah", "O"),
        ("Alamat", "JL. MELATI NO. 12"),
        ("RT/RW", "003/002"),
        ("Kel/Desa", "MAGETAN"),
        ("Kecamatan", "MAGETAN"),
        ("Agama", "ISLAM"),
        ("Status Perkawinan", "KAWIN"),
        ("Pekerjaan", "GURU"),
        ("Kewarganegaraan", "WNI"),
        ("Berlaku Hingga", "SEUMUR HIDUP"),
    ]
    today = catalogue.local_date(datetime.now(UTC))
    assert card.issued_line in {f"MAGETAN, {day:%d-%m-%Y}" for day in (today, catalogue.local_date(datetime.now(UTC)))}
    assert card.photo_jpeg == (bench.SAMPLES / "faces" / "hamid" / "portrait.jpg").read_bytes()
    assert card.signature_png.startswith(b"\x89PNG")
    chip = card.chip_biodata[1:-1].split('","')
    assert len(chip) == 21
    assert (chip[0], chip[2:4], chip[13:16], chip[19]) == (
        bench.HAMID[0], ["003", "002"], ["HAMID SUROSO", "17-08-1978", "JAWA TIMUR"], "WNI",
    )  # fmt: skip


async def test_an_odd_year_of_birth_is_red(central: Bench, machine: Machine) -> None:
    _, data = await drawn(machine, await central.verified(machine, bench.NUR), KTP, "NUR HIDAYATI")
    assert pb.CardContent.FromString(data).red_background


async def test_the_card_that_is_granted_is_the_draft_without_its_mark(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document, data = await drawn(machine, token, KTP, "HAMID SUROSO")
    _, version = await machine.draft(token, document.document_id)
    grant = await machine.begin(token, document.document_id, version)
    claims = pb.GrantClaims.FromString(grant.claims)
    artefact = await machine.artefact(claims.grant_id)
    assert (claims.kind, claims.blank, claims.page_count) == (KTP, pb.BLANK_CARD_KTP_EL, 1)
    assert (claims.artefact_sha256, claims.artefact_bytes) == (hashlib.sha256(artefact).digest(), len(artefact))
    draft, card = pb.CardContent.FromString(data), pb.CardContent.FromString(artefact)
    assert (draft.draft, card.draft) == (True, False)
    draft.draft = False
    assert draft == card
    await machine.complete(claims)
    assert (await drawn(machine, token, KTP, "HAMID SUROSO"))[0].state == pb.DOCUMENT_STATE_ISSUED


async def test_a_new_portrait_is_proofread_again(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document, _ = await drawn(machine, token, KTP, "HAMID SUROSO")
    _, before = await machine.draft(token, document.document_id)
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(portraits.update().values(photo=b"another")))
    store.close()
    assert (await machine.draft(token, document.document_id))[1] != before


async def test_without_a_portrait_there_is_no_ktp_el(central: Bench, machine: Machine) -> None:
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(portraits.delete()))
    store.close()
    found = {document.kind for document in await machine.documents(await central.verified(machine))}
    assert KTP not in found
    assert KIA in found


async def test_parents_get_their_childrens_cards(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine, bench.NUR)
    document, data = await drawn(machine, token, KIA, "RAFI ADITYA SUROSO")
    assert (document.blank, document.page_count) == (pb.BLANK_CARD_KIA, 1)
    card = pb.CardContent.FromString(data)
    assert (card.kind, card.nik, card.chip_biodata, card.signature_png) == (KIA, RAFI, "", b"")
    assert values(card)["Kepala Keluarga"] == "HAMID SUROSO"
    assert values(card)["Nomor KK"] == "3520061203150007"
    assert values(card)["No. Akta Kelahiran"] == "3520-LU-28052014-0032"
    assert values(card)["Desa/Kelurahan"] == "MAGETAN"


def kia(central: Bench, nik: str, today: date) -> Content | None:
    store = Store(central.directory / "central.sqlite3")
    try:
        return store.read_now(lambda c: contents.read(c, KIA, nik, today))
    finally:
        store.close()


# Aisyah was born on 29 February 2020: in common years her birthday is 1 March.
@pytest.mark.parametrize(
    ("today", "last_day", "noted"),
    [
        (date(2020, 3, 20), "28-02-2025", False),
        (date(2025, 2, 28), "28-02-2025", False),
        (date(2025, 3, 1), "28-02-2037", True),
        (date(2037, 2, 28), "28-02-2037", True),
    ],
)
def test_a_kia_has_its_photo_from_the_fifth_birthday_or_says_that_it_has_none(
    central: Bench, today: date, last_day: str, noted: bool
) -> None:
    content = kia(central, AISYAH, today)
    assert content is not None
    card = pb.CardContent.FromString(cards.compose(content, KIA, today, draft=False))
    assert values(card)["Berlaku s/d"] == last_day
    assert ("Keterangan" in values(card)) is noted
    assert card.photo_jpeg == b""
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(portraits.insert().values(nik=AISYAH, photo=b"a child's")))
    store.close()
    content = kia(central, AISYAH, today)
    assert content is not None
    card = pb.CardContent.FromString(cards.compose(content, KIA, today, draft=False))
    assert card.photo_jpeg == (b"a child's" if noted else b"")
    assert "Keterangan" not in values(card)


def test_a_kia_ends_with_the_seventeenth_birthday(central: Bench) -> None:
    assert kia(central, AISYAH, date(2037, 3, 1)) is None
    assert kia(central, RAFI, date(2031, 5, 13)) is not None
    assert kia(central, RAFI, date(2031, 5, 14)) is None


def test_a_quotation_mark_ends_no_field_of_the_chip(central: Bench) -> None:
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(residents.update().values(name='HAMID "PAK" SUROSO')))
    content = store.read_now(lambda c: contents.read(c, KTP, bench.HAMID[0], date(2026, 11, 23)))
    rows = store.read_now(lambda c: c.execute(sa.select(sa.func.count()).select_from(portraits)).scalar_one())
    store.close()
    assert content is not None
    assert rows == 8
    assert len(content.values["chip_biodata"].split('","')) == 21
    assert "HAMID 'PAK' SUROSO" in content.values["chip_biodata"]
    assert content.values["fields"][0] == ["Nama", 'HAMID "PAK" SUROSO']
