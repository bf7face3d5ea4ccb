"""Clearing a jam step by step, with the device's own sensors shown as they are now."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from drivers.card_printer.port import CardPrinter, Place
from drivers.deadline import Deadline
from drivers.errors import DriverError, Unsupported
from drivers.paper_feeder.port import PaperFeeder
from drivers.status import DeviceState, MediaState, PaperState, RetractBinState
from kiosk.devices import Device
from kiosk.session.panel import Worded
from kiosk.technician.picking import jammed, pick_device
from kiosk.technician.words import say

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession

STATUS_S: Final = 4.0
TRY_S: Final = 30.0
DEVICES: Final = ("paper_feeder", "document_printer", "receipt_printer", "card_printer", "kia_printer")
_STEPS: Final = {
    "paper_feeder": ("let_it_try", "open_feeder", "pull_out", "close_feeder", "empty_bin"),
    "document_printer": ("open_cover", "pull_out", "close_cover"),
    "receipt_printer": ("open_cover", "pull_out", "close_cover"),
    "card_printer": ("let_it_try", "pull_card"),
    "kia_printer": ("let_it_try", "pull_card"),
}
# An A4 printer by IPP has no order that would.
_TRYING: Final = frozenset(DEVICES) - {"document_printer"}
_PLACES: Final = ("sensor_throat", "sensor_entry", "sensor_exit", "sensor_transport", "sensor_gate")
"""S3 to S7 (docs/protocols/paper-feeder.md)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a device's sensors say now. None: it does not tell.

    Attributes:
        stuck: Something lies in the path.
        sensors: Along the path, S3 to S7 of the feeder, True where something is.
    """

    answers: bool
    stuck: bool | None
    cover_open: bool | None = None
    bin_full: bool | None = None
    sensors: tuple[bool, ...] = ()

    @property
    def clear(self) -> bool:
        """Nothing is stuck, as far as the device tells, and it answers."""
        return self.answers and not self.stuck and not self.cover_open and not any(self.sensors)


async def clear_jam(session: TechnicianSession, task: tech.TechnicianTask.ValueType) -> None:
    """The task: pick a device, follow its steps, done when its sensors agree."""
    devices = [one for one in session.kiosk.devices if one.name in DEVICES]
    # What they said last may be older than the jam.
    await session.kiosk.look()
    device = await pick_device(session, task, devices, jammed)
    await session.deed("clear_jam", device=device.name)
    await walk(session, device)
    await session.deed("jam_cleared", device=device.name)
    await session.kiosk.look()


async def walk(session: TechnicianSession, device: Device[Any]) -> None:
    """Until the sensors say clear, and the technician says done. Raises Back, Abandoned."""
    seen, tried = Seen(False, None), False

    async def draw() -> Worded:
        nonlocal seen
        seen = await look(device)
        return drawn(device.name, seen, tried=tried)

    while True:
        answer = await session.live(draw, "done", *(("retry",) if device.name in _TRYING else ()))
        if answer.WhichOneof("act") == "done":
            if seen.clear:
                return
            continue
        await session.deed("jam_try", device=device.name)
        await session.panel.show(drawn(device.name, seen, working=True, tried=tried))
        await _try(device)
        tried = True


async def look(device: Device[Any]) -> Seen:
    """Ask the device's sensors; one that does not answer is not clear."""
    try:
        return await device.call(lambda port: _ask(device.name, port), STATUS_S)
    except DriverError:
        return Seen(False, None)


def _ask(name: str, port: Any) -> Seen:
    deadline = Deadline.after(STATUS_S)
    status = port.status(deadline)
    answers = status.device not in (DeviceState.NO_DEVICE, DeviceState.OFFLINE, DeviceState.POWER_OFF)
    if name == "paper_feeder":
        full = status.retract_bin is RetractBinState.FULL
        return Seen(answers, status.media is MediaState.JAMMED, None, full, _path(port, deadline) if answers else ())
    if name in ("card_printer", "kia_printer"):
        full = status.reject_bin is RetractBinState.FULL
        return Seen(answers, status.card_at is not None or status.media is MediaState.JAMMED, status.cover_open, full)
    cover = getattr(status, "cover_open", None)
    if cover is None and status.device is DeviceState.USER_ERROR:
        cover = True
    return Seen(
        answers, MediaState.JAMMED is getattr(status, "media", None) or PaperState.JAMMED is status.paper, cover
    )


