"""What every card reader does, shown on the PC/SC driver over a real pcscd with simulated chips.

Tests that take a `hand` run on a real reader as well: `./adm test -n 0 -s -m hardware tests/contract/card_reader`, with
ADM_CONFIG naming the machine's kiosk.toml, and somebody there who follows what the terminal says.
"""

import logging
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.card_reader.pcsc import PcscCardReader
from drivers.card_reader.port import Assurance, CardRemoved, CardUnreadable, NotAnEktp
from drivers.deadline import Deadline
from drivers.errors import DeviceFault, DriverError
from drivers.status import DeviceState, MediaState
from drivers.transport import pcsc as transport
from simulator.chip.residents import card_holders
from tests.support.card_bench import LONG_S, SAMPLES, CardBench, Opener, nik, read
from tests.support.card_hand import BenchHand, Hand, Person

pytestmark = pytest.mark.xdist_group("card_reader")

HOLDERS = card_holders(SAMPLES)


@pytest.fixture(params=["simulated", pytest.param("real", marks=[pytest.mark.hardware, pytest.mark.timeout(900)])])
def hand(request: pytest.FixtureRequest) -> Hand:
    if request.param == "simulated":
        return BenchHand(request.getfixturevalue("bench"))
    if request.config.getoption("-m") != "hardware" or "ADM_CONFIG" not in os.environ:
        pytest.skip("needs a real reader; run with -n 0 -s -m hardware and ADM_CONFIG")
    return Person(Path(os.environ["ADM_CONFIG"]))


@pytest.fixture
def port(hand: Hand) -> Iterator[PcscCardReader]:
    """A driver on an empty reader, whoever puts cards there."""
    reader = hand.opened()
    cleared(hand, reader)
    yield reader
    cleared(hand, reader)
    reader.close()


def cleared(hand: Hand, reader: PcscCardReader) -> None:
    if reader.wait_for_card(Deadline.after(0)):
        hand.take()
    assert reader.wait_for_removal(Deadline.after(hand.within_s))


def placed(hand: Hand, reader: PcscCardReader) -> None:
    hand.put()
    assert reader.wait_for_card(Deadline.after(hand.within_s))


def test_an_empty_reader_says_so(port: PcscCardReader) -> None:
    status = port.status()
    assert (status.device, status.media) == (DeviceState.ONLINE, MediaState.NOT_PRESENT)
    assert not port.wait_for_card(Deadline.after(0.05))
    assert port.wait_for_removal(Deadline.after(0))
    with pytest.raises(CardRemoved):
        read(port)


def test_a_card_is_noticed_read_whole_and_its_removal_noticed(hand: Hand, port: PcscCardReader) -> None:
    verified = port.status().sam is DeviceState.ONLINE
    placed(hand, port)
    assert port.status().media is MediaState.PRESENT
    heard: list[float] = []
    reading = port.read(Deadline.after(LONG_S), heard.append)
    assert (heard[0], heard[-1]) == (0.0, 1.0)
    assert heard == sorted(heard)
    assert 4 <= len(reading.uid) <= 10
    assert reading.uid == port.uid(Deadline.after(LONG_S))
    assert reading.photo == port.plain_file(Deadline.after(LONG_S))
    assert reading.photo.startswith(b"\xff\xd8")
    assert reading.assurance is (Assurance.SAM_VERIFIED if verified else Assurance.UNVERIFIED)
    assert bool(reading.biodata) is bool(reading.signature) is verified
    assert bool(reading.reason) is not verified
    assert read(port) == reading
    hand.take()
    assert port.wait_for_removal(Deadline.after(hand.within_s))
    assert port.status().media is MediaState.NOT_PRESENT


def test_a_card_pulled_away_shall_be_placed_again_and_is_read_then(hand: Hand, port: PcscCardReader) -> None:
    with hand.pulling(port), pytest.raises((CardRemoved, CardUnreadable)):
        read(port)
    assert port.wait_for_removal(Deadline.after(hand.within_s))
    placed(hand, port)
    assert read(port).photo


