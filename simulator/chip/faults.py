"""Named faults of the simulated card and SAM, each a change to one exchange or to what the chip is."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What can be wrong, by name."""

    VANISH = "vanish"
    SWAP = "swap"
    MUTE = "mute"
    SLOW = "slow"
    WRONG_STATUS = "wrong_status"
    SHORT_ANSWER = "short_answer"
    LONG_ANSWER = "long_answer"
    GARBLED_ANSWER = "garbled_answer"
    BAD_ATR = "bad_atr"
    CLONED = "cloned"
    KEYLESS = "keyless"
    SAM_MISSING = "sam_missing"
    SAM_LOCKED = "sam_locked"
    SAM_WRONG_SECRET = "sam_wrong_secret"
    SAM_MUTE = "sam_mute"


DESCRIPTIONS: Mapping[Fault, str] = {
    Fault.VANISH: "The card leaves in the middle of the read.",
    Fault.SWAP: "Another card takes its place within 400 ms, in the middle of the read.",
    Fault.MUTE: "The card stops answering; the command hangs until it is taken.",
    Fault.SLOW: "Every answer takes 1.5 seconds.",
    Fault.WRONG_STATUS: "A command in the middle of the read fails with 6F00.",
    Fault.SHORT_ANSWER: "An answer in the middle of the read is cut short.",
    Fault.LONG_ANSWER: "An answer in the middle of the read is longer than asked for.",
    Fault.GARBLED_ANSWER: "Bits of an answer in the middle of the read are turned.",
    Fault.BAD_ATR: "The answer to reset makes no sense.",
    Fault.CLONED: "The photo was exchanged: the digital signature no longer fits.",
    Fault.KEYLESS: "A copy of the files on a chip without keys: authentication fails.",
    Fault.SAM_MISSING: "The SAM is out of its slot.",
    Fault.SAM_LOCKED: "The SAM is blocked after too many wrong secrets.",
    Fault.SAM_WRONG_SECRET: "The SAM wants another secret than the kiosk has.",
    Fault.SAM_MUTE: "The SAM stops answering.",
}

# These happen at one exchange; the others are what the card or the SAM is.
AT_AN_EXCHANGE = frozenset(
    {
        Fault.VANISH,
        Fault.SWAP,
        Fault.MUTE,
        Fault.SLOW,
        Fault.WRONG_STATUS,
        Fault.SHORT_ANSWER,
        Fault.LONG_ANSWER,
        Fault.GARBLED_ANSWER,
    }
)
OF_THE_SAM = frozenset({Fault.SAM_MISSING, Fault.SAM_LOCKED, Fault.SAM_WRONG_SECRET, Fault.SAM_MUTE})

SLOW_S = 1.5


@dataclass(frozen=True, slots=True)
class Plan:
    """When a fault strikes.

    Attributes:
        fault: Which; one of `AT_AN_EXCHANGE`.
        at: Number of the exchange since power-up or reset, from 0; `slow` strikes at all from there on.
    """

    fault: Fault
    at: int

    def strikes(self, exchange: int) -> bool:
        """Whether it strikes at this exchange."""
        return exchange >= self.at if self.fault is Fault.SLOW else exchange == self.at


def spoil(fault: Fault, answer: bytes) -> bytes:
    """The answer with this fault in it."""
    if fault is Fault.WRONG_STATUS:
        return b"\x6f\x00"
    if fault is Fault.SHORT_ANSWER:
        # Data cut away, status word kept; an answer that is only a status word loses half of it.
        return answer[: (len(answer) - 2) // 2] + answer[-2:] if len(answer) > 2 else answer[:1]
    if fault is Fault.LONG_ANSWER:
        return answer[:-2] + bytes(300) + answer[-2:]
    if fault is Fault.GARBLED_ANSWER:
        middle = len(answer) // 2
        return answer[:middle] + bytes((answer[middle] ^ 0x5A,)) + answer[middle + 1 :]
    return answer
