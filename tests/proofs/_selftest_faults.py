"""What the self-test must say of each named fault of the simulators, and of which it can say nothing.

A fault that is not in this table must be found all the same, with its device named and some advice: so new ones join.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drivers.status import ErrorAction


@dataclass(frozen=True, slots=True)
class Found:
    """Whom the report must blame, and with which action."""

    device: str
    action: ErrorAction


@dataclass(frozen=True, slots=True)
class Silent:
    """Not findable, and why."""

    why: str


Expected = Found | Silent

_CLEAR, _SUSPEND, _RESET = ErrorAction.CLEAR, ErrorAction.SUSPEND, ErrorAction.RESET
_MAINTENANCE, _CONFIGURATION = ErrorAction.MAINTENANCE, ErrorAction.CONFIGURATION
_CARD: Final = Found("card_reader", _CLEAR)

_NO_CHIP: Final = Silent("this printer's cards have no chip that it writes")
_CARDS: Final = (
    ("feeder_empty", _MAINTENANCE),
    ("feeder_jam", _CLEAR),
    ("mechanical", _CLEAR),
    ("ribbon_out", _MAINTENANCE),
    ("cover_opened", _CLEAR),
    ("head_hot", _RESET),
    ("power_lost", _MAINTENANCE),
    ("garbled", _RESET),
    ("mute", _RESET),
    ("nack", _RESET),
    ("unplugged", _MAINTENANCE),
    ("reject_full", _CLEAR),
)

EXPECTED: Final[Mapping[tuple[str, str], Expected]] = {
    ("card_reader", "vanish"): _CARD,
    ("card_reader", "swap"): _CARD,
    ("card_reader", "mute"): Found("card_reader", _RESET),
    ("card_reader", "slow"): _CARD,
    ("card_reader", "wrong_status"): _CARD,
    ("card_reader", "short_answer"): _CARD,
    ("card_reader", "long_answer"): _CARD,
    # Bits of signed data that turned are what a forgery looks like.
    ("card_reader", "garbled_answer"): Found("card_reader", _SUSPEND),
    ("card_reader", "bad_atr"): _CARD,
    ("card_reader", "cloned"): Found("card_reader", _SUSPEND),
    ("card_reader", "keyless"): Found("card_reader", _SUSPEND),
    ("card_reader", "sam_missing"): Found("sam", _MAINTENANCE),
    ("card_reader", "sam_locked"): Found("sam", _SUSPEND),
    ("card_reader", "sam_wrong_secret"): Found("sam", _CONFIGURATION),
    # A call that hangs does not tell which of both chips holds it: the reader is named, the advice names the SAM.
    ("card_reader", "sam_mute"): Found("card_reader", _RESET),
    ("camera", "covered"): Found("camera", _CLEAR),
    ("camera", "dark"): Found("camera", _CLEAR),
    ("camera", "frozen"): Found("camera", _RESET),
    ("camera", "unplugged"): Found("camera", _MAINTENANCE),
    ("camera", "slow"): Found("camera", _MAINTENANCE),
    ("camera", "corrupted"): Found("camera", _MAINTENANCE),
    ("document_printer", "jam"): Found("document_printer", _CLEAR),
    ("document_printer", "jam_next"): Found("document_printer", _CLEAR),
    ("document_printer", "empty"): Found("document_printer", _MAINTENANCE),
    ("document_printer", "toner_low"): Found("document_printer", _MAINTENANCE),
    ("document_printer", "toner_out"): Found("document_printer", _MAINTENANCE),
    ("document_printer", "cover_open"): Found("document_printer", _CLEAR),
    ("document_printer", "offline"): Found("document_printer", _CLEAR),
    ("document_printer", "abort_next"): Found("document_printer", _MAINTENANCE),
    ("document_printer", "disconnect"): Found("document_printer", _MAINTENANCE),
    ("document_printer", "mute"): Found("document_printer", _RESET),
    ("document_printer", "answer_lost"): Silent(
        "the driver asks after the job by its number, and the page is printed: nothing is amiss afterwards"
    ),
    ("document_printer", "cut_after_document"): Found("document_printer", _MAINTENANCE),
    ("document_printer", "document_cut"): Found("document_printer", _MAINTENANCE),
    **{("paper_feeder", f"jam_s{number}"): Found("paper_feeder", _CLEAR) for number in range(3, 9)},
    ("paper_feeder", "garbled"): Silent("the protocol has each answer sent again: nothing is amiss afterwards"),
    ("paper_feeder", "lost_ack"): Silent("the driver looks up what moved, by sensors and counters"),
    ("paper_feeder", "lost_answer"): Silent("the protocol has the answer sent again: nothing is amiss afterwards"),
    ("paper_feeder", "empty"): Found("paper_feeder", _MAINTENANCE),
    ("paper_feeder", "bin_full"): Found("paper_feeder", _CLEAR),
    ("paper_feeder", "motor_stall"): Found("paper_feeder", _MAINTENANCE),
    ("paper_feeder", "mute"): Found("paper_feeder", _RESET),
    ("paper_feeder", "power_lost"): Found("paper_feeder", _MAINTENANCE),
    ("paper_feeder", "unplugged"): Found("paper_feeder", _MAINTENANCE),
    ("cabinet", "door_open"): Found("door", _CLEAR),
    ("cabinet", "tampered"): Found("door", _SUSPEND),
    ("cabinet", "contact_cut"): Found("door", _CONFIGURATION),
    ("receipt_printer", "paper_near_end"): Silent(
        "the roll's edge wobbles, so the sensor counts only after three receipts in a row"
    ),
    ("receipt_printer", "paper_end"): Found("receipt_printer", _MAINTENANCE),
    ("receipt_printer", "paper_runs_out"): Found("receipt_printer", _MAINTENANCE),
    ("receipt_printer", "cover_open"): Found("receipt_printer", _CLEAR),
    ("receipt_printer", "cutter"): Found("receipt_printer", _CLEAR),
    ("receipt_printer", "mute"): Found("receipt_printer", _RESET),
    ("receipt_printer", "nak"): Found("receipt_printer", _RESET),
    ("receipt_printer", "partial_write"): Found("receipt_printer", _MAINTENANCE),
    ("receipt_printer", "unplugged"): Found("receipt_printer", _MAINTENANCE),
    **{
        (printer, fault): Found(printer, action)
        for printer in ("card_printer", "kia_printer")
        for fault, action in _CARDS
    },
    ("card_printer", "encoder_mute"): Found("card_encoder", _MAINTENANCE),
    ("card_printer", "blank_defective"): Found("card_encoder", _MAINTENANCE),
    **{("kia_printer", fault): _NO_CHIP for fault in ("encoder_mute", "blank_defective")},
}
