"""All virtual devices together: started as one, acted upon by name, described as plain data."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from simulator.device import ActionRefused, VirtualDevice


class UnknownName(Exception):
    """There is no such device, action or fault; the message says which."""


class BadParameters(Exception):
    """An action was asked for with parameters it does not have; the message lists every problem."""


@runtime_checkable
class Counting(Protocol):
    """A device that counts what it does, beyond its state: seconds on the air, exchanges."""

    async def counters(self) -> Mapping[str, Any]:
        """Counts since it started; JSON-able."""


class Machine:
    """The devices of one kiosk.

    Args:
        devices: In the order they start and are shown; they stop in the opposite order.
        pictures: Where devices that draw leave their PNGs, by device name.
    """

    def __init__(self, devices: Sequence[VirtualDevice], pictures: Mapping[str, Path] | None = None) -> None:
        self._pictures = pictures or {}
        self._devices = {device.name: device for device in devices}
        self._faults: dict[str, str | None] = dict.fromkeys(self._devices)
        self._locks = {name: asyncio.Lock() for name in self._devices}

    async def start(self) -> None:
        """Start every device; when one fails, those already started are stopped again."""
        async with contextlib.AsyncExitStack() as started:
            for device in self._devices.values():
                started.push_async_callback(device.stop)
                await device.start()
            started.pop_all()

    async def stop(self) -> None:
        """Stop every device, also when stopping one of them fails."""
        async with contextlib.AsyncExitStack() as devices:
            for device in self._devices.values():
                devices.push_async_callback(device.stop)

    def device(self, name: str) -> VirtualDevice:
        """The device of that name.

        Raises:
            UnknownName: There is none.
        """
        try:
            return self._devices[name]
        except KeyError:
            raise UnknownName(f"there is no device {name!r}") from None

    def describe(self) -> list[dict[str, Any]]:
        """Every device with its state, and what can be done to it now; JSON-able."""
        return [self._describe(device) for device in self._devices.values()]

    def _describe(self, device: VirtualDevice) -> dict[str, Any]:
        state = dict(device.state())
        return {
            "name": device.name,
            "title": device.title,
            "state": state,
            "actions": [
                {
                    "name": name,
                    "label": action.label,
                    "choices": {parameter: list(values) for parameter, values in action.choices.items()},
                }
                for name, action in device.actions().items()
            ],
            "faults": [{"name": name, "effect": effect} for name, effect in device.faults().items()],
            # A device may heal by itself (a job ends, a person clears the jam); then its own word counts.
            "fault": state.get("fault", self._faults[device.name]),
        }

    def picture(self, name: str, picture: str) -> Path:
        """A PNG that the device's state names: a printed page, a receipt.

        Raises:
            UnknownName: No such device or picture.
        """
        self.device(name)
        folder = self._pictures.get(name)
        if folder is not None and folder.is_dir():
            for path in folder.glob("*.png"):
                if path.name == picture:
                    return path
        raise UnknownName(f"there is no picture {picture!r}")

    async def counters(self, name: str) -> Mapping[str, Any]:
        """What a device counts; empty when it counts nothing.

        Raises:
            UnknownName: No such device.
        """
        device = self.device(name)
        if not isinstance(device, Counting):
            return {}
        async with self._locks[name]:
            return await device.counters()

    async def act(self, name: str, action_name: str, parameters: Mapping[str, Any]) -> None:
        """Do one action; actions on one device happen one after the other.

        Raises:
            UnknownName: No such device or action.
            BadParameters: A parameter is missing, unknown, or not among its choices.
            ActionRefused: It makes no sense now.
        """
        device = self.device(name)
        async with self._locks[name]:
            action = device.actions().get(action_name)
            if action is None:
                raise UnknownName(f"{device.title} has no action {action_name!r} now")
            problems = [f"{key!r} is not a parameter" for key in parameters if key not in action.choices]
            for key, values in action.choices.items():
                if key not in parameters:
                    problems.append(f"{key!r} is missing")
                elif parameters[key] not in values:
                    problems.append(f"{key!r} must be one of {', '.join(values)}")
            if problems:
                raise BadParameters("; ".join(problems))
            await action.run(**parameters)

    async def set_fault(self, name: str, fault: str | None) -> None:
        """Show a fault, or none.

        Raises:
            UnknownName: No such device or fault.
            ActionRefused: It cannot show that fault now.
        """
        device = self.device(name)
        if fault is not None and fault not in device.faults():
            raise UnknownName(f"{device.title} has no fault {fault!r}")
        async with self._locks[name]:
            await device.set_fault(fault)
            self._faults[name] = fault


__all__ = ["ActionRefused", "BadParameters", "Machine", "UnknownName"]
