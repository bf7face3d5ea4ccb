"""What the card reader makes of its SAM: there, away, changed, busy, locked, refusing, hanging."""

from pathlib import Path

import pytest

from drivers.card_reader.channel import Channel
from drivers.card_reader.ektp import EktpRead
from drivers.card_reader.pcsc import PcscCardReader
from drivers.card_reader.port import (
    Assurance,
    CardNotAuthentic,
    SamFault,
)
from drivers.card_reader.profile import KTP_EL
from drivers.card_reader.sam import Sam
from drivers.card_reader.sam_record import SamRecord
from drivers.card_reader.trace import Recorder, Replay, parse
from drivers.deadline import Deadline
from drivers.errors import DeviceFault
from drivers.status import DeviceState
from simulator.chip.residents import card_holders
from tests.support.card_bench import LONG_S, SAMPLES, CardBench, Opener, nik, nik_when_back, read, sam_becomes

pytestmark = pytest.mark.xdist_group("card_reader")

HOLDERS = card_holders(SAMPLES)


def test_a_sam_that_hangs_is_out_of_order_until_it_is_changed(bench: CardBench, reader: PcscCardReader) -> None:
    bench.run(bench.virtual.set_fault("sam_mute"))
    bench.put(reader)
    with pytest.raises(DeviceFault):
        read(reader)
    bench.run(bench.virtual.set_fault(None))
    assert nik_when_back(reader) == HOLDERS["hamid"].nik


@pytest.mark.parametrize("fault", ["cloned", "keyless", "garbled_answer"])
def test_a_card_the_sam_refuses_is_not_authentic(bench: CardBench, reader: PcscCardReader, fault: str) -> None:
    bench.run(bench.virtual.set_fault(fault))
    bench.put(reader)
    with pytest.raises(CardNotAuthentic):
        read(reader)


def test_without_a_sam_the_reading_is_unverified_and_with_it_again_verified(
    bench: CardBench, reader: PcscCardReader
) -> None:
    bench.put(reader)
    assert read(reader).assurance is Assurance.SAM_VERIFIED
    bench.act("remove_sam")
    reading = read(reader)
    assert (reading.assurance, reading.reason, reading.biodata) == (Assurance.UNVERIFIED, "samMissing", None)
    assert reading.photo.startswith(b"\xff\xd8")
    bench.act("insert_sam")
    assert nik_when_back(reader) == HOLDERS["hamid"].nik


def test_a_sam_changed_between_two_reads_is_opened_anew(bench: CardBench, reader: PcscCardReader) -> None:
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik
    bench.act("remove_sam")
    sam_becomes(reader, DeviceState.NO_DEVICE)
    bench.act("insert_sam")
    sam_becomes(reader, DeviceState.ONLINE)
    assert nik(reader) == HOLDERS["hamid"].nik


@pytest.mark.parametrize(("fault", "code"), [("sam_locked", "samLocked"), ("sam_wrong_secret", "samSecretRefused")])
def test_a_sam_that_refuses_says_why_and_is_not_tried_to_death(
    bench: CardBench, reader: PcscCardReader, fault: str, code: str
) -> None:
    bench.run(bench.virtual.set_fault(fault))
    bench.put(reader)
    codes = []
    for _ in range(5):
        with pytest.raises(SamFault) as caught:
            read(reader)
        codes.append(caught.value.code)
    # Five wrong tries would have locked it, had the secret been offered again.
    assert codes == [code] * 5
    assert reader.status().sam is DeviceState.HARDWARE_ERROR
    bench.run(bench.virtual.set_fault(None))
    assert nik_when_back(reader) == HOLDERS["hamid"].nik
    assert reader.status().sam is DeviceState.ONLINE


def test_a_refused_secret_closes_the_sam_until_it_is_reset_whatever_is_restarted(
    bench: CardBench, open_reader: Opener, tmp_path: Path
) -> None:
    file = tmp_path / "sam.refused"
    bench.run(bench.virtual.set_fault("sam_wrong_secret"))
    first = open_reader(sam_state_file=file)
    bench.put(first)
    with pytest.raises(SamFault):
        read(first)
    assert first.status().sam_reason == "samSecretRefused"
    first.close()
    bench.run(bench.virtual.set_fault(None))
    second = open_reader(sam_state_file=file)
    sam_becomes(second, DeviceState.HARDWARE_ERROR)
    assert second.wait_for_card(Deadline.after(LONG_S))
    with pytest.raises(SamFault) as caught:
        read(second)
    assert (caught.value.code, second.status().sam_reason) == ("samSecretRefused", "samSecretRefused")
    assert SamRecord(file).forget()
    assert second.status().sam is DeviceState.ONLINE
    assert nik(second) == HOLDERS["hamid"].nik


def test_a_sam_held_by_another_program_is_busy(bench: CardBench, open_reader: Opener) -> None:
    reader, other = open_reader(), open_reader()
    bench.put(other)
    assert nik(other) == HOLDERS["hamid"].nik
    with pytest.raises(SamFault) as caught:
        read(reader)
    assert caught.value.code == "samBusy"
    other.close()
    assert nik(reader) == HOLDERS["hamid"].nik


def test_without_a_secret_nothing_is_claimed_and_a_broken_one_is_told(
    bench: CardBench, open_reader: Opener, tmp_path: Path
) -> None:
    raw, short = tmp_path / "raw", tmp_path / "short"
    raw.write_bytes(bytes.fromhex(bench.virtual.sam_secret_file.read_text()))
    short.write_bytes(b"too short")
    unset, raw_bytes = open_reader(sam_secret_file=None), open_reader(sam_secret_file=raw)
    bench.put(unset)
    assert raw_bytes.wait_for_card(Deadline.after(LONG_S))
    assert read(unset).reason == "samNotConfigured"
    assert read(raw_bytes).assurance is Assurance.SAM_VERIFIED
    for file in (tmp_path / "none", short):
        broken = open_reader(sam_secret_file=file)
        with pytest.raises(SamFault) as caught:
            read(broken)
        assert caught.value.code == "samSecretMissing"


def test_a_technician_can_record_a_read_and_replay_it(bench: CardBench, reader: PcscCardReader) -> None:
    recorder = Recorder(KTP_EL)
    reader.record(recorder)
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik
    reader.record(None)
    text = recorder.text()
    assert HOLDERS["hamid"].nik.encode().hex() not in text.lower()
    replay = Replay(parse(text), KTP_EL)
    sam = Sam(Channel(replay.sam), KTP_EL.sam)
    sam.open(bytes(32))
    assert EktpRead(Channel(replay.card), sam, "", KTP_EL, lambda done: None).run().assurance is Assurance.SAM_VERIFIED
