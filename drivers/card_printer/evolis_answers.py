"""What an Evolis printer answers: bytes to facts and back; no I/O here.

Every answer is text ending in CR [G]; zeros around it are padding. Two dialects are read alike: ACK and NACK with the
class of the fault, as control bytes or spelt out [G], and the words of newer firmware [K] (sources: `evolis_wire`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from drivers.card_printer.port import Place
from drivers.errors import ProtocolError

MAX_ANSWER_BYTES = 256
_NACK = re.compile(r"(?:\x15|NACK)[ ;]?([12TCFRKDW])")
_VOLTS = re.compile(r"([0-9]{1,2})[.,]([0-9]{1,3}) ?Volts?", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,9}")
PRESENT_VOLTS = 1.0
"""Above, a card or a closed cover is seen; public programs read 0.0-0.2 V and 3.9-5.0 V [K]."""


class Dialect(StrEnum):
    """How a printer spells its answers."""

    CLASSES = "classes"
    WORDS = "words"


class Refusal(StrEnum):
    """Why a command was not carried out. The values of one letter are NACK's classes [G]."""

    COMMAND = "1"
    PARAMETER = "2"
    MECHANICAL = "T"
    COVER = "C"
    FEEDER = "F"
    RIBBON = "R"
    MAGNETIC = "K"
    MAGNETIC_DATA = "D"
    MAGNETIC_WRITE = "W"
    HEAD = "head"
    REJECT_FULL = "rejectFull"
    NOT_FITTED = "notFitted"
    OTHER = "other"


WORDS: Mapping[str, Refusal] = {
    "ERROR CDE": Refusal.COMMAND,
    "ERROR PARAMETRES": Refusal.PARAMETER,
    "CARD JAM": Refusal.MECHANICAL,
    "ERR CARD": Refusal.MECHANICAL,
    "COVER OPEN": Refusal.COVER,
    "FEEDER EMPTY": Refusal.FEEDER,
    "ERROR RIBBON": Refusal.RIBBON,
    "ERR RIB DETECTION": Refusal.RIBBON,
    "ERROR MAG CHECKSUM": Refusal.MAGNETIC,
    "ERROR MAG DATA": Refusal.MAGNETIC_DATA,
    "ERROR MAG": Refusal.MAGNETIC_WRITE,
    "ERROR HEAD": Refusal.HEAD,
    "HOPPER FULL": Refusal.REJECT_FULL,
    "OPT NOT AVAILABLE": Refusal.NOT_FITTED,
    "ERROR HOPPER": Refusal.OTHER,
    "HOPPER DOOR": Refusal.OTHER,
    "ERROR TIME OUT": Refusal.OTHER,
    "ERROR UNKNOW": Refusal.OTHER,
    "ERROR": Refusal.OTHER,
}
"""Answers in words [K], spelt as the printers spell them."""
_WORD_OF: Mapping[Refusal, str] = {refusal: word for word, refusal in reversed(list(WORDS.items()))}
_CLASS_OF: Mapping[Refusal, str] = {
    Refusal.HEAD: Refusal.MECHANICAL.value,
    Refusal.REJECT_FULL: Refusal.MECHANICAL.value,
    Refusal.NOT_FITTED: Refusal.COMMAND.value,
    Refusal.OTHER: Refusal.MECHANICAL.value,
}


@dataclass(frozen=True, slots=True)
class Done:
    """The command was carried out."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not.

    Attributes:
        code: The printer's own word.
    """

    why: Refusal
    code: str


@dataclass(frozen=True, slots=True)
class Text:
    """An answer to a question."""

    text: str


Answer = Done | Refused | Text


def decode_answer(buffer: bytes | bytearray) -> tuple[int, Answer | None]:
    """The first answer in `buffer` and how many bytes it took; None when more are needed.

    Raises:
        ProtocolError: Too much without an end, or bytes that are no text.
    """
    end = buffer.find(b"\r", 0, MAX_ANSWER_BYTES)
    if end < 0:
        if len(buffer) >= MAX_ANSWER_BYTES:
            raise ProtocolError("the printer's answer does not end")
        return 0, None
    return end + 1, read_answer(bytes(buffer[:end]))


def read_answer(raw: bytes) -> Answer:
    """One answer without its CR.

    Raises:
        ProtocolError: It is no text.
    """
    text = raw.strip(b"\0\n ").decode("latin-1")
    if text in ("\x06", "ACK", "OK"):
        return Done()
    if found := _NACK.fullmatch(text):
        return Refused(Refusal(found[1]), f"NACK {found[1]}")
    if text in WORDS:
        return Refused(WORDS[text], text)
    if not text.isascii() or not text.isprintable():
        raise ProtocolError("the printer's answer is no text")
    return Text(text)


def encode_answer(answer: Answer, dialect: Dialect) -> bytes:
    """An answer's bytes; a printer that speaks in classes has no word for some faults and says the nearest."""
    match answer:
        case Text(text):
            said = text
        case Done():
            said = "ACK" if dialect is Dialect.CLASSES else "OK"
        case Refused(why):
            said = f"NACK{_CLASS_OF.get(why, why.value)}" if dialect is Dialect.CLASSES else _WORD_OF[why]
    return said.encode("ascii") + b"\r"


def volts(text: str) -> float:
    """A sensor's reading, as "5,00 Volts".

    Raises:
        ProtocolError: It is none.
    """
    found = _VOLTS.fullmatch(text)
    if found is None:
        raise ProtocolError("the sensor's reading is no voltage")
    return float(f"{found[1]}.{found[2]}")


def count(text: str) -> int:
    """A counter.

    Raises:
        ProtocolError: It is none.
    """
    if not _COUNT.fullmatch(text):
        raise ProtocolError("the counter is no number")
    return int(text)


CARD_AT: Mapping[str, Place | None] = {
    "NO CARD": None,
    "CARD": Place.INSIDE,
    "SMART CARD": Place.CONTACT,
    "CONTACTLESS CARD": Place.CONTACTLESS,
}
"""Answers to Rlr;p; an empty path is also answered as a command that was carried out [K]."""
