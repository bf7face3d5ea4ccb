"""What the status words of cards and SAMs mean: ISO/IEC 7816-4:2020 tables 5 to 9, as data."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Kind(Enum):
    """What a caller does about a status word."""

    OK = "done"
    MORE = "done, more bytes wait for GET RESPONSE"
    WARNING = "done, with a warning: fewer bytes, or end of file"
    WRONG_LE = "ask again with the length it names"
    WRONG_LENGTH = "it does not take this length"
    REFUSED = "security: authentication or message check failed"
    LOCKED = "security: blocked, needs its issuer"
    STATE = "not now: conditions not fulfilled"
    ABSENT = "no such file or application"
    UNSUPPORTED = "it does not know this command"
    PARAMETERS = "it does not take these parameters"
    FAILED = "it failed inside"
    UNKNOWN = "not in the standard"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row: status words whose bits under `mask` equal `value`."""

    value: int
    mask: int
    kind: Kind
    text: str


# First match wins, so exact words stand before their families.
MEANINGS: tuple[Meaning, ...] = (
    Meaning(0x9000, 0xFFFF, Kind.OK, "normal processing"),
    Meaning(0x6100, 0xFF00, Kind.MORE, "more data available"),
    Meaning(0x6281, 0xFFFF, Kind.WARNING, "part of returned data may be corrupted"),
    Meaning(0x6282, 0xFFFF, Kind.WARNING, "end of file reached before reading Ne bytes"),
    Meaning(0x6283, 0xFFFF, Kind.STATE, "selected file deactivated"),
    Meaning(0x6285, 0xFFFF, Kind.STATE, "selected file in termination state"),
    Meaning(0x6200, 0xFF00, Kind.WARNING, "warning, memory unchanged"),
    Meaning(0x63C0, 0xFFFF, Kind.LOCKED, "verification failed, no tries left"),
    Meaning(0x63C0, 0xFFF0, Kind.REFUSED, "verification failed, tries left"),
    Meaning(0x6300, 0xFF00, Kind.REFUSED, "verification failed"),
    Meaning(0x6400, 0xFF00, Kind.FAILED, "execution error, memory unchanged"),
    Meaning(0x6500, 0xFF00, Kind.FAILED, "execution error, memory changed"),
    Meaning(0x6600, 0xFF00, Kind.REFUSED, "security-related issue"),
    Meaning(0x6700, 0xFF00, Kind.WRONG_LENGTH, "wrong length"),
    Meaning(0x6882, 0xFFFF, Kind.UNSUPPORTED, "secure messaging not supported"),
    Meaning(0x6800, 0xFF00, Kind.UNSUPPORTED, "functions in CLA not supported"),
    Meaning(0x6982, 0xFFFF, Kind.REFUSED, "security status not satisfied"),
    Meaning(0x6983, 0xFFFF, Kind.LOCKED, "authentication method blocked"),
    Meaning(0x6984, 0xFFFF, Kind.LOCKED, "reference data not usable"),
    Meaning(0x6985, 0xFFFF, Kind.STATE, "conditions of use not satisfied"),
    Meaning(0x6986, 0xFFFF, Kind.STATE, "command not allowed, no current EF"),
    Meaning(0x6987, 0xFFFF, Kind.REFUSED, "expected secure messaging objects missing"),
    Meaning(0x6988, 0xFFFF, Kind.REFUSED, "incorrect secure messaging objects"),
    Meaning(0x6999, 0xFFFF, Kind.ABSENT, "applet select failed (Java Card)"),
    Meaning(0x6900, 0xFF00, Kind.STATE, "command not allowed"),
    Meaning(0x6A80, 0xFFFF, Kind.PARAMETERS, "incorrect parameters in the data field"),
    Meaning(0x6A81, 0xFFFF, Kind.UNSUPPORTED, "function not supported"),
    Meaning(0x6A82, 0xFFFF, Kind.ABSENT, "file or application not found"),
    Meaning(0x6A83, 0xFFFF, Kind.ABSENT, "record not found"),
    Meaning(0x6A86, 0xFFFF, Kind.PARAMETERS, "incorrect P1 or P2"),
    Meaning(0x6A88, 0xFFFF, Kind.ABSENT, "referenced data not found"),
    Meaning(0x6A00, 0xFF00, Kind.PARAMETERS, "wrong parameters"),
    Meaning(0x6B00, 0xFF00, Kind.PARAMETERS, "wrong P1 or P2, offset outside the file"),
    Meaning(0x6C00, 0xFF00, Kind.WRONG_LE, "wrong Le, SW2 gives the right one"),
    Meaning(0x6D00, 0xFF00, Kind.UNSUPPORTED, "instruction not supported"),
    Meaning(0x6E00, 0xFF00, Kind.UNSUPPORTED, "class not supported"),
    Meaning(0x6F00, 0xFF00, Kind.FAILED, "no precise diagnosis"),
)


# A read asks some hundred times, and mostly for 9000.
@lru_cache(maxsize=64)
def meaning(sw: int) -> Meaning:
    """The row for a status word; one of kind UNKNOWN when the standard has none."""
    for row in MEANINGS:
        if sw & row.mask == row.value:
            return row
    return Meaning(sw, 0xFFFF, Kind.UNKNOWN, "not in ISO/IEC 7816-4")


def kind(sw: int) -> Kind:
    """What to do about a status word."""
    return meaning(sw).kind


def describe(sw: int) -> str:
    """For logs and technicians: "6A82 file or application not found"."""
    return f"{sw:04X} {meaning(sw).text}"
