"""A card and a SAM on the table: the simulated chips in this process, without pcscd between."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from drivers.card_reader.channel import Channel, Transmit
from drivers.card_reader.ektp import EktpRead
from drivers.card_reader.port import ChipReading
from drivers.card_reader.profile import KTP_EL, Profile
from drivers.card_reader.sam import Sam
from simulator.chip import card_app, contents, keys
from simulator.chip.contents import Contents
from simulator.chip.residents import CardHolder, card_holders
from simulator.chip.sam_app import SimulatedSam

SAMPLES = Path(__file__).parents[3] / "samples"


@cache
def holders() -> dict[str, CardHolder]:
    return card_holders(SAMPLES)


@cache
def ktp(resident: str = "hamid") -> Contents:
    return contents.ktp(holders()[resident])


@dataclass
class Table:
    """Counts and records what goes to the card; `change` may alter an answer, or raise.

    Attributes:
        change: Called with the exchange's number, the command and the answer.
    """

    card: card_app.Chip
    change: Callable[[int, bytes, bytes], bytes] = lambda number, command, answer: answer
    sent: list[bytes] = field(default_factory=list)

    def transmit(self, apdu: bytes) -> bytes:
        number = len(self.sent)
        self.sent.append(apdu)
        return self.change(number, apdu, self.card.process(apdu))

    def read(self, sam: Sam | None, reason: str = "", profile: Profile = KTP_EL) -> ChipReading:
        return EktpRead(Channel(self.transmit), sam, reason, profile, lambda done: None).run()


def opened_sam(transmit: Transmit | None = None) -> Sam:
    sam = Sam(Channel(transmit or SimulatedSam().process), KTP_EL.sam)
    sam.open(keys.SAM_SECRET)
    return sam


def table(resident: str = "hamid") -> Table:
    return Table(card_app.chip(ktp(resident)))