def test_closing_ends_a_wait(port: PcscCardReader) -> None:
    answers: list[bool] = []
    waiting = threading.Thread(target=lambda: answers.append(port.wait_for_card(Deadline.after(LONG_S))))
    waiting.start()
    port.close()
    port.close()
    waiting.join(LONG_S)
    assert answers == [False]
    port.open(Deadline.after(LONG_S))


def test_nothing_is_left_over(hand: Hand, port: PcscCardReader) -> None:
    placed(hand, port)
    counts = []
    for _ in range(3):
        for _ in range(5):
            other = hand.opened()
            assert other.wait_for_card(Deadline.after(hand.within_s))
            read(other)
            other.close()
        counts.append((threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))
    assert counts[0] == counts[1] == counts[2]


def test_the_names_on_the_card_are_its_holders(bench: CardBench, reader: PcscCardReader) -> None:
    bench.put(reader, "nur")
    reading = read(reader)
    assert reading.biodata is not None
    assert (reading.biodata.nik, reading.biodata.name) == (HOLDERS["nur"].nik, HOLDERS["nur"].name)
    assert reading.uid == HOLDERS["nur"].uid


def test_one_card_after_another_is_read_as_itself(bench: CardBench, reader: PcscCardReader) -> None:
    for resident in ("hamid", "karto", "hamid"):
        bench.put(reader, resident)
        assert nik(reader) == HOLDERS[resident].nik
        assert nik(reader) == HOLDERS[resident].nik
        bench.act("take")
        assert reader.wait_for_removal(Deadline.after(LONG_S))


@pytest.mark.parametrize("at", [1, 33])
def test_a_card_pulled_in_mid_read_is_removed_and_reads_when_placed_again(
    bench: CardBench, reader: PcscCardReader, at: int
) -> None:
    bench.run(bench.virtual.set_fault_at("vanish", at))
    bench.put(reader)
    with pytest.raises(CardRemoved):
        read(reader)
    bench.clear()
    assert reader.wait_for_removal(Deadline.after(LONG_S))
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik


@pytest.mark.parametrize("at", [5, 20, 41])
def test_a_card_swapped_within_400_ms_is_never_read_as_the_first(
    bench: CardBench, reader: PcscCardReader, at: int
) -> None:
    bench.run(bench.virtual.set_fault_at("swap", at))
    bench.put(reader, "hamid")
    with pytest.raises((CardRemoved, CardUnreadable)):
        read(reader)
    assert nik(reader) == HOLDERS["nur"].nik


def test_a_card_that_hangs_is_a_reader_out_of_order_until_it_is_taken(bench: CardBench, reader: PcscCardReader) -> None:
    bench.run(bench.virtual.set_fault("mute"))
    bench.put(reader)
    for _ in range(2):
        with pytest.raises(DeviceFault) as caught:
            read(reader)
        assert caught.value.words == {"device": "hardwareError"}
    assert reader.status().device is DeviceState.HARDWARE_ERROR
    bench.clear()
    assert reader.wait_for_removal(Deadline.after(LONG_S))
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik
    assert reader.status().device is DeviceState.ONLINE


def test_a_slow_card_is_given_up_at_the_deadline(bench: CardBench, open_reader: Opener) -> None:
    patient = open_reader(transmit_timeout_s=LONG_S)
    bench.run(bench.virtual.set_fault("slow"))
    bench.put(patient)
    with pytest.raises(CardUnreadable):
        read(patient, 1.0)


@pytest.mark.parametrize("fault", ["wrong_status", "short_answer", "long_answer", "bad_atr"])
def test_a_disturbed_card_shall_be_placed_again(bench: CardBench, reader: PcscCardReader, fault: str) -> None:
    bench.run(bench.virtual.set_fault(fault))
    bench.put(reader)
    with pytest.raises(CardUnreadable):
        read(reader)


@pytest.mark.parametrize("kind", ["bank", "passport", "transit"])
def test_a_foreign_card_is_no_ektp(bench: CardBench, reader: PcscCardReader, kind: str) -> None:
    bench.act("put_foreign", kind=kind)
    assert reader.wait_for_card(Deadline.after(LONG_S))
    with pytest.raises(NotAnEktp):
        read(reader)


