"""Commands over one chip: 61xx, 6Cxx, and answers that are too long."""

import pytest

from drivers.card_reader.apdu import Command, Response
from drivers.card_reader.channel import Channel
from drivers.errors import ProtocolError


class Script:
    """Answers one by one, and what was sent."""

    def __init__(self, *answers: str) -> None:
        self.answers = [bytes.fromhex(one) for one in answers]
        self.sent: list[str] = []

    def __call__(self, apdu: bytes) -> bytes:
        self.sent.append(apdu.hex().upper())
        return self.answers.pop(0)


def test_the_wrong_length_is_asked_for_again_with_the_right_one() -> None:
    script = Script("6C03", "0102039000")
    assert Channel(script).send(Command(0, 0xB0, ne=8)) == Response(b"\1\2\3", 0x9000)
    assert script.sent == ["00B0000008", "00B0000003"]


def test_waiting_bytes_are_fetched() -> None:
    script = Script("01026102", "03046101", "059000")
    assert Channel(script).send(Command(0, 0xB0, ne=256)).data == b"\1\2\3\4\5"
    assert script.sent == ["00B0000000", "00C0000002", "00C0000001"]


def test_waiting_bytes_beyond_what_was_asked_for_are_refused() -> None:
    with pytest.raises(ProtocolError):
        Channel(Script("01026102", "03049000")).send(Command(0, 0xB0, ne=3))


def test_a_chip_that_never_ends_its_answer_is_given_up() -> None:
    with pytest.raises(ProtocolError):
        Channel(lambda apdu: b"\x61\x01").send(Command(0, 0xB0, ne=256))


def test_a_chip_that_always_wants_another_length_is_not_asked_for_ever() -> None:
    script = Script("6C03", "6C04")
    assert Channel(script).send(Command(0, 0xB0, ne=8)).sw == 0x6C04


@pytest.mark.parametrize("apdu", [b"", b"\0\xa4\0"])
def test_an_apdu_under_four_bytes_is_never_sent(apdu: bytes) -> None:
    script = Script("9000")
    with pytest.raises(ProtocolError):
        Channel(script).raw(apdu)
    assert script.sent == []


def test_a_raw_answer_longer_than_a_short_one_is_refused() -> None:
    with pytest.raises(ProtocolError):
        Channel(lambda apdu: bytes(259)).raw(bytes(4))
