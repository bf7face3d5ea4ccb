"""The virtual cabinet: key switch and contacts as files, as a GPIO line shows its value, and a place for USB sticks."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.device import Action, ActionRefused

FAULTS = {
    "door_open": "The cabinet's door stands open",
    "tampered": "Somebody forced the cabinet: the tamper contact has opened",
    "contact_cut": "The door contact's cable is cut",
}


class VirtualCabinet:
    """A `simulator.device.VirtualDevice` without a wire: one file for each contact, 1 while it is open or turned.

    Attributes:
        key: The key switch.
        contacts: Door and tamper contacts, by name.
        usb: Where a stick is mounted.
    """

    name = "cabinet"
    title = "Cabinet"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._fault: str | None = None
        self.key = directory / "key"
        self.contacts = {"door": directory / "door", "tamper": directory / "tamper"}
        self.usb = directory / "usb"

    async def start(self) -> None:
        """Locked, closed, no stick."""
        await asyncio.to_thread(self._prepare)

    async def stop(self) -> None:
        """Nothing runs."""

    def state(self) -> Mapping[str, Any]:
        """How it stands."""
        return {
            "key": self.key.read_text("ascii") == "1",
            "stick": (self.usb / "stick").is_dir(),
            "files": sorted(path.name for path in (self.usb / "stick").glob("*")),
            "fault": self._fault,
        }

    def actions(self) -> Mapping[str, Action]:
        """Turn the key, plug a stick in."""
        state = self.state()
        key = Action("Turn the key back", self._key_back) if state["key"] else Action("Turn the key", self._turn_key)
        stick = Action("Pull the stick", self._pull) if state["stick"] else Action("Plug a USB stick in", self._plug)
        return {"key_back" if state["key"] else "turn_key": key, "pull" if state["stick"] else "plug": stick}

    def faults(self) -> Mapping[str, str]:
        """What can be wrong with it."""
        return FAULTS

    async def set_fault(self, fault: str | None) -> None:
        """Show this fault from now on; None is as it should be."""
        if fault is not None and fault not in FAULTS:
            raise KeyError(fault)
        self._fault = fault
        self.contacts["door"].write_text({"door_open": "1", "contact_cut": ""}.get(fault or "", "0"), "ascii")
        self.contacts["tamper"].write_text("1" if fault == "tampered" else "0", "ascii")

    def _prepare(self) -> None:
        self.usb.mkdir(parents=True, exist_ok=True)
        for path in (self.key, *self.contacts.values()):
            path.write_text("0", "ascii")

    async def _turn_key(self) -> None:
        self.key.write_text("1", "ascii")

    async def _key_back(self) -> None:
        self.key.write_text("0", "ascii")

    async def _plug(self) -> None:
        (self.usb / "stick").mkdir(exist_ok=True)

    async def _pull(self) -> None:
        if not (self.usb / "stick").is_dir():
            raise ActionRefused("there is no stick")
        await asyncio.to_thread(shutil.rmtree, self.usb / "stick")
