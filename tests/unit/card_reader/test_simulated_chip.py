"""The simulated chips: air time, faults, and what crosses to their processes."""

import socket
import threading
from collections.abc import Iterator

import pytest

from drivers.card_reader.profile import KTP_EL
from simulator.chip import card_app, vpcd
from simulator.chip.air import Air
from simulator.chip.card import obey
from simulator.chip.contents import PHOTO_BYTES
from simulator.chip.control import contents_from_json, contents_to_json
from simulator.chip.faults import AT_AN_EXCHANGE, DESCRIPTIONS, Fault, Plan, spoil
from simulator.chip.slot import Slot
from tests.unit.card_reader.bench import holders, ktp

LONG_S = 20.0


def test_air_time_is_that_of_the_bit_rate() -> None:
    read, answer_bytes = bytes.fromhex("00B00000F8"), 250
    times = {kbit_s: Air(kbit_s).exchange_s(read, answer_bytes) for kbit_s in (106, 212, 424, 848)}
    # 255 bytes and two frames' overhead, 9 bits each; the rest does not depend on the speed.
    bits = (5 + 250 + 2 * 3) * 9
    assert times[106] - times[212] == pytest.approx(bits / 212_000)
    assert times[424] - times[848] == pytest.approx(bits / 848_000)
    assert times[848] > bits / 848_000 + 0.001


def test_a_long_answer_is_chained_and_a_readers_own_command_is_not_on_the_air() -> None:
    air = Air(106)
    read = bytes.fromhex("00B0000000")
    one_block, two_blocks = air.exchange_s(read, 256), air.exchange_s(read, 257)
    assert two_blocks - one_block == pytest.approx(7 * 9 / 106_000)
    assert air.exchange_s(bytes.fromhex("FFCA000000"), 9) == 0
    assert Air(None).exchange_s(read, 256) == 0


@pytest.mark.parametrize("fault", sorted(AT_AN_EXCHANGE - {Fault.VANISH, Fault.SWAP, Fault.MUTE, Fault.SLOW}))
@pytest.mark.parametrize("answer", [b"\x90\x00", bytes(20) + b"\x90\x00"])
def test_a_spoiled_answer_is_another_answer(fault: Fault, answer: bytes) -> None:
    assert spoil(fault, answer) not in (answer, b"")


def test_slow_stays_slow_and_other_faults_strike_once() -> None:
    assert [Plan(Fault.SLOW, 2).strikes(n) for n in range(4)] == [False, False, True, True]
    assert [Plan(Fault.VANISH, 2).strikes(n) for n in range(4)] == [False, False, True, False]
    assert set(DESCRIPTIONS) == set(Fault)


@pytest.mark.parametrize("resident", sorted(holders()))
def test_a_chip_holds_what_fits_on_a_chip(resident: str) -> None:
    files = ktp(resident).files
    assert len(files[KTP_EL.photo]) <= PHOTO_BYTES + 2
    assert sum(map(len, files.values())) <= KTP_EL.max_file_bytes
    assert len(files[KTP_EL.card_control]) == 2 + KTP_EL.card_control_bytes
    assert len(files[KTP_EL.digital_signature]) == KTP_EL.digital_signature_bytes
    assert all((len(files[file]) - 2) % 8 == 0 for file in (KTP_EL.signature, *KTP_EL.minutiae))


def test_contents_cross_to_a_process_unchanged() -> None:
    assert contents_from_json(contents_to_json(ktp())) == ktp()


@pytest.mark.parametrize("kind", ["bank", "passport", "transit"])
def test_answers_to_reset_are_well_formed(kind: str) -> None:
    card = card_app.ForeignCard(contents_from_json({**contents_to_json(ktp()), "kind": kind}))
    for atr in (card.atr, card_app.chip(ktp("hamid")).atr, card_app.chip(ktp("karto")).atr):
        assert atr[0] == 0x3B
        assert len(atr) == 5 + (atr[1] & 0x0F)
        check = 0
        for one in atr[1:]:
            check ^= one
        assert check == 0


class Reader:
    """The reader's end of vpcd's wire."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(LONG_S)
        self.port = self._listener.getsockname()[1]
        self._card: socket.socket | None = None

    def accept(self) -> None:
        if self._card is not None:
            self._card.close()
        self._card, _ = self._listener.accept()
        self._card.settimeout(LONG_S)

    def send(self, message: bytes) -> None:
        assert self._card is not None
        self._card.sendall(len(message).to_bytes(2, "big") + message)

    def ask(self, message: bytes) -> bytes:
        self.send(message)
        return self.receive()

    def receive(self) -> bytes:
        assert self._card is not None
        size = int.from_bytes(self._card.recv(2, socket.MSG_WAITALL), "big")
        return self._card.recv(size, socket.MSG_WAITALL)

    def close(self) -> None:
        if self._card is not None:
            self._card.close()
        self._listener.close()


@pytest.fixture
def virtual_reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.fixture
def slot(virtual_reader: Reader) -> Iterator[Slot]:
    slot = Slot(virtual_reader.port)
    yield slot
    slot.remove()


def inserted(slot: Slot, reader: Reader, **more: object) -> None:
    """Put a card in while the reader powers it."""
    command = {"do": "insert", "contents": contents_to_json(ktp()), **more}
    putting = threading.Thread(target=obey, args=(slot, command))
    putting.start()
    reader.accept()
    reader.send(vpcd.POWER_ON)
    putting.join(LONG_S)
    assert slot.inserted


def test_a_slot_answers_on_vpcds_wire(slot: Slot, virtual_reader: Reader) -> None:
    inserted(slot, virtual_reader)
    assert virtual_reader.ask(vpcd.GET_ATR) == card_app.chip(ktp()).atr
    assert virtual_reader.ask(bytes.fromhex("FFCA000000")) == ktp().uid + b"\x90\x00"
    assert obey(slot, {"do": "state"})["exchanges"] == 1
    obey(slot, {"do": "remove"})
    assert virtual_reader.receive() == b""
    assert not obey(slot, {"do": "state"})["inserted"]


def test_a_fault_strikes_at_its_exchange_since_the_last_reset(slot: Slot, virtual_reader: Reader) -> None:
    inserted(slot, virtual_reader)
    obey(slot, {"do": "plan", "fault": "wrong_status", "at": 1})
    uid = bytes.fromhex("FFCA000000")
    for _ in range(2):
        assert [virtual_reader.ask(uid)[-2:] for _ in range(3)] == [b"\x90\x00", b"\x6f\x00", b"\x90\x00"]
        virtual_reader.send(vpcd.RESET)


def test_a_swapped_card_is_there_at_once(slot: Slot, virtual_reader: Reader) -> None:
    inserted(slot, virtual_reader, swap_for=contents_to_json(ktp("nur")))
    obey(slot, {"do": "plan", "fault": "swap", "at": 0})
    virtual_reader.send(bytes.fromhex("FFCA000000"))
    assert virtual_reader.receive() == b""
    virtual_reader.accept()
    assert virtual_reader.ask(bytes.fromhex("FFCA000000")) == ktp("nur").uid + b"\x90\x00"


def test_an_unknown_command_is_an_error(slot: Slot) -> None:
    with pytest.raises(ValueError, match="no command"):
        obey(slot, {"do": "dance"})
