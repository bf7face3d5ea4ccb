"""The paper feeder for the simulator page and the tests."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from drivers.paper_feeder.port import Position
from simulator.device import Action, ActionRefused
from simulator.paper_feeder.feeder import Feeder
from simulator.paper_feeder.path import BIN_FULL, HOPPER_SHEETS, SECTION_S, Sensor, SheetPath
from simulator.usbip.server import UsbIpServer

SERIAL = "ADM-FEED-0001"
_JAMS = {f"jam_s{sensor.value}": sensor for sensor in (*Sensor,) if sensor >= Sensor.THROAT}
_WORDS = {
    "double_feed": "Two sheets are drawn in at once",
    "empty": "The hopper is empty",
    "bin_full": "The retract bin is full",
    "motor_stall": "The motor does not turn in the next move",
    "pulled": "Somebody pulls the sheet out while it moves",
    "nak_storm": "Refuses every frame",
    "garbled": "The first sending of each answer is damaged",
    "lost_ack": "The next acknowledgement of a move is lost",
    "lost_answer": "The next answer to a move is lost once",
    "mute": "Works, and says nothing",
    "power_lost": "The power goes for a moment in the middle of the next move",
    "unplugged": "The USB plug is pulled",
    "unplugged_mid_frame": "The USB plug is pulled in the middle of the answer to the next move",
}
FAULTS: Mapping[str, str] = {name: f"The next sheet jams at S{sensor}" for name, sensor in _JAMS.items()} | _WORDS


class VirtualPaperFeeder:
    """Implements `VirtualDevice`.

    Attributes:
        path: Where the sheet is; the virtual A4 printer draws its sheets from there and puts them back.
        pages: Gives the pictures of the printed sheets in the path.
    """

    name = "paper_feeder"
    title = "Paper feeder"

    def __init__(self, *, section_s: float = SECTION_S, server: UsbIpServer | None = None) -> None:
        """Make it; nothing runs yet.

        Args:
            section_s: Time from one sensor to the next.
            server: Shared with other USB devices and started by its owner; None starts one's own.
        """
        self.path = SheetPath(section_s)
        self.pages: Callable[[], list[str]] = list
        self.serial = SERIAL
        self.feeder = Feeder(self.path, SERIAL)
        self._own_server = server is None
        self._server = server or UsbIpServer()
        self._watch: asyncio.Future[Any] | None = None
        self._fault: str | None = None

    @property
    def usbip(self) -> str:
        """ "HOST:PORT" of the USB/IP server after `start`."""
        return self._server.address

    async def start(self) -> None:
        """See `VirtualDevice.start`."""
        if self._own_server:
            await self._server.start()
        self._server.plug(self.feeder)
        self._watch = asyncio.gather(self._pull_plugs(), self._lose_power())

    async def stop(self) -> None:
        """See `VirtualDevice.stop`."""
        self._server.unplug(self.feeder)
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
            self._watch = None
        await self.feeder.stop()
        if self._own_server:
            await self._server.stop()

    def state(self) -> Mapping[str, Any]:
        """See `VirtualDevice.state`."""
        return {
            "fault": self._fault_now(),
            "position": self.path.position.value,
            "at": self.path.at,
            "in_printer": self.path.in_printer,
            "collected": self.path.collected,
            "bin": ("ok", "high", "full")[self.path.bin_level()],
            "sensors": list(self.path.sensors()),
            "pages": self.pages() if self.path.position is Position.PRESENTED else [],
            "hopper": self.path.hopper,
            "counters": asdict(self.path.counters),
            "moves": self.path.moves,
            "moved_s": round(self.path.moved_s, 3),
            "stuck": self.path.stuck.decode() if self.path.stuck else None,
        }

    def actions(self) -> Mapping[str, Action]:
        """See `VirtualDevice.actions`."""
        return {
            "take": Action("Take the sheet", self.take),
            "fill": Action("Load paper", self.fill),
            "remove": Action("Pull out the sheet", self.remove),
            "empty_bin": Action("Empty the retract bin", self.empty_bin),
            "power_cycle": Action("Switch it off and on", self.power_cycle),
        }

    def faults(self) -> Mapping[str, str]:
        """See `VirtualDevice.faults`."""
        return FAULTS

    def _fault_now(self) -> str | None:
        """The fault, until it has happened and a person has helped."""
        path, feeder = self.path, self.feeder
        waits = {
            **dict.fromkeys(_JAMS, path.jam_at is not None),
            "double_feed": path.double_feed,
            "motor_stall": path.stall,
            "pulled": path.pull,
            "power_lost": path.lose_power,
            "lost_ack": feeder.lose_ack,
            "lost_answer": feeder.lose_answer,
            "empty": path.hopper == 0,
            "bin_full": path.bin_level() == BIN_FULL,
        }
        over = self._fault is not None and not waits.get(self._fault, True) and path.stuck is None
        return None if over else self._fault

    async def take(self) -> None:
        """A hand takes the presented sheet."""
        if not self.path.take():
            raise ActionRefused("No sheet is presented")

    async def fill(self) -> None:
        """Fill the hopper."""
        self.path.hopper = HOPPER_SHEETS

    async def remove(self) -> None:
        """A technician takes the sheet out."""
        self.path.remove()

    async def empty_bin(self) -> None:
        """A technician empties the bin; the feeder is told by command."""
        self.path.empty_bin()

    async def replace(self, serial: str) -> None:
        """Another feeder of the same model stands there; its path and its counts are taken over as they are."""
        self._server.unplug(self.feeder)
        await self.feeder.stop()
        self.serial = serial
        self.feeder = Feeder(self.path, serial)
        self.feeder.power_cycle()
        self._server.plug(self.feeder)

    async def power_cycle(self) -> None:
        """The power goes and comes back."""
        self._server.unplug(self.feeder)
        self.feeder.power_cycle()
        self._server.plug(self.feeder)

    async def set_fault(self, fault: str | None) -> None:
        """See `VirtualDevice.set_fault`."""
        if fault is not None and fault not in FAULTS:
            raise KeyError(fault)
        if self._fault in ("unplugged", "unplugged_mid_frame"):
            self._server.unplug(self.feeder)
            self.feeder.forget()
            self._server.plug(self.feeder)
        if self._fault == "empty":
            await self.fill()
        if self._fault == "bin_full":
            await self.empty_bin()
        self._fault = fault
        path, feeder = self.path, self.feeder
        path.jam_at = _JAMS.get(fault or "")
        path.double_feed, path.stall, path.pull = (fault == name for name in ("double_feed", "motor_stall", "pulled"))
        path.lose_power = fault == "power_lost"
        feeder.nak_storm, feeder.garbled, feeder.mute = (fault == name for name in ("nak_storm", "garbled", "mute"))
        feeder.lose_ack, feeder.lose_answer = fault == "lost_ack", fault == "lost_answer"
        feeder.cut_next_answer = fault == "unplugged_mid_frame"
        if fault == "empty":
            path.hopper = 0
        if fault == "bin_full":
            path.fill_bin()
        if fault == "unplugged":
            self._server.unplug(feeder)

    async def _pull_plugs(self) -> None:
        """A feeder that said half an answer loses its plug."""
        while True:
            await self.feeder.unplug_in_answer.wait()
            self.feeder.unplug_in_answer.clear()
            self._server.unplug(self.feeder)

    async def _lose_power(self) -> None:
        """A feeder without power goes from the bus, and comes back with it."""
        while True:
            await self.feeder.power_lost.wait()
            self.feeder.power_lost.clear()
            await self.power_cycle()
