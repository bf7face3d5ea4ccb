"""Picking one of the machine's devices for a task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk.devices import Device
from kiosk.technician.session import Back
from kiosk.technician.words import device as device_word
from kiosk.technician.words import state as state_word

if TYPE_CHECKING:
    from kiosk.technician.session import TechnicianSession


def jammed(device: Device[Any]) -> bool:
    """Whether the device itself says so."""
    return "jammed" in (device.details.get("media"), device.details.get("paper"))


async def pick_device(
    session: TechnicianSession,
    task: tech.TechnicianTask.ValueType,
    devices: Sequence[Device[Any]],
    marked: Callable[[Device[Any]], bool] = lambda device: False,
) -> Device[Any]:
    """Which one. Raises Back, Abandoned."""

    def worded(language: pb.Language.ValueType) -> tech.PickScreen:
        lines = [
            tech.PickLine(
                id=one.name,
                icon=one.name,
                title=device_word(one.name, language),
                detail=state_word("jammed" if jammed(one) else one.state.value, language),
                marked=marked(one),
            )
            for one in devices
        ]
        return tech.PickScreen(task=task, lines=lines)

    while True:
        answer = await session.ask(worded, "pick", "done")
        if answer.WhichOneof("act") == "done":
            raise Back
        for one in devices:
            if one.name == answer.pick.id:
                return one
