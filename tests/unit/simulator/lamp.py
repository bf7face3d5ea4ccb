"""A small virtual device, complete but for a wire: enough to test what serves devices."""

from collections.abc import Mapping
from typing import Any

from simulator.device import Action, ActionRefused


class Lamp:
    """Can be lit, in a colour; can be broken; can refuse to start."""

    def __init__(self, name: str = "lamp", log: list[str] | None = None, starts: bool = True) -> None:
        self.name, self.title = name, "Lamp"
        self.colour: str | None = None
        self.fault: str | None = None
        self.log = [] if log is None else log
        self._starts = starts

    async def start(self) -> None:
        self.log.append(f"{self.name} starts")
        if not self._starts:
            raise OSError("no bulb")

    async def stop(self) -> None:
        self.log.append(f"{self.name} stops")

    def state(self) -> Mapping[str, Any]:
        return {"colour": self.colour}

    def actions(self) -> Mapping[str, Action]:
        actions = {"light": Action("Light it", self._light, {"colour": ("red", "green")})}
        if self.colour is not None:
            actions["darken"] = Action("Put it out", self._darken)
        return actions

    def faults(self) -> Mapping[str, str]:
        return {"burnt_out": "It stays dark."}

    async def set_fault(self, fault: str | None) -> None:
        self.fault = fault

    async def _light(self, colour: str) -> None:
        if self.fault:
            raise ActionRefused("The bulb is burnt out: change it first.")
        self.colour = colour

    async def _darken(self) -> None:
        self.colour = None
