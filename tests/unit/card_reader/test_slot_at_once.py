"""A slot that tells its reader at once: the reader's look is answered in the moment a chip comes."""

import threading
from collections.abc import Iterator

import pytest

from simulator.chip import card_app, vpcd
from simulator.chip.slot import Slot
from tests.unit.card_reader.bench import ktp
from tests.unit.card_reader.test_simulated_chip import LONG_S, Reader


@pytest.fixture
def virtual_reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


@pytest.fixture
def slot(virtual_reader: Reader) -> Iterator[Slot]:
    slot = Slot(virtual_reader.port, at_once=True)
    slot.remove()
    yield slot
    slot.close()


def looked(reader: Reader) -> None:
    """The reader looks at the slot, which is empty: it gets no answer yet."""
    reader.accept()
    reader.send(vpcd.GET_ATR)


def put(slot: Slot, reader: Reader) -> None:
    """A chip comes; the reader hears of it without looking again, and powers it."""
    putting = threading.Thread(target=slot.insert, args=(card_app.chip(ktp()),))
    putting.start()
    assert reader.receive() == card_app.chip(ktp()).atr
    reader.send(vpcd.POWER_ON)
    putting.join(LONG_S)
    assert slot.inserted


def test_a_look_at_an_empty_slot_is_answered_when_a_chip_comes(slot: Slot, virtual_reader: Reader) -> None:
    looked(virtual_reader)
    assert slot.settle()
    put(slot, virtual_reader)
    assert virtual_reader.ask(bytes.fromhex("FFCA000000")) == ktp().uid + b"\x90\x00"


def test_a_chip_that_left_is_gone_before_the_slot_waits_again(slot: Slot, virtual_reader: Reader) -> None:
    looked(virtual_reader)
    put(slot, virtual_reader)
    slot.remove()
    assert virtual_reader.receive() == b""
    looked(virtual_reader)
    put(slot, virtual_reader)


def test_a_reader_that_was_started_again_finds_the_slot_waiting(slot: Slot, virtual_reader: Reader) -> None:
    looked(virtual_reader)
    assert slot.settle()
    looked(virtual_reader)
    put(slot, virtual_reader)
