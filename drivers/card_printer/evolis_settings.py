"""What the configuration says of an Evolis printer."""

from collections.abc import Callable, Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from drivers.card_printer.profiles import PROFILES, RIBBONS
from drivers.catalog import DriverSettings
from drivers.transport.usb import LIBUSB, parse_backend


def _check_backend(text: str) -> str:
    parse_backend(text)
    return text


def _one_of(names: Iterable[str]) -> Callable[[str], str]:
    known = sorted(names)

    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"no such name; one of {', '.join(known)}")
        return name

    return check


class AlignmentSettings(BaseModel):
    """How this machine's print sits on the card (see `raster.Alignment`); read off the printed test card."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    right_dots: Annotated[int, Field(ge=-60, le=60)] = 0
    down_dots: Annotated[int, Field(ge=-60, le=60)] = 0
    scale_x: Annotated[float, Field(ge=0.95, le=1.05)] = 1.0
    scale_y: Annotated[float, Field(ge=0.95, le=1.05)] = 1.0


class ChipArea(BaseModel):
    """Where a contact chip is, in dots from the card's top left; left without overlay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    left: Annotated[int, Field(ge=0, lt=1016)]
    top: Annotated[int, Field(ge=0, lt=648)]
    right: Annotated[int, Field(gt=0, le=1016)]
    bottom: Annotated[int, Field(gt=0, le=648)]

    @model_validator(mode="after")
    def _is_an_area(self) -> "ChipArea":
        if self.left >= self.right or self.top >= self.bottom:
            raise ValueError("left must be below right, and top below bottom")
        return self


class Settings(DriverSettings):
    """Where the printer is and what it is.

    Attributes:
        serial: USB serial number; None takes any of the model.
        backend: "libusb", or "usbip:HOST:PORT".
        profile: Model, from `profiles.py`.
        ribbon: What is fitted, from `profiles.py`.
        chip_area: None when the blanks have no contact chip.
    """

    vendor_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    product_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    serial: str | None = None
    backend: Annotated[str, AfterValidator(_check_backend)] = LIBUSB
    profile: Annotated[str, AfterValidator(_one_of(PROFILES))] = "Primacy"
    ribbon: Annotated[str, AfterValidator(_one_of(RIBBONS))] = "ymcko"
    alignment: AlignmentSettings = AlignmentSettings()
    chip_area: ChipArea | None = None
