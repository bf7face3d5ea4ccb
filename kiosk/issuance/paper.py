"""The A4 feeder as issuing uses it: each step ends in a place, told by sensors, and no sheet is moved on a guess.

What is asked of a feeder that was away is asked again when it is back, for nothing moved; one that was without power
is initialised first. An answer that was lost is
looked up: where the sheet is, and what the feeder counted since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import astuple
from enum import StrEnum
from typing import Any, Final

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DriverError, NotFound, Unsupported
from drivers.paper_feeder.port import (
    Abilities,
    Counters,
    FeederStatus,
    MoveFailed,
    NotInitialised,
    PaperFeeder,
    Position,
    SheetAt,
)
from drivers.status import DeviceState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance.counted import Counted

MOVE_S: Final = 15.0
STATUS_S: Final = 2.0
LOOK_S: Final = 5.0
POLL_S: Final = 0.2
RETURN_S: Final = 15.0
"""A feeder that is silent is waited for so long."""
EXIT_S: Final = 5.0
"""A printer may say that it is done a little before the sheet stands at its exit."""

Step = Callable[[PaperFeeder, Deadline], Any]


class Where(StrEnum):
    """Where the sheets of a document are.

    GATE: presented. HAND: somebody took them. BIN: in the retract bin. HELD: in the machine, whole and out of
    reach. INSIDE: stuck in the machine, out of reach. UNKNOWN: the feeder cannot tell, or is away.
    """

    GATE = "gate"
    HAND = "hand"
    BIN = "bin"
    HELD = "held"
    INSIDE = "inside"
    UNKNOWN = "unknown"


class PathFailed(Exception):
    """A move failed for good.

    Attributes:
        sheet: Where that left the sheet.
    """

    def __init__(self, sheet: SheetAt, why: str) -> None:
        super().__init__(f"{why}: {sheet.value}")
        self.sheet = sheet
        self.why = why


class PaperPath:
    """The path of one document at a time.

    Attributes:
        before: What the feeder had counted when this document began; it goes into the journal.
        fed: Sheets fed for this document.
    """

    def __init__(self, feeder: Device[PaperFeeder], return_s: float = RETURN_S, exit_s: float = EXIT_S) -> None:
        """Wire up.

        Args:
            return_s: A silent feeder is waited for so long.
            exit_s: So long after the printer's word a sheet may take to its exit.
        """
        self.feeder = feeder
        self.before: Counted | None = None
        self.fed = 0
        self._return_s = return_s
        self._exit_s = exit_s

    @property
    def abilities(self) -> Abilities:
        """What the feeder can do."""
        return self.feeder.port.abilities

    async def prepare(self) -> None:
        """Make ready for a document: what still lies in the path is nobody's, and goes to the bin.

        Raises:
            PathFailed: Nothing can be fed.
        """
        self.before, self.fed = None, 0
        try:
            await self._call(lambda port, until: port.initialise(True, until), MOVE_S)
            self.before = await self._counters()
        except DriverError as error:
            raise PathFailed(SheetAt.UNMOVED, _word(error)) from error

    def counted(self) -> list[int | str] | None:
        """What the feeder had counted before, for the journal."""
        return None if self.before is None else [*astuple(self.before.counters), self.before.serial]

    def remember(self, counted: object) -> None:
        """After a restart: what the journal says the feeder had counted before; None: nothing was fed."""
        self.before, self.fed = None, 0
        if isinstance(counted, list) and len(counted) in (5, 6):
            self.before, self.fed = Counted(Counters(*counted[:5]), *counted[5:]), 1

    async def feed(self) -> None:
        """The next blank sheet to the printer's entry. Raises PathFailed."""
        self.fed += 1
        try:
            await self._move(lambda port, until: port.feed(until), Position.ENTRY)
        except PathFailed as failed:
            if failed.sheet is SheetAt.UNMOVED:
                self.fed -= 1
            raise

    async def collect(self, more: int) -> None:
        """Hold each sheet as it comes out of the printer and feed the next, `more` times. Raises PathFailed."""
        for _ in range(more):
            while True:
                if (await self._status()).position is Position.PRINTER:
                    break
                await asyncio.sleep(POLL_S)
            await self._move(lambda port, until: port.retain(until), Position.HELD)
            await self.feed()

    async def present(self) -> Where:
        """The printed sheets to the gate; GATE when they lie there, else where they ended."""
        if not await self._at_exit():
            # The printer says that it printed, and this sheet never left the feeder's side of it.
            return Where.UNKNOWN
        try:
            await self._move(lambda port, until: port.present(until), Position.PRESENTED)
        except PathFailed as failed:
            logs.event("paper_not_presented", reason=failed.why, state=failed.sheet.value)
            if failed.sheet is SheetAt.GONE:
                return Where.HAND
            if await self.clear():
                return Where.BIN
            if failed.sheet is SheetAt.UNMOVED:
                return Where.HELD
            return Where.INSIDE if failed.sheet is SheetAt.INSIDE else Where.UNKNOWN
        return Where.GATE

    async def taken(self, seconds: float) -> bool:
        """Whether what is presented is taken within `seconds`.

        Raises:
            PathFailed: The feeder went away, and what became of the sheets cannot be told.
        """
        deadline = Deadline.after(seconds)
        while not deadline.expired:
            piece = max(POLL_S, deadline.sooner(LOOK_S).remaining_s)
            try:
                await self._call(lambda port, until: port.wait_taken(until), piece)
            except DriverError as error:
                if isinstance(error, DeadlineExceeded) and self.feeder.state is not DeviceState.HARDWARE_ERROR:
                    continue
                await self._find(Position.PRESENTED, error, gone=SheetAt.GONE)
            if await self._counted_as_taken():
                return True
        return False

    async def take_back(self) -> Where:
        """What nobody took, into the machine: BIN, HELD, INSIDE, HAND when a hand was faster, or UNKNOWN."""
        try:
            await self._move(lambda port, until: port.retract(until), Position.NONE)
        except PathFailed as failed:
            logs.event("paper_not_retracted", reason=failed.why, state=failed.sheet.value)
            return await self._other_way_back(failed.sheet)
        return Where.BIN

    async def _other_way_back(self, sheet: SheetAt) -> Where:
        if sheet is SheetAt.GONE:
            return Where.HAND
        if sheet is SheetAt.UNMOVED and self.abilities.retains:
            # The bin is full: at least out of reach.
            try:
                await self._move(lambda port, until: port.retain(until), Position.HELD)
            except PathFailed as failed:
                sheet = failed.sheet if failed.sheet is not SheetAt.UNMOVED else SheetAt.GATE
            else:
                return Where.HELD
        if sheet is SheetAt.GONE:
            return Where.HAND
        if await self.clear():
            return Where.BIN
        return Where.INSIDE if sheet is SheetAt.INSIDE else Where.UNKNOWN

    async def abandon(self) -> Where:
        """Nobody waits for these sheets: put them out of reach and say where they are."""
        status = await self._status_or_none()
        back, rest = Deadline.after(self._return_s), Deadline.after(self._exit_s)
        while (status is None and not back.expired) or (status and _on_its_way(status) and not rest.expired):
            await asyncio.sleep(POLL_S)
            status = await self._status_or_none()
        match status and status.position:
            case None:
                return Where.UNKNOWN
            case Position.NONE:
                return await self._how_they_left()
            case Position.PRESENTED:
                return await self.take_back()
            case _:
                return Where.BIN if await self.clear() else Where.INSIDE

    async def clear(self) -> bool:
        """Everything in the path into the bin; whether the feeder counted it there."""
        try:
            before = await self._counters()
            await self._call(lambda port, until: port.initialise(True, until), MOVE_S)
            after = await self._counters()
        except DriverError as error:
            logs.event("paper_not_cleared", error=error)
            return False
        if before is None or after is None:
            return True
        return after.since(before, lambda counters: counters.retracted) is True

    async def _at_exit(self) -> bool:
        """Whether the sheet that was printed stands at the printer's exit, or already further on."""
        if not self.abilities.feeds:
            return True
        deadline = Deadline.after(self._exit_s)
        while not deadline.expired:
            try:
                status = await self._status()
            except (PathFailed, DriverError):
                return True  # the move itself tells what is wrong
            if status.position not in (Position.ENTRY, Position.MOVING):
                return True
            await asyncio.sleep(POLL_S)
        return False

    async def _how_they_left(self) -> Where:
        try:
            now = await self._counters()
        except DriverError:
            return Where.UNKNOWN
        if now is None:
            return Where.UNKNOWN
        if now.since(self.before, lambda counters: counters.taken):
            return Where.HAND
        return Where.BIN if now.since(self.before, lambda counters: counters.retracted) else Where.UNKNOWN

    async def _counted_as_taken(self) -> bool:
        """A sheet that left the gate was taken only if the feeder, where it counts, counted it so.

        Raises:
            PathFailed: It left otherwise.
        """
        status = await self._status()
        if status.position is not Position.NONE:
            return False
        if self.before is None:
            return True
        where = await self._how_they_left()
        if where is not Where.HAND:
            raise PathFailed(SheetAt.INSIDE if where is Where.BIN else SheetAt.UNKNOWN, "not_counted")
        return True

    async def _move(self, step: Step, reached: Position) -> None:
        """Have sheets moved, once.

        Raises:
            PathFailed: They were not moved as asked.
        """
        deadline = Deadline.after(self._return_s)
        while True:
            try:
                await self._call(step, MOVE_S)
                return
            except NotInitialised as failed:
                if deadline.expired:
                    raise PathFailed(SheetAt.UNMOVED, failed.code) from failed
                await self._made_ready()
            except MoveFailed as failed:
                away = failed.sheet is SheetAt.UNMOVED and not failed.code
                if not away or deadline.expired:
                    raise PathFailed(failed.sheet, failed.code or "silent") from failed
            except NotFound as error:
                if deadline.expired:
                    raise PathFailed(SheetAt.UNMOVED, _word(error)) from error
            except DriverError as error:
                if await self._find(reached, error):
                    return
                if deadline.expired:
                    raise PathFailed(SheetAt.UNMOVED, _word(error)) from error
            await asyncio.sleep(POLL_S)

    async def _made_ready(self) -> None:
        """A feeder that was without power is told to go on; what lies in it stays. Raises PathFailed."""
        logs.event("feeder_was_without_power")
        try:
            await self._call(lambda port, until: port.initialise(False, until), MOVE_S)
        except MoveFailed as failed:
            raise PathFailed(failed.sheet, failed.code) from failed
        except DriverError as error:
            raise PathFailed(SheetAt.UNMOVED, _word(error)) from error

    async def _find(self, reached: Position, lost: DriverError, gone: SheetAt = SheetAt.UNKNOWN) -> bool:
        """After a lost answer: whether the sheets are where they should be; False when they did not move.

        Raises:
            PathFailed: They are neither here nor there.
        """
        deadline = Deadline.after(self._return_s)
        while not deadline.expired:
            status = await self._status_or_none()
            if status is not None and status.position not in (None, Position.MOVING):
                if status.position is not Position.NONE:
                    return status.position is reached
                where = await self._how_they_left()
                if where is Where.HAND and gone is SheetAt.GONE:
                    return True
                if where is Where.BIN and reached is Position.NONE:
                    return True
                raise PathFailed(SheetAt.GONE if where is Where.HAND else SheetAt.UNKNOWN, _word(lost)) from lost
            await asyncio.sleep(POLL_S)
        raise PathFailed(SheetAt.UNKNOWN, _word(lost)) from lost

    async def _status_or_none(self) -> FeederStatus | None:
        try:
            return await self._status()
        except (PathFailed, DriverError):
            return None

    async def _status(self) -> FeederStatus:
        status: FeederStatus = await self._call(lambda port, until: port.status(until), STATUS_S)
        if status.position is None:
            raise PathFailed(SheetAt.UNKNOWN, status.device.value)
        return status

    async def _counters(self) -> Counted | None:
        """None: this model does not count."""

        def ask(port: PaperFeeder, until: Deadline) -> Counted:
            return Counted(port.counters(until), port.facts(until).get("serial", ""))

        try:
            counted: Counted = await self._call(ask, STATUS_S)
        except Unsupported:
            return None
        return counted

    async def _call(self, step: Step, seconds: float) -> Any:
        return await self.feeder.call(lambda port: step(port, Deadline.after(seconds)), seconds)


def _on_its_way(status: FeederStatus) -> bool:
    """Whether the sheet will come to rest by itself."""
    return status.position is Position.MOVING and status.device is not DeviceState.HARDWARE_ERROR


def status_and_mend(port: PaperFeeder, deadline: Deadline) -> FeederStatus:
    """How the feeder is; a path that a person has cleared after a fault is made ready again."""
    status = port.status(deadline)
    if status.device is DeviceState.HARDWARE_ERROR and status.position is Position.NONE:
        try:
            return port.initialise(False, deadline)
        except DriverError as error:
            logs.event("feeder_not_ready", error=error)
    return status


def _word(error: Exception) -> str:
    return type(error).__name__
