"""Which reader is which, escapes of combined readers, and the driver's settings."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers import catalog
from drivers.card_reader.escape import SamEscape
from drivers.card_reader.monitor import Roles
from drivers.card_reader.pcsc import Settings
from drivers.card_reader.profile import KTP_EL
from drivers.errors import ProtocolError

DEFAULT = Roles(Settings().card_pattern, Settings().sam_pattern)


@pytest.mark.parametrize(
    ("readers", "card", "sam"),
    [
        (["ACS ACR1252 CL Reader [PICC] 00 00", "ACS ACR1252 CL Reader [SAM] 00 01"], 0, 1),
        (["ACS ACR1281 SAM 00 00", "ACS ACR1281 PICC 00 01"], 1, 0),
        (["HID Global OMNIKEY 5422 Contactless 00 00", "HID Global OMNIKEY 5422 00 01"], 0, None),
        (["Yubico YubiKey OTP+FIDO+CCID 00 00"], None, None),
        ([], None, None),
    ],
)
def test_roles_are_told_by_name(readers: list[str], card: int | None, sam: int | None) -> None:
    assert DEFAULT.choose(readers) == (
        None if card is None else readers[card],
        None if sam is None else readers[sam],
    )


@given(st.binary(min_size=4, max_size=250), st.binary(max_size=6), st.integers(0, 2), st.binary(max_size=3))
def test_an_escape_carries_the_apdu_and_gives_the_answer(apdu: bytes, head: bytes, size: int, tail: bytes) -> None:
    escape = SamEscape(
        head=head, length_bytes=size, tail=tail, strip_head_bytes=len(head) + size, strip_tail_bytes=len(tail)
    )
    assert escape.unwrap(escape.wrap(apdu)) == apdu


def test_an_escape_the_reader_did_not_pass_on_is_refused() -> None:
    escape = SamEscape(head=b"\xe0", strip_tail_bytes=2, good_tail=b"\x90\x00")
    assert escape.unwrap(b"\x6a\x82\x90\x00") == b"\x6a\x82"
    for answer in (b"\x6a\x82\x63\x00", b"\x90", b""):
        with pytest.raises(ProtocolError):
            escape.unwrap(answer)


def test_the_profile_can_be_set_in_part_and_unknown_keys_are_refused() -> None:
    settings = Settings.model_validate({"profile": {"plain_chunk_bytes": 112, "sam": {"verify": 5}}})
    assert settings.profile.plain_chunk_bytes == 112
    assert settings.profile.sam.verify == 5
    assert settings.profile.df == KTP_EL.df
    for wrong in (
        {"colour": 1},
        {"profile": {"colour": 1}},
        {"profile": {"sam": {"colour": 1}}},
        {"sam_escape": {"x": 1}},
    ):
        with pytest.raises(ValidationError):
            Settings.model_validate(wrong)


def test_the_catalog_knows_the_driver_and_creating_it_touches_nothing() -> None:
    assert catalog.settings_type("card_reader", "pcsc") is Settings
    reader = catalog.create("card_reader", "pcsc", Settings(sam_secret_file=Path("/nowhere")))
    assert reader.status().device == "starting"
    reader.close()
