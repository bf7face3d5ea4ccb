"""Card printer models the simulator can be. The vendor id is Evolis's as usb.ids has it; the product ids are
made up.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.card_printer.profiles import PROFILES, Profile

VENDOR_ID = 0x0F49


@dataclass(frozen=True, slots=True)
class Model:
    """One model.

    Attributes:
        profile: What the driver believes of it, and what this one does.
    """

    product_id: int
    profile: Profile

    @property
    def name(self) -> str:
        """As the driver's profile is called."""
        return self.profile.name


MODELS: Mapping[str, Model] = {
    name: Model(0xAD00 + number, PROFILES[name]) for number, name in enumerate(("Dualys", "Primacy", "KC200B"))
}
