"""Model name to driver: the only place that knows which drivers exist.

Each driver module has a `Settings` (frozen pydantic model, unknown keys refused) and `create(settings)`, which
touches no hardware: `open` does. Modules are imported when they are asked for, so a machine without a camera
never loads OpenCV.
"""

import importlib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

_CARD_PRINTERS = {"cups": "drivers.card_printer.cups", "evolis": "drivers.card_printer.evolis"}
DRIVERS: Mapping[str, Mapping[str, str]] = {
    "card_reader": {"pcsc": "drivers.card_reader.pcsc"},
    "card_printer": _CARD_PRINTERS,
    "kia_printer": _CARD_PRINTERS,
    "card_encoder": {"pcsc": "drivers.card_printer.encoder"},
    "camera": {"opencv": "drivers.camera.opencv"},
    "document_printer": {"ipp": "drivers.document_printer.ipp"},
    "receipt_printer": {"escpos": "drivers.receipt_printer.escpos_usb"},
    "paper_feeder": {"crt": "drivers.paper_feeder.crt_usb", "zebra_ttp": "drivers.paper_feeder.zebra_ttp"},
}


class DriverSettings(BaseModel):
    """Base of every driver's settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def settings_type(role: str, driver: str) -> type[DriverSettings]:
    """The settings a driver takes.

    Raises:
        KeyError: There is no such role or driver.
    """
    settings: type[DriverSettings] = _module(role, driver).Settings
    return settings


def create(role: str, driver: str, settings: DriverSettings) -> Any:
    """The driver, not yet opened; its type is the role's port."""
    return _module(role, driver).create(settings)


def _module(role: str, driver: str) -> Any:
    return importlib.import_module(DRIVERS[role][driver])
