"""The SAM's ways to fail are told apart, each with its own advice."""

import pytest

from drivers.card_reader.channel import Channel
from drivers.card_reader.port import SamFault
from drivers.card_reader.profile import KTP_EL
from drivers.card_reader.sam import ADVICE, Sam, SamCode, sam_fault
from drivers.status import DeviceState
from simulator.chip import keys
from simulator.chip.sam_app import SimulatedSam


def code_of_opening(chip: SimulatedSam, secret: bytes) -> str:
    with pytest.raises(SamFault) as caught:
        Sam(Channel(chip.process), KTP_EL.sam).open(secret)
    assert secret.hex() not in str(caught.value)
    return caught.value.code


def test_the_right_secret_opens() -> None:
    Sam(Channel(SimulatedSam().process), KTP_EL.sam).open(keys.SAM_SECRET)


def test_a_wrong_secret_is_refused_and_the_last_try_locks() -> None:
    chip = SimulatedSam()
    assert [code_of_opening(chip, bytes(32)) for _ in range(3)] == ["samSecretRefused", "samSecretRefused", "samLocked"]
    assert code_of_opening(chip, keys.SAM_SECRET) == "samLocked"


def test_a_locked_sam_says_so() -> None:
    assert code_of_opening(SimulatedSam(locked=True), keys.SAM_SECRET) == "samLocked"


@pytest.mark.parametrize("answer", [b"", b"\x90", b"\x6f\x00", b"\x6d\x00", bytes(300)])
def test_a_sam_that_talks_nonsense_is_an_error_of_its_own(answer: bytes) -> None:
    with pytest.raises(SamFault) as caught:
        Sam(Channel(lambda apdu: answer), KTP_EL.sam).open(keys.SAM_SECRET)
    assert caught.value.code == "samError"


def test_every_code_has_advice_of_its_own() -> None:
    assert set(ADVICE) == set(SamCode)
    assert len({text for _, text in ADVICE.values()}) == len(SamCode)


def test_a_busy_sam_is_busy_and_others_are_broken() -> None:
    assert sam_fault(SamCode.BUSY, "").words == {"sam": DeviceState.DEVICE_BUSY}
    assert sam_fault(SamCode.LOCKED, "").words == {"sam": DeviceState.HARDWARE_ERROR}


def test_a_sam_that_was_not_opened_does_nothing() -> None:
    chip = SimulatedSam()
    assert chip.process(b"\x00\xf3\x00\x00\x05\x00\xb0\x00\x00\x08") == b"\x69\x85"
