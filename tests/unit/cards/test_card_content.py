"""From the registry's message to a card's design and its chip: everything is used, and what is wrong is refused."""

import io
from datetime import date

import pytest
from adm.registry.v1 import registry_pb2 as pb
from PIL import Image

from kiosk.issuance import card_content
from kiosk.issuance.cards.errors import CardDesignError, FieldUnusable, PictureUnusable
from kiosk.issuance.cards.fields import Pictures
from kiosk.issuance.cards.kia import kia_sides
from kiosk.issuance.cards.ktp import ktp_sides
from tests.support.card_issuing import content, portrait
from tests.unit.cards.sample import KIA, KTP, kia

KIA_FIELDS = {
    "Nama": KIA.name,
    "Tempat/Tgl Lahir": "MAGETAN, 14-05-2014",
    "Jenis Kelamin": KIA.sex,
    "Gol. Darah": KIA.blood,
    "Nomor KK": KIA.family_number,
    "Kepala Keluarga": KIA.head_of_family,
    "No. Akta Kelahiran": KIA.birth_certificate,
    "Agama": KIA.religion,
    "Kewarganegaraan": KIA.nationality,
    "Berlaku s/d": "13-05-2031",
    "Alamat": KIA.address,
    "RT/RW": "003/002",
    "Desa/Kelurahan": KIA.village,
    "Kecamatan": KIA.district,
}


def childs(**more: str) -> pb.CardContent:
    """A KIA as the registry sends it, with a photo unless it says why not."""
    fields = [pb.CardField(label=label, value=value) for label, value in {**KIA_FIELDS, **more}.items()]
    card = content(kind=pb.DOCUMENT_KIND_KIA, nik=KIA.nik, signature_png=b"", chip_biodata="")
    del card.fields[:]
    card.fields.extend(fields)
    if "Keterangan" in more:
        card.photo_jpeg = b""
    return card


def test_a_ktp_el_is_drawn_as_its_design_says() -> None:
    card = content()
    front, back = card_content.sides(card, marked=True).printable()
    same = ktp_sides(KTP, Pictures(card.photo_jpeg, card.signature_png), marked=True).printable()
    assert (front.black == same[0].black).all()
    assert (front.colour == same[0].colour).all()
    assert (back.black == same[1].black).all()


def test_a_kia_is_drawn_as_its_design_says_and_has_no_chip() -> None:
    card = childs()
    front, back = card_content.sides(card, marked=True).printable()
    same = kia_sides(KIA, Pictures(card.photo_jpeg), marked=True).printable()
    assert (front.black == same[0].black).all()
    assert (back.black == same[1].black).all()
    assert card_content.files(card) is None


def test_an_older_child_without_a_photo_gets_a_card_that_says_so() -> None:
    front, _ = card_content.sides(childs(Keterangan="TANPA PAS FOTO"), marked=False).printable()
    plain = kia_sides(kia(birth_date=date(2022, 5, 14)), Pictures(), marked=False).printable()[0]
    # The place of the photo holds nothing but background, as on a small child's card.
    assert (front.colour == plain.colour).all()
    with pytest.raises(PictureUnusable, match="photo"):
        card_content.sides(_without_photo(childs()), marked=False)


def test_a_photo_that_is_there_is_drawn_whatever_the_note_says() -> None:
    card = childs(Keterangan="TANPA PAS FOTO")
    card.photo_jpeg = portrait()
    with_note = card_content.sides(card, marked=False).printable()[0]
    without = card_content.sides(childs(), marked=False).printable()[0]
    assert (with_note.colour == without.colour).all()


def test_the_chip_holds_the_registrys_text_a_photo_and_a_signature_that_fit() -> None:
    made = card_content.files(content())
    assert made is not None
    assert made.biodata.decode() == content().chip_biodata
    with Image.open(io.BytesIO(made.photo)) as photo:
        assert photo.format == "JPEG"
        assert photo.width > 100
    assert len(made.card_control) == 51
    assert sum(map(len, made.by_identifier().values())) <= 8192


@pytest.mark.parametrize(
    ("card", "field"),
    [
        (content(fields={"RT/RW": "003"}), "RT/RW"),
        (content(fields={"Nama": ""}), "Nama"),
        (content(fields={"Tempat/Tgl Lahir": "MAGETAN, 31-02-1978"}), "Tempat/Tgl Lahir"),
        (content(issued_line="MAGETAN"), "issued_line"),
        (childs(**{"Berlaku s/d": "14-05-2031"}), "valid_until"),
        (content(nik="123"), "nik"),
    ],
)
def test_a_field_that_is_wrong_is_named_and_its_content_is_not_shown(card: pb.CardContent, field: str) -> None:
    with pytest.raises(CardDesignError) as caught:
        card_content.sides(card, marked=True)
    assert caught.value.field == field
    assert "1978" not in str(caught.value)
    assert "HAMID" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xff\xff", b"", pb.CardContent(kind=pb.DOCUMENT_KIND_KK).SerializeToString()])
def test_what_is_no_card_is_refused(data: bytes) -> None:
    with pytest.raises(FieldUnusable):
        card_content.read(data)


def _without_photo(card: pb.CardContent) -> pb.CardContent:
    card.photo_jpeg = b""
    return card
