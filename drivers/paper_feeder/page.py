"""The A4 command page, version 1: what the bytes mean. See docs/protocols/paper-feeder.md; both sides read
this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from drivers.paper_feeder.port import Position, SheetAt
from drivers.paper_feeder.wire import CommandCode
from drivers.status import DeviceState, MediaState, PaperState, RetractBinState


class Initialise(IntEnum):
    """PM of INITIALISE."""

    STAY = 0x30
    CLEAR = 0x31


class Status(IntEnum):
    """PM of STATUS."""

    STATE = 0x30
    SENSORS = 0x31


class Move(IntEnum):
    """PM of MOVE."""

    FEED = 0x30
    PRESENT = 0x31
    RETRACT = 0x32
    RETAIN = 0x33


class CountersWhat(IntEnum):
    """PM of COUNTERS."""

    READ = 0x30
    BIN_EMPTIED = 0x31


POSITIONS: Mapping[int, Position] = {
    ord("0"): Position.NONE,
    ord("1"): Position.ENTRY,
    ord("2"): Position.PRINTER,
    ord("3"): Position.HELD,
    ord("4"): Position.PRESENTED,
    ord("5"): Position.MOVING,
}
"""st0."""
HOPPER: Mapping[int, PaperState] = {ord("0"): PaperState.OUT, ord("1"): PaperState.LOW, ord("2"): PaperState.FULL}
"""st1."""
BIN: Mapping[int, RetractBinState] = {
    ord("0"): RetractBinState.OK,
    ord("1"): RetractBinState.HIGH,
    ord("2"): RetractBinState.FULL,
}
"""st2."""

ACK_S = 0.3
"""Without an acknowledgement for so long, a frame is sent again."""
SENDINGS = 4
"""How often, the first time counted, before the feeder counts as silent."""
STATUS_S = 1.5
"""For an answer that moves nothing: every sending may be waited for."""
MOVE_S = 8.0
"""The longest move: a sheet from the printer's exit back to the bin, with three tries of its rollers."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error code says: status words, and where the sheet is; None where the sensor named tells."""

    what: str
    device: DeviceState = DeviceState.HARDWARE_ERROR
    paper: PaperState | None = None
    media: MediaState | None = None
    retract_bin: RetractBinState | None = None
    sheet: SheetAt | None = SheetAt.UNMOVED


NOT_INITIALISED = b"B0"
"""After power-up; Creator's page has the same."""
ERRORS: Mapping[bytes, Fault] = {
    b"00": Fault("no such command", DeviceState.ONLINE),
    b"01": Fault("no such parameter", DeviceState.ONLINE),
    b"04": Fault("not possible where the sheet is", DeviceState.ONLINE),
    b"10": Fault("sheet jammed", media=MediaState.JAMMED, sheet=None),
    b"11": Fault("two sheets at once", media=MediaState.JAMMED, sheet=SheetAt.INSIDE),
    b"12": Fault("sensor out of order", sheet=SheetAt.UNKNOWN),
    b"13": Fault("no sheet came", media=MediaState.NOT_PRESENT),
    b"14": Fault("sheet pulled while it moved", DeviceState.ONLINE, media=MediaState.UNKNOWN, sheet=SheetAt.GONE),
    b"50": Fault("bin counter at its end", retract_bin=RetractBinState.FULL),
    b"51": Fault("motor stalled", sheet=None),
    b"A0": Fault("hopper empty", DeviceState.ONLINE, paper=PaperState.OUT),
    b"A1": Fault("retract bin full", DeviceState.ONLINE, retract_bin=RetractBinState.FULL),
    NOT_INITIALISED: Fault("not initialised", DeviceState.ONLINE),
}
GATE_SENSOR = 7
"""A sheet that stopped there is in reach; at the sensors before it, and at the bin's, it is not."""
COLLECTED_SHEETS = 10
"""So many sheets find room at S6."""

MOVES = (CommandCode.INITIALISE, CommandCode.MOVE)
"""Commands that move paper: never begun twice."""
