"""Command pages over the CRT framing, as data: our own for A4, and Creator's card transports as they document theirs.

Creator's page is public in outline (CRT-571/591 protocol manuals); nothing of it was tried on hardware, and what is
not in the outline is left out: its bin counter's form, and what its sensors S1 to S8 stand for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drivers.paper_feeder import page
from drivers.paper_feeder.page import Fault
from drivers.paper_feeder.port import Abilities, Position, SheetAt
from drivers.status import DeviceState, MediaState, PaperState, RetractBinState


@dataclass(frozen=True, slots=True)
class Profile:
    """One command page.

    Attributes:
        sequenced: Whether commands carry a number by which a repetition is known; else no move is sent twice.
        stay, clear: PM of INITIALISE.
        feed, present, retract, retain: PM of MOVE; None where there is no such move.
        positions, hopper, bin: What st0, st1, st2 say.
        errors: By their two characters.
        gate_sensor: Number of the sensor at which a sheet is in reach.
        counts: Whether it tells five counters.
        sensors: Whether S1 to S8 are those of the A4 path.
    """

    sequenced: bool
    abilities: Abilities
    stay: int
    clear: int
    feed: int | None
    present: int
    retract: int
    retain: int | None
    positions: Mapping[int, Position]
    hopper: Mapping[int, PaperState]
    bin: Mapping[int, RetractBinState]
    errors: Mapping[bytes, Fault]
    gate_sensor: int
    counts: bool
    sensors: bool

    def sheet_at(self, fault: Fault, sensor: int) -> SheetAt:
        """Where the sheet is after a fault.

        Args:
            sensor: Number the feeder named, 0 when none.
        """
        if fault.sheet is not None:
            return fault.sheet
        if sensor == 0:
            return SheetAt.UNKNOWN
        return SheetAt.GATE if sensor == self.gate_sensor else SheetAt.INSIDE


A4: Final = Profile(
    sequenced=True,
    abilities=Abilities(feeds=True, collects=page.COLLECTED_SHEETS, retains=True),
    stay=page.Initialise.STAY,
    clear=page.Initialise.CLEAR,
    feed=page.Move.FEED,
    present=page.Move.PRESENT,
    retract=page.Move.RETRACT,
    retain=page.Move.RETAIN,
    positions=page.POSITIONS,
    hopper=page.HOPPER,
    bin=page.BIN,
    errors=page.ERRORS,
    gate_sensor=page.GATE_SENSOR,
    counts=True,
    sensors=True,
)

# Unconfirmed on hardware. A card at the gate is held there ("30 hold"), so that its being taken is seen in st0.
CRT_571: Final = Profile(
    sequenced=False,
    abilities=Abilities(feeds=False, collects=1, retains=False),
    stay=0x33,
    clear=0x31,
    feed=None,
    present=0x30,
    retract=0x33,
    retain=None,
    positions={ord("0"): Position.NONE, ord("1"): Position.PRESENTED, ord("2"): Position.HELD},
    hopper={ord("0"): PaperState.OUT, ord("1"): PaperState.LOW, ord("2"): PaperState.FULL},
    bin={ord("0"): RetractBinState.OK, ord("1"): RetractBinState.FULL},
    errors={
        b"10": Fault("card jammed", media=MediaState.JAMMED, sheet=SheetAt.UNKNOWN),
        b"12": Fault("sensor out of order", sheet=SheetAt.UNKNOWN),
        b"50": Fault("bin counter at its end", retract_bin=RetractBinState.FULL),
        b"51": Fault("motor stalled", sheet=SheetAt.UNKNOWN),
        b"A0": Fault("stacker empty", DeviceState.ONLINE, paper=PaperState.OUT),
        b"A1": Fault("bin full", DeviceState.ONLINE, retract_bin=RetractBinState.FULL),
        page.NOT_INITIALISED: Fault("not initialised", DeviceState.ONLINE),
    },
    gate_sensor=0,
    counts=False,
    sensors=False,
)

PROFILES: Final[Mapping[str, Profile]] = {"a4-1": A4, "crt-571": CRT_571}
