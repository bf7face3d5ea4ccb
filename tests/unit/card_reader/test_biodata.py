"""The chip's biodata text."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card_reader import biodata
from drivers.card_reader.profile import BIODATA_FIELDS, Profile
from drivers.errors import ProtocolError

FIELDS = ("3520061708780003", *(f"F{n}" for n in range(1, 21)))
printable = st.text(st.characters(blacklist_categories=("C", "Zs", "Zl", "Zp"), blacklist_characters='"'), max_size=20)


def test_fields_come_in_chip_order() -> None:
    parsed = biodata.parse(biodata.encode(FIELDS))
    assert parsed.fields == FIELDS
    assert parsed.nik == FIELDS[0]
    assert parsed.name == FIELDS[13]
    assert BIODATA_FIELDS.index("name") == 13
    assert [name for name in BIODATA_FIELDS if name.startswith("unconfirmed")] == [
        f"unconfirmed_{n}" for n in (16, 17, 18, 20)
    ]


def test_a_machine_may_be_told_what_the_unconfirmed_fields_are() -> None:
    names = tuple(name.replace("unconfirmed_16", "valid_until") for name in BIODATA_FIELDS)
    told = Profile(biodata_fields=(*names[13:], *names[:13]))
    fields = (*FIELDS[13:], *FIELDS[:13])
    parsed = biodata.parse(biodata.encode(fields, told.biodata_fields), told.biodata_fields)
    assert (parsed.fields, parsed.nik, parsed.name) == (fields, FIELDS[0], FIELDS[13])
    for wrong in (names[1:], (*names, "nik")):
        with pytest.raises(ValueError, match="biodata_fields"):
            Profile(biodata_fields=wrong)


@given(st.lists(printable, min_size=20, max_size=20))
def test_what_is_encoded_parses_to_the_same(texts: list[str]) -> None:
    fields = ("3520061708780003", *texts)
    assert biodata.parse(biodata.encode(fields)).fields == fields


@given(st.binary(max_size=200))
def test_any_bytes_are_biodata_or_a_protocol_error(raw: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        assert len(biodata.parse(raw).fields) == len(BIODATA_FIELDS)


def test_latin_1_and_padding_are_read() -> None:
    raw = biodata.encode((*FIELDS[:13], "RENÉ", *FIELDS[14:])).decode().encode("latin-1") + b"\0\0 \r\n"
    assert biodata.parse(raw).name == "RENÉ"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b'"',
        b'"3520061708780003"',
        biodata.encode(FIELDS)[:-1],
        biodata.encode(FIELDS)[1:],
        biodata.encode(FIELDS) + b',"22"',
        biodata.encode(("352006170878000", *FIELDS[1:])),
        biodata.encode(("352006170878000X", *FIELDS[1:])),
    ],
)
def test_damage_is_told_without_showing_anybody(raw: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        biodata.parse(raw)
    assert "35200617" not in str(caught.value)


def test_a_parsed_person_is_not_in_the_repr() -> None:
    assert "3520" not in repr(biodata.parse(biodata.encode(FIELDS)))
