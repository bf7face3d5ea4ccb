"""What each Evolis model does differently. [G] and [K] as in `evolis_wire`; what is marked [K] is not confirmed on
hardware of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from drivers.card_printer.evolis_answers import Dialect


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A ribbon: which panels each side of a card uses, in the order they are loaded.

    Attributes:
        name: As `Pr` takes it [G].
    """

    name: str
    front: str
    back: str

    @property
    def panels(self) -> int:
        """Panels that a card printed on both sides takes."""
        return len(self.front) + len(self.back)

    @property
    def panels_a_set(self) -> int:
        """Panels in one set of the ribbon: as many as its name has letters [G]."""
        return len(self.name)


RIBBONS: Mapping[str, Ribbon] = {
    ribbon.name: ribbon
    for ribbon in (
        # A ribbon with one set a frame takes two frames for a card with two sides.
        Ribbon("ymcko", "ymcko", "ymcko"),
        Ribbon("ymckok", "ymcko", "k"),
        Ribbon("ko", "ko", "ko"),
        Ribbon("k", "k", "k"),
    )
}


@dataclass(frozen=True, slots=True)
class Profile:
    """One model.

    Attributes:
        dialect: How it spells its answers.
        levels: Shades a colour panel is sent in.
        duplex: Whether it turns the card over.
        back_upside_down: Whether the back's raster is turned by 180 degrees, as the flip-over station turns the card.
        contact, contactless: Stations that can be fitted.
        hopper_sensors: Whether Rse;f and Rse;n tell of blanks [K].
        exit_sensor: Whether Rse;b sees a card in the exit, from which Sib takes it back [K].
        reject_sensor: Whether Rlr;h tells that the reject bin is full [K].
        ribbon_chip: Whether Rrt tells how many panel sets are left [K].
        keeps_card: Whether a printed card stays inside until it is ejected (Pneab) [K].
    """

    name: str
    dialect: Dialect
    levels: int
    duplex: bool
    back_upside_down: bool
    contact: bool
    contactless: bool
    hopper_sensors: bool
    exit_sensor: bool
    reject_sensor: bool
    ribbon_chip: bool
    keeps_card: bool


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "Dualys",
            Dialect.CLASSES,
            levels=32,
            duplex=True,
            back_upside_down=False,
            contact=True,
            contactless=True,
            hopper_sensors=False,
            exit_sensor=False,
            reject_sensor=False,
            ribbon_chip=False,
            keeps_card=False,
        ),
        Profile(
            "Primacy",
            Dialect.WORDS,
            levels=128,
            duplex=True,
            back_upside_down=False,
            contact=True,
            contactless=True,
            hopper_sensors=True,
            exit_sensor=False,
            reject_sensor=True,
            ribbon_chip=True,
            keeps_card=False,
        ),
        Profile(
            "KC200B",
            Dialect.WORDS,
            levels=32,
            duplex=True,
            back_upside_down=False,
            contact=True,
            contactless=True,
            hopper_sensors=True,
            exit_sensor=True,
            reject_sensor=True,
            ribbon_chip=True,
            keeps_card=True,
        ),
    )
}
