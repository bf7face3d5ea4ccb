"""The sheet's path: hopper, rollers, sensors, gate and bin. One sheet moves at a time; moving takes time.

hopper S1,S2 -> throat S3 -> entry S4 -> [printer] -> exit S5 -> transport S6 -> gate S7 -> hand
                                                                   |-> bin S8

The sheets of one document are collected at S6 while others are fed, and presented together.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import IntEnum, StrEnum

from drivers.paper_feeder.page import COLLECTED_SHEETS
from drivers.paper_feeder.port import Counters, Position

HOPPER_SHEETS, LOW_SHEETS = 250, 20
BIN_SHEETS, BIN_HIGH_SHEETS = 30, 24
BIN_FULL = 2
SECTION_S = 0.25
"""From one sensor to the next: 297 mm at about a metre a second, and a third of it."""


class Sensor(IntEnum):
    """S1 to S8."""

    HOPPER = 1
    HOPPER_LOW = 2
    THROAT = 3
    ENTRY = 4
    EXIT = 5
    TRANSPORT = 6
    GATE = 7
    BIN = 8


class PathFault(Exception):
    """A move failed.

    Attributes:
        code: Error code of the command page.
        sensor: Where, 0 when nowhere.
    """

    def __init__(self, code: bytes, sensor: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.sensor = sensor


class PowerLost(Exception):
    """The power goes while sheets move: they stay where they are."""


class Left(StrEnum):
    """How sheets left the path."""

    TAKEN = "taken"
    RETRACTED = "retracted"
    REMOVED = "removed"


@dataclass(slots=True)
class _Counted:
    fed: int = 0
    presented: int = 0
    taken: int = 0
    retracted: int = 0
    in_bin: int = 0


# Sensors a sheet passes on each move, from where it is.
_FEED = (Sensor.THROAT, Sensor.ENTRY)
_PRESENT = {
    Position.PRINTER: (Sensor.EXIT, Sensor.TRANSPORT, Sensor.GATE),
    Position.HELD: (Sensor.TRANSPORT, Sensor.GATE),
}
_RETAIN = {Position.PRINTER: (Sensor.EXIT, Sensor.TRANSPORT), Position.PRESENTED: (Sensor.GATE, Sensor.TRANSPORT)}
_RETRACT = {
    Position.ENTRY: (Sensor.ENTRY, Sensor.EXIT, Sensor.TRANSPORT, Sensor.BIN),
    Position.PRINTER: (Sensor.EXIT, Sensor.TRANSPORT, Sensor.BIN),
    Position.HELD: (Sensor.TRANSPORT, Sensor.BIN),
    Position.PRESENTED: (Sensor.GATE, Sensor.TRANSPORT, Sensor.BIN),
}
_RESTING = {
    Position.ENTRY: Sensor.ENTRY,
    Position.PRINTER: Sensor.EXIT,
    Position.HELD: Sensor.TRANSPORT,
    Position.PRESENTED: Sensor.GATE,
}


class SheetPath:
    """Attributes:
    hopper: Blank sheets.
    position: Where the sheet is that moved last.
    collected: Sheets that lie at S6 while another one is fed and printed.
    in_printer: The printer has drawn a sheet in and not put it out yet.
    stuck: Error code of a fault that stands until initialised, or None.
    jam_at: The sensor at which the next sheet jams.
    double_feed, stall, pull, lose_power: Happens in the next move.
    moved_s: Time that sheets were moving.
    on_change: Called whenever a sheet came to rest somewhere.
    on_left: Called when every sheet left the path.
    """

    def __init__(self, section_s: float = SECTION_S) -> None:
        self.hopper = HOPPER_SHEETS
        self.position = Position.NONE
        self.collected = 0
        self.in_printer = False
        self.initialised = False
        self.stuck: bytes | None = None
        self.jam_at: Sensor | None = None
        self.double_feed = False
        self.stall = False
        self.pull = False
        self.lose_power = False
        self.moves = 0
        self.moved_s = 0.0
        self.on_change: Callable[[], None] = lambda: None
        self.on_left: Callable[[Left], None] = lambda _: None
        self._section_s = section_s
        self._at: Sensor | None = None
        self._sheets = 0
        self._counted = _Counted()

    @property
    def counters(self) -> Counters:
        """As the feeder tells them."""
        return Counters(**asdict(self._counted))

    @property
    def at(self) -> Sensor | None:
        """The sensor that sees the sheet, also while it moves."""
        return self._at or _RESTING.get(self.position)

    def sensors(self) -> tuple[bool, ...]:
        """S1 to S8."""
        seen = {
            Sensor.HOPPER: self.hopper > 0,
            Sensor.HOPPER_LOW: self.hopper > LOW_SHEETS,
            Sensor.BIN: self._counted.in_bin > 0,
        }
        if self.collected:
            seen[Sensor.TRANSPORT] = True
        return tuple(seen.get(sensor, sensor is self.at) for sensor in Sensor)

    def bin_level(self) -> int:
        """0 ok, 1 high, 2 full."""
        return (self._counted.in_bin >= BIN_HIGH_SHEETS) + (self._counted.in_bin >= BIN_SHEETS)

    async def initialise(self, clear: bool) -> None:
        """Make ready; a jam goes away only when the sheet is cleared."""
        if self.stuck is not None and not clear and self.position is not Position.NONE:
            raise PathFault(self.stuck, self._at or 0)
        self.stuck = None
        self.initialised = True
        if not clear or self.position is Position.NONE:
            return
        if self.in_printer:
            # Rollers of its own hold it: nothing arrives at the exit.
            self._fail(b"10", Sensor.EXIT)
        if self.bin_level() == BIN_FULL:
            raise PathFault(b"A1")
        start = self.position if self.position in _RETRACT else Position.PRINTER
        await self._to_bin(start)

    async def feed(self) -> None:
        """Hopper to printer entry."""
        self._check(Position.NONE, Position.HELD)
        if self.collected >= COLLECTED_SHEETS:
            raise PathFault(b"04")
        if self.hopper == 0:
            raise PathFault(b"A0")
        self.hopper -= 1
        self._sheets += 1
        self._counted.fed += 1
        if self.double_feed:
            self.double_feed = False
            self.hopper = max(0, self.hopper - 1)
            self._sheets += 1
            self.position = Position.MOVING
            self._fail(b"11", Sensor.THROAT)
        await self._travel(_FEED, Position.ENTRY)

    def drawn(self) -> None:
        """The printer has drawn the sheet in."""
        if self.position is Position.ENTRY:
            self.position, self.in_printer = Position.MOVING, True
            self.on_change()

    def printed(self) -> None:
        """The printer has put the sheet out again, or printed one that still lay at its entry."""
        if self.in_printer or self.position is Position.ENTRY:
            self.position, self.in_printer = Position.PRINTER, False
            self.on_change()

    async def present(self) -> None:
        """Printer exit, or held, to the gate."""
        self._check(*_PRESENT)
        await self._travel(_PRESENT[self.position], Position.PRESENTED)
        self.collected = 0
        self._counted.presented += self._sheets

    async def retain(self) -> None:
        """Out of reach."""
        self._check(*_RETAIN)
        await self._travel(_RETAIN[self.position], Position.HELD)
        self.collected = self._sheets

    async def retract(self) -> None:
        """To the bin."""
        self._check(*_RETRACT)
        if self.bin_level() == BIN_FULL:
            raise PathFault(b"A1")
        await self._to_bin(self.position)

    def take(self) -> bool:
        """A hand takes what is presented; whether there was something."""
        if self.position is not Position.PRESENTED:
            return False
        self._counted.taken += self._sheets
        self._leave(Left.TAKEN)
        return True

    def pulled_out(self) -> None:
        """Somebody pulls the sheet out of the printer."""
        if self.in_printer:
            self.remove()

    def remove(self) -> None:
        """A technician takes out whatever is in the path."""
        self._leave(Left.REMOVED)

    def empty_bin(self) -> None:
        """A technician empties the bin."""
        self._counted.in_bin = 0

    def fill_bin(self) -> None:
        """As if thirty sheets had been retracted."""
        self._counted.in_bin = BIN_SHEETS

    def power_lost(self) -> None:
        """What lies in the path, and what was counted, outlasts it."""
        self.initialised = False

    def _check(self, *allowed: Position) -> None:
        if not self.initialised:
            raise PathFault(b"B0")
        if self.stuck is not None:
            raise PathFault(self.stuck, self._at or 0)
        if self.position not in allowed:
            raise PathFault(b"04")

    async def _to_bin(self, start: Position) -> None:
        sheets = self._sheets
        await self._travel(_RETRACT[start], Position.NONE)
        self._counted.retracted += sheets
        self._counted.in_bin += sheets
        self._leave(Left.RETRACTED)

    def _leave(self, how: Left) -> None:
        self.position, self._at, self._sheets = Position.NONE, None, 0
        self.collected, self.in_printer = 0, False
        self.on_left(how)
        self.on_change()

    async def _travel(self, sensors: tuple[Sensor, ...], end: Position) -> None:
        self.position = Position.MOVING
        self.moves += 1
        if self.stall:
            self.stall = False
            self._fail(b"51", sensors[0])
        for sensor in sensors:
            await asyncio.sleep(self._section_s)
            self.moved_s += self._section_s
            self._at = sensor
            if self.lose_power:
                self.lose_power = False
                self.power_lost()
                raise PowerLost
            if self.jam_at is sensor:
                self.jam_at = None
                self._fail(b"10", sensor)
            if self.pull and sensor in (Sensor.TRANSPORT, Sensor.GATE):
                self.pull = False
                self._counted.taken += self._sheets
                self._leave(Left.TAKEN)
                raise PathFault(b"14", sensor)
        self._at = None
        self.position = end
        self.on_change()

    def _fail(self, code: bytes, sensor: Sensor) -> None:
        self.stuck, self._at = code, sensor
        raise PathFault(code, sensor)
