"""Log lines for somebody outside: an allow-list, so that what nobody thought of is left out too.

Events of the daemon (`kiosk.logs`) keep their name and the allow-listed fields with plain values. Drivers' lines keep
words of lower-case letters. Of every other line only time, level and logger remain.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kiosk.logs import FIELDS

LEFT_OUT: Final = "..."
# Numbers that lead to a document, and so to a person.
_NUMBERS: Final = frozenset({"issuance", "receipt_number"})
_KEPT: Final = FIELDS - _NUMBERS
_LINE: Final = re.compile(
    r"^(?P<time>\d{4}-\d\d-\d\dT[\d:.]+\S*|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)?.*?"
    r"\b(?P<level>DEBUG|INFO|WARNING|ERROR|CRITICAL) (?P<logger>[a-z_]+(?:\.[a-z_]+)*) (?P<text>.*)$"
)
_EVENT: Final = re.compile(r"^[a-z][a-z_]*$")
# Values as the daemon writes them: small words as noDevice or paper:low, numbers; contract words; exceptions.
# A person's name is written large.
_FIELD: Final = re.compile(
    r"^([a-z_]+)=((?!.*(?<![a-z])[A-Z])[A-Za-z0-9.:,/+=_-]{1,96}"
    r"|[A-Z]{3,32}_[A-Z_]{3,64}|(?:[A-Z][a-z]+){2,5}|[A-Z]{2}Error)$"
)
_WORD: Final = re.compile(r"^[a-z]+(?:[A-Z][a-z]+)?[,.:;]?$")
# A NIK, a family card or a certificate number; telephone numbers too.
_LONG_NUMBER: Final = re.compile(r"\d{6,}")


def redacted(lines: Iterable[str]) -> Iterator[str]:
    """Each line without what may be personal."""
    for line in lines:
        if match := _LINE.match(line.rstrip("\n")):
            text = _text(match["logger"], match["text"])
            yield " ".join(filter(None, (match["time"], match["level"], match["logger"], text)))
        elif line.strip():
            yield LEFT_OUT


def _text(logger: str, text: str) -> str:
    words = text.split()
    if logger == "adm.kiosk" and words and _EVENT.match(words[0]):
        return " ".join([words[0], *map(_field, words[1:])])
    if logger.startswith("drivers."):
        return " ".join(word if _WORD.match(word) else LEFT_OUT for word in words)
    return LEFT_OUT


def _field(word: str) -> str:
    match = _FIELD.match(word)
    if match is None or match[1] not in _KEPT or _LONG_NUMBER.search(match[2]):
        return LEFT_OUT
    return word
