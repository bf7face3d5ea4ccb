"""Logs: an allow-list, one line an event, no resident recognisable."""

import logging
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central import identity, logs
from central.errors import Unauthenticated


def test_a_field_that_is_not_allowed_cannot_be_logged(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValueError, match="nik"):
        logs.log("event", nik="3520061708780003")
    assert not caplog.records


def test_an_event_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "central"):
        logs.log("granted", machine="kiosk/3520/x", reason="one\ntwo", count=2)
    assert caplog.messages == ['granted {"machine":"kiosk/3520/x","reason":"one\\ntwo","count":2}']


def test_a_nik_is_masked_in_the_middle() -> None:
    assert logs.mask_nik("3520061708780003") == "3520********0003"


GOOD = "spiffe://adm.test/kiosk/3520/mpp-01"


def test_a_machine_is_named_by_the_path_of_its_id() -> None:
    machine = identity.Machine.from_spiffe_id(GOOD, "adm.test")
    assert (machine.id, machine.regency) == ("kiosk/3520/mpp-01", "3520")


@pytest.mark.parametrize(
    "spiffe_id",
    [
        "", "spiffe://adm.test", "spiffe://adm.test/kiosk/3520/", "spiffe://adm.test/kiosk/352/x",
        "spiffe://other.test/kiosk/3520/x", "https://adm.test/kiosk/3520/x", f"{GOOD}?x=1", f"{GOOD}#x", f"{GOOD}/y",
        "spiffe://adm.test/central", "spiffe://adm.test:443/kiosk/3520/x", "spiffe://a@adm.test/kiosk/3520/x",
    ],
)  # fmt: skip
def test_any_other_id_is_no_machine(spiffe_id: str) -> None:
    with pytest.raises(Unauthenticated):
        identity.Machine.from_spiffe_id(spiffe_id, "adm.test")


@given(st.text(max_size=60) | st.from_regex(r"spiffe://adm.test/kiosk/[0-9]{3,5}/.*", fullmatch=True))
def test_any_text_is_a_machine_or_refused(spiffe_id: str) -> None:
    machine = None
    with suppress(Unauthenticated):
        machine = identity.Machine.from_spiffe_id(spiffe_id, "adm.test")
    assert machine is None or spiffe_id == f"spiffe://adm.test/kiosk/{machine.regency}/{machine.id.split('/')[2]}"
