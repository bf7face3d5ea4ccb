"""Vendors' paths as profiles of the feeder's port, before small devices that speak as the makers' documents say."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import pytest

from drivers.catalog import create, settings_type
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, NotFound, OutcomeUnknown, ProtocolError, Unsupported
from drivers.paper_feeder import ttp_codec as ttp
from drivers.paper_feeder.crt_usb import CrtFeeder
from drivers.paper_feeder.crt_usb import Settings as CrtSettings
from drivers.paper_feeder.port import MoveFailed, Position, SheetAt
from drivers.paper_feeder.wire import Answer, Command, Control, Refusal, decode, encode
from drivers.paper_feeder.zebra_ttp import Settings as TtpSettings
from drivers.paper_feeder.zebra_ttp import TtpPresenter
from drivers.status import DeviceState, PaperState, RetractBinState
from drivers.transport.usb import UsbAddress

LONG_S = 10.0


class Wire:
    """A channel to a device in the same thread.

    Attributes:
        heard: Everything the driver wrote.
        lose_acks: So many acknowledgements do not come.
    """

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.says = b""
        self.gone = False

    def write(self, data: bytes, deadline: Deadline, chunk_bytes: int = 0) -> None:
        if self.gone:
            raise Disconnected("unplugged")
        self.heard.append(data)
        self.hear(data)

    def read(self, deadline: Deadline, at_most: int = 512) -> bytes:
        if self.gone:
            raise Disconnected("unplugged")
        if not self.says:
            raise DeadlineExceeded("no word")
        data, self.says = self.says[:at_most], self.says[at_most:]
        return data

    def close(self) -> None:
        return

    def hear(self, data: bytes) -> None:
        raise NotImplementedError


def _opening(wire: Wire) -> Callable[[UsbAddress], Wire]:
    def open_(_: UsbAddress) -> Wire:
        if wire.gone:
            raise NotFound("unplugged")
        return wire

    return open_


class CardTransport(Wire):
    """A CRT-571: no sequence numbers, a card from the stacker to the gate, the bin behind."""

    PRESENT, RETRACT, EJECT = 0x30, 0x33, 0x39

    def __init__(self) -> None:
        super().__init__()
        self.st0 = ord("0")
        self.moves = 0
        self.lose_ack = self.refuse_frame = False
        self.error = b""

    def hear(self, data: bytes) -> None:
        _, item = decode(data)
        if not isinstance(item, Command):
            return
        if self.refuse_frame:
            self.refuse_frame = False
            self.says += bytes((Control.NAK,))
            return
        assert item.data == b"", "this page has no sequence numbers"
        if item.code == 0x32:
            self.moves += 1
        if self.lose_ack and item.code == 0x32:
            return
        self.says += bytes((Control.ACK,))
        if item.code == 0x32 and self.error:
            self.says += encode(Refusal(item.code, item.parameter, self.error))
            return
        if item.code == 0x32:
            self.st0 = ord("1") if item.parameter == self.PRESENT else ord("0")
        self.says += encode(Answer(item.code, item.parameter, bytes((self.st0, ord("2"), ord("0")))))


@pytest.fixture
def cards() -> tuple[CardTransport, CrtFeeder]:
    wire = CardTransport()
    return wire, CrtFeeder(CrtSettings(vendor_id=1, product_id=2, page="crt-571"), _opening(wire))


def test_a_card_is_presented_taken_and_another_one_retracted(cards: tuple[CardTransport, CrtFeeder]) -> None:
    wire, feeder = cards
    until = Deadline.after(LONG_S)
    status = feeder.initialise(False, until)
    assert (status.position, status.paper, status.retract_bin) == (Position.NONE, PaperState.FULL, RetractBinState.OK)
    assert encode(Command(0x30, 0x33)) in wire.heard
    feeder.present(until)
    assert feeder.status(until).position is Position.PRESENTED
    wire.st0 = ord("0")
    feeder.wait_taken(until)
    feeder.present(until)
    feeder.retract(until)
    assert encode(Command(0x32, 0x33)) == bytes.fromhex("F200000343323303B0")
    assert (wire.heard[-2], wire.moves) == (encode(Command(0x32, 0x33)), 3)


def test_without_sequence_numbers_a_move_whose_acknowledgement_is_lost_is_not_sent_again(
    cards: tuple[CardTransport, CrtFeeder],
) -> None:
    wire, feeder = cards
    wire.lose_ack = True
    with pytest.raises(OutcomeUnknown):
        feeder.present(Deadline.after(LONG_S))
    assert wire.moves == 1


def test_a_move_that_was_refused_as_garbled_is_sent_again(cards: tuple[CardTransport, CrtFeeder]) -> None:
    wire, feeder = cards
    feeder.status(Deadline.after(LONG_S))
    wire.refuse_frame = True
    feeder.present(Deadline.after(LONG_S))
    assert wire.moves == 1


def test_what_the_outline_does_not_say_is_not_guessed(cards: tuple[CardTransport, CrtFeeder]) -> None:
    wire, feeder = cards
    until = Deadline.after(LONG_S)
    for ask in (feeder.counters, feeder.sensors, feeder.feed, feeder.retain, feeder.bin_emptied):
        with pytest.raises(Unsupported):
            ask(until)
    assert wire.moves == 0
    assert not feeder.abilities.feeds
    wire.error = b"10"
    with pytest.raises(MoveFailed) as jam:
        feeder.present(until)
    assert (jam.value.code, jam.value.sheet) == ("10", SheetAt.UNKNOWN)


class Ttp(Wire):
    """A TTP 8000's presenter."""

    WELL: ClassVar[bytes] = b"\x00\x40"

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = self.WELL
        self.code = 0
        self.stuck = False

    def hear(self, data: bytes) -> None:
        if data == ttp.ASK_STATUS:
            self.says += bytes((self.first, self.second))
        elif data == ttp.ASK_CODE:
            self.says += bytes((ttp.NAK, self.code)) if self.code else bytes((ttp.ACK,))
        elif self.stuck:
            self.first, self.code = 0x80, 0x07
        elif data[:2] == b"\x1b\x0c":
            self.second |= 0x08
        elif data in (ttp.RETRACT, ttp.EJECT):
            self.second &= ~0x08


