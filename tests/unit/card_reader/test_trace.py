"""Recordings for technicians: nobody's data in them, and good enough to read again."""

import time
from pathlib import Path

import pytest

from drivers.card_reader.channel import Channel
from drivers.card_reader.ektp import EktpRead
from drivers.card_reader.port import Assurance, CardUnreadable, ChipReading
from drivers.card_reader.profile import KTP_EL
from drivers.card_reader.sam import Sam
from drivers.card_reader.trace import ChipName, Recorder, Replay, parse
from drivers.errors import ProtocolError
from simulator.chip import keys
from simulator.chip.sam_app import SimulatedSam
from tests.unit.card_reader.bench import holders, ktp, table

RECORDINGS = Path(__file__).parents[2] / "recordings"


def read_over(card: object, sam_chip: object) -> ChipReading:
    assert callable(card)
    assert callable(sam_chip)
    sam = Sam(Channel(sam_chip), KTP_EL.sam)
    sam.open(keys.SAM_SECRET)
    return EktpRead(Channel(card), sam, "", KTP_EL, lambda done: None).run()


def recorded(resident: str) -> tuple[Recorder, list[tuple[bytes, bytes]], ChipReading]:
    """A recording of a read, what really went over, and what it gave."""
    recorder, real = Recorder(KTP_EL), []
    desk, chip = table(resident), SimulatedSam()

    def tapped(name: ChipName, transmit: object) -> object:
        assert callable(transmit)

        def through(apdu: bytes) -> bytes:
            began_s = time.perf_counter()
            answer: bytes = transmit(apdu)
            recorder(name, apdu, answer, time.perf_counter() - began_s)
            real.append((apdu, answer))
            return answer

        return through

    reading = read_over(tapped(ChipName.CARD, desk.transmit), tapped(ChipName.SAM, chip.process))
    return recorder, real, reading


@pytest.mark.parametrize("resident", sorted(holders()))
def test_a_recording_holds_nothing_of_the_person_and_no_secret(resident: str) -> None:
    recorder, _, reading = recorded(resident)
    text = recorder.text().lower()
    holder = holders()[resident]
    assert reading.biodata is not None
    pieces = [field.encode() for field in reading.biodata.fields if len(field) > 3]
    pieces += [holder.uid, keys.SAM_SECRET[:8], reading.signature[2:12]]
    photo = reading.photo
    pieces += [photo[at : at + 8] for at in range(0, len(photo) - 8, 97) if any(photo[at : at + 8])]
    assert not [piece for piece in pieces if piece.hex() in text]


def test_a_recording_keeps_every_length_and_status_word() -> None:
    recorder, real, _ = recorded("karto")
    assert len(recorder.exchanges) == len(real)
    for kept, (command, answer) in zip(recorder.exchanges, real, strict=True):
        assert (len(kept.command), len(kept.answer)) == (len(command), len(answer))
        assert kept.command[:4] == command[:4]
        assert kept.answer[-2:] == answer[-2:]


def test_what_stays_is_known_to_be_harmless() -> None:
    """Negative control of the redaction: without it, the photo and the biodata would be there."""
    _, real, reading = recorded("hamid")
    assert reading.biodata is not None
    everything = b"".join(command + answer for command, answer in real)
    assert reading.biodata.nik.encode() in everything
    assert ktp().uid in everything


@pytest.mark.parametrize("resident", ["hamid", "karto"])
def test_a_recording_can_be_read_again(resident: str) -> None:
    recorder, _, original = recorded(resident)
    replay = Replay(parse(recorder.text()), KTP_EL)
    reading = read_over(replay.card, replay.sam)
    assert replay.finished
    assert reading.assurance is Assurance.SAM_VERIFIED
    assert reading.photo == bytes(len(original.photo))
    assert len(reading.uid) == len(original.uid)
    assert reading.biodata is not None
    assert set(reading.biodata.nik + reading.biodata.name) == {"0"}


def test_a_kept_recording_pins_every_command_of_a_read() -> None:
    """Golden: the commands to both chips, byte for byte as far as they are nobody's, and in this order."""
    exchanges = parse((RECORDINGS / "ektp_read_type_b.txt").read_text())
    replay = Replay(exchanges, KTP_EL)
    reading = read_over(replay.card, replay.sam)
    assert replay.finished
    assert (reading.assurance, len(reading.uid), len(reading.photo)) == (Assurance.SAM_VERIFIED, 4, 0x0FD3)


def test_a_recorded_fault_ends_as_it_did() -> None:
    replay = Replay(parse((RECORDINGS / "ektp_message_check.txt").read_text()), KTP_EL)
    with pytest.raises(CardUnreadable, match="message check"):
        read_over(replay.card, replay.sam)
    assert replay.finished


def test_another_read_is_told_from_the_recorded_one() -> None:
    exchanges = recorded("hamid")[0].exchanges
    replay = Replay(exchanges[:3] + exchanges[4:], KTP_EL)
    with pytest.raises(CardUnreadable, match="recording"):
        read_over(replay.card, replay.sam)


@pytest.mark.parametrize("text", ["card 00A4", "phone 00 90 1.0", "card XX 9000 1.0", "card 00A4 9000 soon"])
def test_a_damaged_recording_names_the_line(text: str) -> None:
    with pytest.raises(ProtocolError, match="line 2"):
        parse("card 00A40000027F0A 9000 1.0\n" + text)


def test_nonsense_is_recorded_without_its_data() -> None:
    recorder = Recorder(KTP_EL)
    recorder(ChipName.CARD, b"\x00\xa4\x00\x00\x09secret", b"private\x90\x00", 0.001)
    recorder(ChipName.SAM, b"\x00\xf3\x00\x00\x05\x00\xa4\x00\x00\x09", b"", 0.001)
    assert b"secret".hex() not in recorder.text().lower()
    assert b"private".hex() not in recorder.text().lower()
    assert parse(recorder.text())[0].answer == bytes(7) + b"\x90\x00"