def test_a_reader_that_is_not_there_is_no_device(open_reader: Opener) -> None:
    absent = open_reader(card_pattern="no such reader")
    assert absent.status().device is DeviceState.NO_DEVICE
    assert not absent.wait_for_card(Deadline.after(0.05))
    with pytest.raises(DriverError):
        read(absent)


def test_pcscd_killed_and_back_is_survived(bench: CardBench, reader: PcscCardReader) -> None:
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik
    bench.run(bench.virtual.kill_pcscd())
    assert reader.wait_for_removal(Deadline.after(LONG_S))
    assert reader.status().device is DeviceState.OFFLINE
    with pytest.raises(DriverError):
        read(reader)
    bench.run(bench.virtual.restart_pcscd())
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik
    assert reader.status().device is DeviceState.ONLINE


def test_pcscd_killed_in_mid_read_ends_the_read_and_is_survived(bench: CardBench, reader: PcscCardReader) -> None:
    reading_began = threading.Event()
    failures: list[DriverError] = []

    def reads() -> None:
        try:
            reader.read(Deadline.after(LONG_S), lambda done: reading_began.set() if done > 0.2 else None)
        except DriverError as error:
            failures.append(error)

    bench.run(bench.virtual.set_air(106))
    try:
        bench.put(reader)
        reading = threading.Thread(target=reads)
        reading.start()
        assert reading_began.wait(LONG_S)
        bench.run(bench.virtual.kill_pcscd())
        reading.join(LONG_S)
        assert not reading.is_alive()
        assert len(failures) == 1
    finally:
        bench.run(bench.virtual.restart_pcscd())
        bench.run(bench.virtual.set_air(None))
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik


def test_it_can_be_opened_again_and_knows_only_what_is_there_now(bench: CardBench, reader: PcscCardReader) -> None:
    bench.put(reader)
    assert nik(reader) == HOLDERS["hamid"].nik
    reader.close()
    bench.act("take")
    bench.act("put", resident="karto")
    reader.open(Deadline.after(LONG_S))
    assert reader.wait_for_card(Deadline.after(LONG_S))
    assert nik(reader) == HOLDERS["karto"].nik


def test_no_log_line_and_no_error_shows_anybody(
    bench: CardBench, reader: PcscCardReader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for fault in (None, "cloned", "vanish"):
        bench.run(bench.virtual.set_fault(fault))
        bench.put(reader)
        try:
            said.append(repr(read(reader)))
        except DriverError as error:
            said.append(f"{error!r} {error.__cause__!r}")
        bench.clear()
    assert reader.wait_for_removal(Deadline.after(LONG_S))
    bench.act("remove_sam")
    bench.act("insert_sam")
    told = "\n".join([*said, caplog.text])
    holder = HOLDERS["hamid"]
    assert not [
        one for one in (holder.nik, holder.name, holder.uid.hex(), holder.address) if one.lower() in told.lower()
    ]


def test_a_process_has_one_pcscd(bench: CardBench, tmp_path: Path) -> None:
    with pytest.raises(DriverError):
        transport.use_socket(str(tmp_path / "other"))


def test_nobody_outside_can_reach_the_virtual_readers(bench: CardBench) -> None:
    listening = {line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]}
    assert not [one for one in listening if one.endswith((f":{35963:04X}", f":{35965:04X}"))]


@pytest.mark.parametrize(
    ("action", "parameters", "length"),
    [("put", {"resident": "karto"}, 4), ("put_service", {"holder": "service_technician"}, 4)],
)
def test_the_uid_of_any_card_is_told_alone(
    bench: CardBench, reader: PcscCardReader, action: str, parameters: dict[str, str], length: int
) -> None:
    bench.act(action, **parameters)
    assert reader.wait_for_card(Deadline.after(LONG_S))
    first = reader.uid(Deadline.after(LONG_S))
    assert len(first) == length
    assert reader.uid(Deadline.after(LONG_S)) == first
    bench.act("take")
    assert reader.wait_for_removal(Deadline.after(LONG_S))
    with pytest.raises(DriverError):
        reader.uid(Deadline.after(LONG_S))
