"""Which virtual devices there are, and how the kiosk's production drivers find each."""

from pathlib import Path
from typing import Any

from simulator.device import VirtualDevice
from simulator.server.machine import Machine


def devices_for(directory: Path, samples: Path) -> list[VirtualDevice]:
    """The four devices of an A4 machine, not yet started."""
    return []


def kiosk_devices(machine: Machine) -> dict[str, Any]:
    """The `devices` part of kiosk.toml for a started machine."""
    return {}