def _path(feeder: PaperFeeder, deadline: Deadline) -> tuple[bool, ...]:
    """Its sensors without those of hopper (S1, S2) and bin (S8), where paper belongs; none where it has others."""
    try:
        return feeder.sensors(deadline)[2:7]
    except Unsupported:
        return ()


async def _try(device: Device[Any]) -> None:
    """Let the device draw what is stuck into its bin, where it can."""

    def work(port: Any) -> None:
        deadline = Deadline.after(TRY_S)
        if device.name == "paper_feeder":
            feeder: PaperFeeder = port
            feeder.initialise(True, deadline)
        elif device.name in ("card_printer", "kia_printer"):
            printer: CardPrinter = port
            printer.reset(deadline)
            if printer.status(deadline).card_at is not None:
                printer.move(Place.REJECT, deadline)
        elif device.name == "receipt_printer":
            port.clear(deadline)

    try:
        await device.call(work, TRY_S)
    except DriverError:
        return  # the sensors go on showing what is stuck


def drawn(name: str, seen: Seen, working: bool = False, tried: bool = False) -> Worded:
    """The screen for what is seen; a step is done when those before it are.

    Args:
        working: The device is trying by itself.
        tried: It has tried.
    """
    done = _done(seen, tried)
    keys = _STEPS[name]
    to_do = list(itertools.dropwhile(lambda key: done[key], keys))

    def worded(language: pb.Language.ValueType) -> tech.ClearJamScreen:
        steps = [tech.JamStep(words=say(key, language), done=key not in to_do, now=key in to_do[:1]) for key in keys]
        return tech.ClearJamScreen(
            device=name,
            steps=steps,
            sensors=_sensors(seen, language),
            clear=seen.clear,
            working=working,
            can_try=name in _TRYING,
        )

    return worded


def _done(seen: Seen, tried: bool) -> dict[str, bool]:
    stuck = bool(seen.stuck) or any(seen.sensors)
    return {
        "let_it_try": seen.answers and (tried or not stuck),
        "open_cover": seen.answers and (not stuck or bool(seen.cover_open)),
        "open_feeder": seen.answers and not stuck,
        "close_feeder": seen.answers and not stuck,
        "pull_out": seen.answers and not stuck,
        "pull_card": seen.answers and not stuck,
        "close_cover": seen.answers and not seen.cover_open,
        "empty_bin": seen.answers and not seen.bin_full,
    }


def _sensors(seen: Seen, language: pb.Language.ValueType) -> list[tech.JamSensor]:
    lines = [
        tech.JamSensor(title=say(key, language), state=_blocked(one))
        for key, one in zip(_PLACES, seen.sensors, strict=False)
    ]
    if not lines:
        lines.append(tech.JamSensor(title=say("sensor_media", language), state=_blocked(seen.stuck)))
    if seen.cover_open is not None:
        state = tech.SENSOR_STATE_OPEN if seen.cover_open else tech.SENSOR_STATE_CLOSED
        lines.append(tech.JamSensor(title=say("sensor_cover", language), state=state))
    if seen.bin_full is not None:
        lines.append(tech.JamSensor(title=say("sensor_bin", language), state=_blocked(seen.bin_full)))
    return lines


def _blocked(there: bool | None) -> tech.SensorState.ValueType:
    if there is None:
        return tech.SENSOR_STATE_UNKNOWN
    return tech.SENSOR_STATE_BLOCKED if there else tech.SENSOR_STATE_CLEAR
