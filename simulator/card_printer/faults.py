"""Named faults of the virtual card printer, and the steps of a card at which they can strike."""

from collections.abc import Mapping
from enum import StrEnum


class Step(StrEnum):
    """What a card goes through."""

    FEED = "feed"
    ENCODE = "encode"
    PRINT = "print"
    PRESENT = "present"


class Fault(StrEnum):
    """What can be wrong, by name."""

    FEEDER_EMPTY = "feeder_empty"
    FEEDER_JAM = "feeder_jam"
    MECHANICAL = "mechanical"
    RIBBON_OUT = "ribbon_out"
    COVER_OPENED = "cover_opened"
    HEAD_HOT = "head_hot"
    POWER_LOST = "power_lost"
    GARBLED = "garbled"
    MUTE = "mute"
    NACK = "nack"
    UNPLUGGED = "unplugged"
    REJECT_FULL = "reject_full"
    ENCODER_MUTE = "encoder_mute"
    BLANK_DEFECTIVE = "blank_defective"


DESCRIPTIONS: Mapping[Fault, str] = {
    Fault.FEEDER_EMPTY: "No blanks in the hopper",
    Fault.FEEDER_JAM: "The next blank sticks in the feeder",
    Fault.MECHANICAL: "The card sticks inside, in the middle of what is done with it",
    Fault.RIBBON_OUT: "The ribbon ends in the middle of the next card",
    Fault.COVER_OPENED: "Somebody opens the cover in the middle of the next card",
    Fault.HEAD_HOT: "The print head is too hot and stops after the first panel",
    Fault.POWER_LOST: "The power fails in the middle of the next print",
    Fault.GARBLED: "Answers come with their bits turned",
    Fault.MUTE: "Does what it is told and says nothing",
    Fault.NACK: "Refuses the fifth command from now as unknown",
    Fault.UNPLUGGED: "The USB plug is pulled",
    Fault.REJECT_FULL: "The reject box is full",
    Fault.ENCODER_MUTE: "The chip in the encoder stops answering",
    Fault.BLANK_DEFECTIVE: "The next blank's chip does not keep what is written to it",
}

DEFAULT_STEP: Mapping[Fault, Step] = {
    Fault.FEEDER_JAM: Step.FEED,
    Fault.MECHANICAL: Step.PRINT,
    Fault.RIBBON_OUT: Step.PRINT,
    Fault.COVER_OPENED: Step.PRINT,
    Fault.HEAD_HOT: Step.PRINT,
    Fault.POWER_LOST: Step.PRINT,
}
"""When these strike unless said otherwise; the others are there at once."""

NACK_AFTER = 5