@pytest.fixture
def page() -> tuple[Ttp, TtpPresenter]:
    wire = Ttp()
    return wire, TtpPresenter(TtpSettings(vendor_id=1, product_id=2), _opening(wire))


def test_a_page_is_presented_and_its_being_taken_is_seen(page: tuple[Ttp, TtpPresenter]) -> None:
    wire, presenter = page
    until = Deadline.after(LONG_S)
    presenter.present(until)
    assert b"\x1b\x0c\x50" in wire.heard
    assert presenter.status(until).position is Position.PRESENTED
    with pytest.raises(DeadlineExceeded):
        presenter.wait_taken(Deadline.after(0.15))
    wire.second &= ~0x08
    presenter.wait_taken(until)


def test_a_page_nobody_takes_is_drawn_back_in_once(page: tuple[Ttp, TtpPresenter]) -> None:
    wire, presenter = page
    until = Deadline.after(LONG_S)
    presenter.present(until)
    presenter.retract(until)
    presenter.retract(until)
    assert wire.heard.count(b"\x19\x64") == 1
    assert presenter.initialise(True, until).position is Position.NONE


def test_a_presenter_that_does_not_run_says_so(page: tuple[Ttp, TtpPresenter]) -> None:
    wire, presenter = page
    wire.stuck = True
    with pytest.raises(MoveFailed) as failed:
        presenter.present(Deadline.after(LONG_S))
    assert failed.value.sheet is SheetAt.UNKNOWN
    assert presenter.status(Deadline.after(LONG_S)).device is DeviceState.HARDWARE_ERROR


def test_a_presenter_that_goes_away_in_a_move_leaves_the_outcome_open(page: tuple[Ttp, TtpPresenter]) -> None:
    wire, presenter = page
    presenter.present(Deadline.after(LONG_S))

    def pulled(_: bytes) -> None:
        wire.gone = True

    hear, wire.hear = wire.hear, lambda data: pulled(data) if data == ttp.RETRACT else hear(data)  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        presenter.retract(Deadline.after(LONG_S))
    assert presenter.status(Deadline.after(1)).device is DeviceState.NO_DEVICE


@pytest.mark.parametrize(
    ("second", "device", "paper"),
    [
        (0x40, DeviceState.ONLINE, PaperState.FULL),
        (0x42, DeviceState.ONLINE, PaperState.LOW),
        (0x41, DeviceState.ONLINE, PaperState.OUT),
        (0x60, DeviceState.USER_ERROR, PaperState.FULL),
    ],
)
def test_status_words_follow_the_bits(
    page: tuple[Ttp, TtpPresenter], second: int, device: DeviceState, paper: PaperState
) -> None:
    wire, presenter = page
    wire.second = second
    status = presenter.status(Deadline.after(LONG_S))
    assert (status.device, status.paper, status.retract_bin) == (device, paper, None)


def test_codes_come_whole_or_are_waited_for() -> None:
    assert ttp.read_code(b"") == (0, None)
    assert ttp.read_code(b"\x15") == (0, None)
    assert ttp.read_code(b"\x15\x03") == (2, 3)
    assert ttp.read_code(b"\x06\x00") == (1, 0)
    with pytest.raises(ProtocolError):
        ttp.read_code(b"x")
    with pytest.raises(ProtocolError):
        ttp.Sensors.read(b"\x00")
    with pytest.raises(ValueError, match="127"):
        ttp.present(128)


@pytest.mark.parametrize(
    ("driver", "more"), [("crt", {}), ("crt", {"page": "crt-571"}), ("zebra_ttp", {"present_mm": 60})]
)
def test_the_catalog_knows_every_path(driver: str, more: dict[str, object]) -> None:
    settings = settings_type("paper_feeder", driver).model_validate({"vendor_id": 1, "product_id": 2, **more})
    port = create("paper_feeder", driver, settings)
    assert port.abilities.collects >= 1
    port.close()
