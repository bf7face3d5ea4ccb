"""A card printer and its encoder: ready, supplies, cleaning, which one it is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Protocol

from drivers.card_printer.personalise import CardFiles
from drivers.card_printer.port import CardPrinter, CardPrinterStatus
from drivers.deadline import Deadline
from drivers.errors import DriverError, Unsupported
from drivers.status import DeviceState, InkState, MediaState, PaperState, RetractBinState
from selftest import advice
from selftest.asking import ask
from selftest.model import Check, Finding, Limits, Measurement, Subject, Words, failed, judged, passed, skipped

ENCODER: Final = "card_encoder"
OPEN_S: Final = 5.0
STATUS_S: Final = 5.0
TEMPERATURE: Final = Limits(at_most=65.0)
MODELS: Final[Mapping[str, str]] = {"card_printer": "KTP-el", "kia_printer": "KIA"}
"""What people call the printer of a role."""


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
    asked, model = _Asked(port), MODELS[role]

    def check(name: str, title: Words, run: Callable[[], Finding], within_s: float = STATUS_S) -> Check:
        return Check(f"{role}.{name}", role, title, run, within_s)

    belongs = Words(f"Printer {model} ini milik mesin ini", f"The {model} printer belongs here")
    return Subject(
        (
            check("ready", Words(f"Printer {model} siap", f"{model} printer ready"), asked.ready, 2 * STATUS_S + 3.0),
            check("ribbon", Words(f"Pita printer {model}", f"Ribbon, {model} printer"), asked.ribbon),
            check("blanks", Words(f"Kartu kosong {model}", f"Blank cards, {model}"), asked.blanks),
            check("bin", Words(f"Tempat kartu rusak {model}", f"Reject bin, {model} printer"), asked.bin),
            check("head", Words(f"Kepala cetak {model}", f"Print head, {model} printer"), asked.head),
            check("identity", belongs, lambda: _identity(port, accepted_serial), STATUS_S + 3.0),
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
        self._status = status = ask(self._port.status, STATUS_S)
        if status.cover_open:
            return failed("cover:open", advice.COVER)
        if status.media is MediaState.JAMMED:
            return failed("media:jammed", advice.CARD_JAM)
        supplies = InkState.OUT is status.ribbon or PaperState.OUT is status.hopper or bool(status.head_hot)
        if status.device is not DeviceState.ONLINE and not supplies:
            return failed(
                f"device:{status.device}{f' {status.code}' if status.code else ''}", advice.of_state(status.device)
            )
        if status.card_at is not None:
            return failed(f"card:{status.card_at}", advice.CARD_JAM)
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
