"""One test blank on its way through a card printer: fed by hand, written, printed, thrown out, read in front.

A card for several checks, so that each blames the part that failed. It comes from the manual slot alone: whoever
forgets to put one in makes a check fail, and costs no resident's blank.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from drivers.card_printer.personalise import BlankDefective, CardFiles
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS, CardPrinter, CardPrinterStatus, CardSide, Place
from drivers.card_reader.port import CardReader
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DriverError, Unsupported
from drivers.status import DeviceState, InkState, MediaState, RetractBinState
from selftest import advice
from selftest.checks.card_printer import ENCODER, MODELS, OPEN_S, STATUS_S, Encoder
from selftest.checks.card_reader import placed
from selftest.model import (
    ALONE,
    Advice,
    Check,
    Finding,
    Level,
    Limits,
    Measurement,
    Needs,
    Outcome,
    Subject,
    Words,
    failed,
    judged,
    passed,
    skipped,
)
from selftest.operator import Operator, Step

MOVE_S: Final = 30.0
ENCODE_S: Final = 60.0
PLACE_S: Final = 60.0
PRINT_S: Final = 120.0
# Four panels and the lamination of one side take half a minute on the printers we know.
PRINTED: Final = Limits(at_most=90.0)
ENCODED: Final = Limits(at_most=30.0)
NOBODY: Final = f"{ALONE} to put a test blank in, or none may be used up"
NO_CARD: Final = "no test card"
_STEPS: Final = {"card_printer": Step.LOAD_TEST_BLANK, "kia_printer": Step.LOAD_KIA_TEST_BLANK}


@dataclass(frozen=True, slots=True)
class Way:
    """What the card passes; none of it opened yet.

    Attributes:
        role: card_printer or kia_printer.
        encoder: In that printer; None: its cards have no chip.
        reader: In front of the machine; None: what was written is read back in the printer alone.
        spend: Called with what is used up and how many before it is; None: nothing may be.
    """

    role: str
    printer: CardPrinter
    encoder: Encoder | None
    reader: CardReader | None
    operator: Operator | None
    spend: Callable[[str, int], None] | None


def subject(way: Way) -> Subject:
    """Its checks, in the order in which the card passes; after everything else."""
    going, role, model = _Card(way), way.role, MODELS[way.role]

    def check(name: str, device: str, title: Words, run: Callable[[], Finding], within_s: float) -> Check:
        return Check(name, device, title, lambda: going.at_work(run), within_s, Needs.BLANK, Level.FULL)

    feed = Words(f"Tarik kartu uji, printer {model}", f"Feed a test card, {model} printer")
    write = Words("Tulis dan baca ulang chip kartu uji", "Write a test card's chip and read it back")
    print_ = Words(f"Cetak kartu uji, printer {model}", f"Print a test card, {model} printer")
    carry = Words("Baca kartu uji di pembaca depan", "Read the test card on the front reader")
    checks = [check(f"{role}.feed", role, feed, going.feed, PLACE_S + 2 * MOVE_S)]
    if way.encoder is not None:
        checks.append(check(f"{ENCODER}.write", ENCODER, write, going.write, ENCODE_S + PLACE_S + 2 * MOVE_S))
    checks.append(check(f"{role}.print", role, print_, going.print, PRINT_S + PLACE_S + 3 * MOVE_S))
    if way.encoder is not None and way.reader is not None:
        checks.append(check(f"{ENCODER}.loopback", ENCODER, carry, going.carry, 3 * PLACE_S + 2 * MOVE_S))
    return Subject(tuple(checks), going.open, going.close, phase=2)


def test_files(nonce: str) -> CardFiles:
    """What is written: it says of itself what it is, and is another each time; no file of a real card looks so."""
    # As long as a small photo: a chip may keep its first bytes and lose the rest.
    photo = f"UJI {nonce} ".encode("ascii") * 64
    return CardFiles(b"UJI" * 17, b"KARTU UJI / TEST CARD, BUKAN KTP-EL", photo, b"UJI")


class _Card:
    """The card and where it is. Checks that were not chosen are made up for when a later one needs them."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._ports: tuple[Any, ...] = tuple(
            port for port in (way.printer, way.encoder, way.reader) if port is not None
        )
        self._fed: Finding | None = None
        self._inside = False
        self._uid = b""
        self._files = test_files(secrets.token_hex(8))
        self._busy = False

    def open(self) -> None:
        """Every device on the way."""
        for port in self._ports:
            port.open(Deadline.after(OPEN_S))

    def close(self) -> None:
        """A card that is still inside goes into the reject bin, unless a call that hangs has it."""
        if self._inside and not self._busy:
            self._rejected()
        for port in self._ports:
            port.close()

    def at_work(self, run: Callable[[], Finding]) -> Finding:
        """One check; meanwhile nobody else moves the card."""
        self._busy = True
        finding = run()
        self._busy = False
        return finding

    def feed(self) -> Finding:
        """From the manual slot to where it is needed first."""
        self._fed = self._feed()
        return self._fed

    def _feed(self) -> Finding:
        way = self._way
        if way.operator is None or way.spend is None:
            return skipped(NOBODY)
        can = way.printer.capabilities()
        if can.feeds_on_print:
            return skipped("the printer takes blanks from its hopper alone, and those are the residents'")
        if hindered := _hindered(way.printer.status(Deadline.after(STATUS_S))):
            return skipped(f"{way.role}:{hindered}")
        if not way.operator.ask(_STEPS[way.role], PLACE_S):
            return skipped("no test blank")
        way.spend("test_blank", 1)
        to_encoder = way.encoder is not None and Place.CONTACTLESS in can.places
        began = time.monotonic()
        try:
            way.printer.feed_by_hand(Place.CONTACTLESS if to_encoder else Place.INSIDE, Deadline.after(MOVE_S))
        except Unsupported:
            return skipped("the printer has no manual slot")
        except DriverError as error:
            return self._stopped("feed", error, advice.FEED_CARD)
        self._inside = True
        return passed(Measurement("time", time.monotonic() - began, "s"))

    def write(self) -> Finding:
        """Written, powered anew, read back, locked. A chip that fails is still good to print on."""
        way = self._way
        assert way.encoder is not None
        if missing := self._missing():
            return missing
        if Place.CONTACTLESS not in way.printer.capabilities().places:
            return skipped("the printer brings no card to the encoder")
        began = time.monotonic()
        try:
            uid = way.encoder.encode(self._files, Deadline.after(ENCODE_S), lambda _: None)
        except BlankDefective:
            return failed("blank:defective", advice.TEST_BLANK)
        except DeadlineExceeded:
            return failed("chip:mute", advice.TEST_BLANK)
        except DriverError as error:
            return failed(f"encode:{type(error).__name__}", advice.ENCODER)
        self._uid = uid
        return judged("encode", advice.ENCODER, Measurement("encode", time.monotonic() - began, "s", ENCODED))

    def print(self) -> Finding:
        """A pattern on its front; a card that nobody is to carry goes into the reject bin."""
        if missing := self._missing():
            return missing
        printer = self._way.printer
        can = printer.capabilities()
        began = time.monotonic()
        try:
            printer.wait(printer.print(_pattern(), None, Deadline.after(PRINT_S)), Deadline.after(PRINT_S))
            took = Measurement("time", time.monotonic() - began, "s", PRINTED)
            self._inside = can.holds_after_print
            if self._inside and not self._uid:
                printer.move(Place.REJECT if Place.REJECT in can.places else Place.EXIT, Deadline.after(MOVE_S))
                self._inside = False
        except DriverError as error:
            return self._stopped("print", error, advice.CARD_STUCK)
        return judged("print", advice.CARD_STUCK, took)

    def carry(self) -> Finding:
        """Out of the exit, onto the front reader, which must read what was written."""
        way = self._way
        assert way.operator is not None
        assert way.reader is not None
        if not self._uid:
            return skipped("no card was written")
        if self._inside:
            try:
                way.printer.move(Place.EXIT, Deadline.after(MOVE_S))
            except DriverError as error:
                return self._of_the_printer(self._stopped("eject", error, advice.CARD_STUCK))
            self._inside = False
        if not way.operator.begin(Step.PLACE_ENCODED_CARD, PLACE_S):
            return skipped(f"{ALONE} to carry the card")
        try:
            return self._read(way.reader, way.operator)
        finally:
            way.operator.end()

    def _read(self, reader: CardReader, operator: Operator) -> Finding:
        """Another card that lies there, as the one of an earlier check, is waited away."""
        until, strange = Deadline.after(PLACE_S), False
        try:
            while placed(reader, operator, until.remaining_s):
                if reader.uid(Deadline.after(STATUS_S)) == self._uid:
                    return self._compared(reader.plain_file(Deadline.after(STATUS_S)))
                strange = True
                reader.wait_for_removal(until)
        except DriverError as error:
            return failed(f"read:{type(error).__name__}", advice.TEST_BLANK)
        return failed("read:another card", advice.SAME_CARD) if strange else skipped("the card was not placed")

    def _compared(self, content: bytes) -> Finding:
        written = self._files.photo
        same = sum(one == other for one, other in zip(written, content, strict=False))
        if content != written:
            return failed("read:other content", advice.TEST_BLANK, Measurement("bytes", same))
        return passed(Measurement("bytes", same, "", Limits(at_least=len(written))))

    def _missing(self) -> Finding | None:
        """None with a card inside; else why there is none, told by the check that should have fed it if it ran."""
        if self._fed is None:
            finding = self.feed()
            if finding.outcome is not Outcome.PASS:
                return self._of_the_printer(finding)
        return None if self._inside else skipped(NO_CARD)

    def _of_the_printer(self, finding: Finding) -> Finding:
        return replace(finding, blames=self._way.role)

    def _stopped(self, what: str, error: DriverError, otherwise: Advice) -> Finding:
        """Why the printer stopped, as it says now; its card leaves it if it can."""
        status = self._way.printer.status(Deadline.after(STATUS_S))
        self._inside, self._uid = status.card_at is not None, b""
        if status.device in (DeviceState.NO_DEVICE, DeviceState.OFFLINE):
            self._inside = False
            return failed(f"device:{status.device}", advice.of_state(status.device))
        if status.media is MediaState.JAMMED:
            self._inside = False
            return failed("media:jammed", advice.CARD_JAM)
        if status.cover_open:
            return failed("cover:open", advice.COVER)
        if status.head_hot:
            found = failed("head:hot", advice.COOL)
        elif status.ribbon is InkState.OUT:
            found = failed("ribbon:out", advice.RIBBON)
        elif status.reject_bin is RetractBinState.FULL:
            found = failed("bin:full", advice.BIN)
        else:
            found = failed(f"{what}:{type(error).__name__}", otherwise)
        if self._inside:
            self._rejected()
        return found

    def _rejected(self) -> None:
        self._inside = False
        try:
            self._way.printer.move(Place.REJECT, Deadline.after(MOVE_S))
        except DriverError:
            return  # where the card is, the printer's own checks say


def _hindered(status: CardPrinterStatus) -> str:
    """What makes a test card a waste; the printer's own checks say what to do about it."""
    if status.device is not DeviceState.ONLINE:
        return str(status.device)
    if status.card_at is not None or status.media is MediaState.JAMMED:
        return "card inside"
    if status.cover_open:
        return "cover open"
    return "ribbon out" if status.ribbon is InkState.OUT else ""


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
