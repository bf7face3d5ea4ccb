"""Settings of the Evolis driver: what is refused, and that the catalog finds it."""

from typing import Any

import pytest
from pydantic import ValidationError

from drivers import catalog
from drivers.card_printer.evolis import EvolisPrinter
from drivers.card_printer.port import Place

GIVEN = {"vendor_id": 0x0F49, "product_id": 1}


def test_the_catalog_makes_the_driver_without_touching_hardware() -> None:
    settings = catalog.settings_type("card_printer", "evolis").model_validate(GIVEN)
    printer = catalog.create("card_printer", "evolis", settings)
    assert isinstance(printer, EvolisPrinter)
    printer.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"vendor_id": 0x10000},
        {"profile": "Fargo"},
        {"ribbon": "ymc"},
        {"backend": "usbip:nowhere"},
        {"alignment": {"right_dots": 61}},
        {"alignment": {"scale_x": 1.2}},
        {"chip_area": {"left": 300, "top": 1, "right": 200, "bottom": 2}},
        {"chip_area": {"left": 0, "top": 1, "right": 1017, "bottom": 2}},
        {"speed": 1},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        catalog.settings_type("card_printer", "evolis").model_validate(GIVEN | wrong)


@pytest.mark.parametrize(
    ("profile", "ribbon", "colour", "holds"),
    [("KC200B", "ymcko", True, True), ("Primacy", "ymckok", False, False), ("Dualys", "ymcko", True, False)],
)
def test_capabilities_follow_the_model_and_the_ribbon(profile: str, ribbon: str, colour: bool, holds: bool) -> None:
    settings = catalog.settings_type("card_printer", "evolis").model_validate(
        GIVEN | {"profile": profile, "ribbon": ribbon}
    )
    can = catalog.create("card_printer", "evolis", settings).capabilities()
    assert (can.back_in_colour, can.holds_after_print, can.feeds_on_print) == (colour, holds, False)
    assert Place.REJECT in can.places
