"""A card printer and its encoder: ready, supplies, cleaning, which one it is; a test blank written and read."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import numpy as np

from drivers.card_printer.personalise import BlankDefective, CardFiles
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS, CardPrinter, CardPrinterStatus, CardSide, Place
from drivers.card_reader.port import CardReader
from drivers.deadline import Deadline
from drivers.errors import DriverError, Unsupported
from drivers.status import DeviceState, InkState, MediaState, PaperState, RetractBinState
from selftest import advice
from selftest.checks.card_reader import placed
from selftest.model import (
    Check,
    Finding,
    Level,
    Limits,
    Measurement,
    Needs,
    Subject,
    Words,
    failed,
    judged,
    passed,
    skipped,
)
from selftest.operator import Operator, Step

ENCODER: Final = "card_encoder"
OPEN_S: Final = 5.0
STATUS_S: Final = 5.0
MOVE_S: Final = 30.0
ENCODE_S: Final = 60.0
PLACE_S: Final = 60.0
PRINT_S: Final = 120.0
# Four panels and the lamination of one side take half a minute on the printers we know.
PRINTED: Final = Limits(at_most=90.0)
ENCODED: Final = Limits(at_most=30.0)
TEMPERATURE: Final = Limits(at_most=65.0)
# Says of itself what it is; no file of a real card looks like this.
TEST_FILES: Final = CardFiles(b"UJI" * 17, b"KARTU UJI / TEST CARD, BUKAN KTP-EL", b"UJI", b"UJI")


class Encoder(Protocol):
    """What is asked of the encoder."""

    def open(self, deadline: Deadline) -> None:
        """Get ready."""

    def close(self) -> None:
        """Stop."""

    def state(self, deadline: Deadline) -> DeviceState:
        """Whether it is there."""

    def encode(self, files: CardFiles, deadline: Deadline, on_progress: Callable[[float], None]) -> bytes:
        """Write and read back; gives the UID."""


def subject(role: str, port: CardPrinter, accepted_serial: str) -> Subject:
    """Checks of a card printer.

    Args:
        role: card_printer or kia_printer.
        port: Not yet opened.
        accepted_serial: Of the printer that belongs here; empty when none was accepted yet.
    """
    asked = _Asked(port)
    return Subject(
        (
            Check(
                f"{role}.ready", role, Words("Printer kartu siap", "Card printer ready"), asked.ready, STATUS_S + 3.0
            ),
            Check(f"{role}.ribbon", role, Words("Pita", "Ribbon"), asked.ribbon, STATUS_S),
            Check(f"{role}.blanks", role, Words("Kartu kosong", "Blank cards"), asked.blanks, STATUS_S),
            Check(f"{role}.bin", role, Words("Tempat kartu rusak", "Reject bin"), asked.bin, STATUS_S),
            Check(f"{role}.head", role, Words("Kepala cetak", "Print head"), asked.head, STATUS_S),
            Check(
                f"{role}.identity",
                role,
                Words("Printer ini milik mesin ini", "The printer belongs here"),
                lambda: _identity(port, accepted_serial),
                STATUS_S + 3.0,
            ),
        ),
        lambda: port.open(Deadline.after(OPEN_S)),
        port.close,
    )


def encoder(port: Encoder) -> Subject:
    """Checks of the encoder alone."""

    def ready() -> Finding:
        state = port.state(Deadline.after(STATUS_S))
        return passed() if state is DeviceState.ONLINE else failed(f"device:{state}", advice.ENCODER)

    title = Words("Penulis chip siap", "Encoder ready")
    check = Check(f"{ENCODER}.ready", ENCODER, title, ready, STATUS_S + 3.0)
    return Subject((check,), lambda: port.open(Deadline.after(OPEN_S)), port.close)


class _Asked:
    """One answer of the printer, judged from five sides."""

    def __init__(self, port: CardPrinter) -> None:
        self._port = port
        self._status: CardPrinterStatus | None = None

    def ready(self) -> Finding:
        """Online, closed, nothing in the path; supplies have checks of their own."""
        self._status = status = self._port.status(Deadline.after(STATUS_S))
        if status.cover_open:
            return failed("cover:open", advice.COVER)
        if status.media is MediaState.JAMMED:
            return failed("media:jammed", advice.JAM)
        supplies = InkState.OUT is status.ribbon or PaperState.OUT is status.hopper or bool(status.head_hot)
        if status.device is not DeviceState.ONLINE and not supplies:
            return failed(
                f"device:{status.device}{f' {status.code}' if status.code else ''}", advice.of_state(status.device)
            )
        if status.card_at is not None:
            return failed(f"card:{status.card_at}", advice.PATH)
        return passed()

    def ribbon(self) -> Finding:
        """What is left of it."""
        status = self._status
        word = status.ribbon if status else None
        left = () if not status or status.ribbon_cards is None else (Measurement("cards", status.ribbon_cards),)
        if word is InkState.OUT:
            return failed("ribbon:out", advice.RIBBON, *left)
        if word is InkState.LOW:
            return failed("ribbon:low", advice.RIBBON_LOW, *left)
        return passed(*left) if word is InkState.FULL else skipped("the printer does not tell")

    def blanks(self) -> Finding:
        """In the hopper."""
        word = self._status.hopper if self._status else None
        if word in (PaperState.OUT, PaperState.LOW):
            return failed(f"blanks:{word}", advice.BLANKS)
        return passed() if word is PaperState.FULL else skipped("the printer does not tell")

    def bin(self) -> Finding:
        """Room for a spoiled card."""
        word = self._status.reject_bin if self._status else None
        if word in (RetractBinState.FULL, RetractBinState.HIGH):
            return failed(f"bin:{word}", advice.BIN)
        return passed() if word is RetractBinState.OK else skipped("the printer does not tell")

    def head(self) -> Finding:
        """Clean and cool."""
        status = self._status
        if status is None or (status.cleaning_due is None and status.temperature_c is None):
            return skipped("the printer does not tell")
        heat = () if status.temperature_c is None else (Measurement("head", status.temperature_c, "°C", TEMPERATURE),)
        if status.head_hot:
            return failed("head:hot", advice.COOL, *heat)
        if status.cleaning_due:
            return failed("cleaning:due", advice.CLEANING, *heat)
        return judged("", advice.COOL, *heat)


def _identity(port: CardPrinter, accepted: str) -> Finding:
    try:
        said = port.identify(Deadline.after(STATUS_S))
    except Unsupported:
        return skipped("the printer does not tell")
    except DriverError as error:
        return skipped(f"not asked: {type(error).__name__}")
    if not accepted:
        finding = skipped("no printer was accepted yet")
    else:
        finding = passed() if said.serial == accepted else failed("serial:changed", advice.STRANGER)
    facts = {"model": said.model, "serial": said.serial, "firmware": said.firmware, "print_head": said.print_head}
    return replace(finding, facts=tuple((name, value) for name, value in facts.items() if value))


@dataclass(frozen=True, slots=True)
class Carried:
    """What a test blank is written, thrown out and read with; none of it opened yet."""

    printer: CardPrinter
    encoder: Encoder
    reader: CardReader
    operator: Operator | None
    spend: Callable[[str, int], None] | None


def loopback(card: Carried) -> Subject:
    """A test blank is written in the encoder, leaves, and is read on the front reader."""
    ports: tuple[Any, ...] = (card.printer, card.encoder, card.reader)

    def opened() -> None:
        for port in ports:
            port.open(Deadline.after(OPEN_S))

    def closed() -> None:
        for port in ports:
            port.close()

    check = Check(
        f"{ENCODER}.loopback",
        ENCODER,
        Words("Tulis kartu uji, baca di pembaca depan", "Write a test card, read it in front"),
        lambda: _written(card),
        3 * PLACE_S + ENCODE_S + 4 * MOVE_S,
        Needs.BLANK,
        Level.FULL,
    )
    return Subject((check,), opened, closed, phase=2)


def _written(card: Carried) -> Finding:
    operator, spend = card.operator, card.spend
    if operator is None or spend is None:
        return skipped("only at the machine, where a test blank can be put in and is written down")
    if not operator.ask(Step.LOAD_TEST_BLANK, PLACE_S):
        return skipped("no test blank")
    spend("test_blank", 1)
    try:
        card.printer.move(Place.CONTACTLESS, Deadline.after(MOVE_S))
        began = time.monotonic()
        uid = card.encoder.encode(TEST_FILES, Deadline.after(ENCODE_S), lambda _: None)
        took = Measurement("encode", time.monotonic() - began, "s", ENCODED)
        card.printer.move(Place.EXIT, Deadline.after(MOVE_S))
    except BlankDefective:
        _rejected(card.printer)
        return failed("blank:defective", advice.TEST_BLANK)
    except DriverError as error:
        _rejected(card.printer)
        return failed(f"encode:{type(error).__name__}", advice.ENCODER)
    if not operator.begin(Step.PLACE_ENCODED_CARD, PLACE_S):
        return skipped("nobody is there to carry the card")
    try:
        return _read(card.reader, operator, uid, took)
    finally:
        operator.end()


def printing(
    role: str, port: CardPrinter, operator: Operator | None, spend: Callable[[str, int], None] | None
) -> Subject:
    """A pattern on a test blank, which goes into the reject bin; after everything else."""

    def run() -> Finding:
        if operator is None or spend is None:
            return skipped("only at the machine, where a test blank can be put in and is written down")
        if not operator.ask(Step.LOAD_TEST_BLANK, PLACE_S):
            return skipped("no test blank")
        spend("test_blank", 1)
        return _printed(port)

    title = Words("Cetak kartu uji", "Print a test card")
    within_s = PLACE_S + PRINT_S + 3 * MOVE_S
    check = Check(f"{role}.print", role, title, run, within_s, Needs.BLANK, Level.FULL)
    return Subject((check,), lambda: port.open(Deadline.after(OPEN_S)), port.close, phase=2)


def _printed(port: CardPrinter) -> Finding:
    can = port.capabilities()
    began = time.monotonic()
    try:
        if not can.feeds_on_print:
            port.move(Place.INSIDE, Deadline.after(MOVE_S))
        job = port.print(_pattern(), None, Deadline.after(PRINT_S))
        port.wait(job, Deadline.after(PRINT_S))
        took = Measurement("time", time.monotonic() - began, "s", PRINTED)
        if can.holds_after_print:
            port.move(Place.REJECT if Place.REJECT in can.places else Place.EXIT, Deadline.after(MOVE_S))
    except DriverError as error:
        status = port.status(Deadline.after(STATUS_S))
        if status.head_hot:
            return failed("head:hot", advice.COOL)
        if status.cover_open:
            return failed("cover:open", advice.COVER)
        if status.ribbon is InkState.OUT:
            return failed("ribbon:out", advice.RIBBON)
        if status.hopper is PaperState.OUT:
            return failed("blanks:out", advice.BLANKS)
        _rejected(port)
        return failed(f"print:{type(error).__name__}", advice.CARD_STUCK)
    return judged("print", advice.CARD_STUCK, took)


def _pattern() -> CardSide:
    """A frame, bars of colour, and a black cross: what is missing shows which panel or nozzle is."""
    colour = np.full((HEIGHT_DOTS, WIDTH_DOTS, 3), 255, np.uint8)
    for number, shade in enumerate(((0, 174, 239), (236, 0, 140), (255, 242, 0), (128, 128, 128))):
        colour[100:300, 108 + 200 * number : 308 + 200 * number] = shade
    black = np.zeros((HEIGHT_DOTS, WIDTH_DOTS), np.bool_)
    black[40:44, 40:-40] = black[-44:-40, 40:-40] = True
    black[40:-40, 40:44] = black[40:-40, -44:-40] = True
    black[400:500, WIDTH_DOTS // 2 - 2 : WIDTH_DOTS // 2 + 2] = True
    black[448:452, WIDTH_DOTS // 2 - 50 : WIDTH_DOTS // 2 + 50] = True
    return CardSide(colour, black)


def _read(reader: CardReader, operator: Operator, uid: bytes, took: Measurement) -> Finding:
    if not placed(reader, operator, PLACE_S):
        return skipped("the card was not placed")
    try:
        read = reader.uid(Deadline.after(STATUS_S))
    except DriverError as error:
        return failed(f"read:{type(error).__name__}", advice.TEST_BLANK, took)
    if read != uid:
        return failed("read:another card", advice.TEST_BLANK, took)
    return judged("encode", advice.ENCODER, took)


def _rejected(printer: CardPrinter) -> None:
    try:
        printer.move(Place.REJECT, Deadline.after(MOVE_S))
    except DriverError:
        return  # where the card is, the printer's own checks say
