"""Every named fault of every virtual device at every step of a journey: `prove faults`."""

from __future__ import annotations

import json
import urllib.request
from contextlib import suppress
from dataclasses import dataclass

from simulator.demo.client import Refused
from tests.crash.whole import JOURNEYS, Case, Ended
from tests.journeys.conftest import Visitor

# What a technician does with each device after a fault, where it offers that: open it, empty it, fill it.
MENDING = ("clear", "clear_jam", "remove", "empty_bin", "empty_reject", "plug_in", "fill", "load_paper", "insert_sam")
ONLY_OF = {"card_printer": "ktp", "document_printer": "kk", "paper_feeder": "kk"}
"""Devices that one kind of journey alone uses."""
LEFT_OUT = frozenset({"kia_printer"})
"""A second printer of the same make and faults as the first."""
BESIDE = frozenset({"card_reader", "camera", "receipt_printer", "cabinet"})
"""Devices that the making of a document does not touch: `kiosk/issuance` is never given them (a test holds it so)."""
MAKING = frozenset({"granted", "feeding", "encoding", "printing", "accepted", "printed"})
FOR_ALL = "printing"
"""The step that is tried for all of MAKING with a device of BESIDE, at which nothing happens between them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One case: a fault, and when it strikes."""

    journey: str
    device: str
    fault: str
    state: str

    @property
    def name(self) -> str:
        """As `--only` takes it."""
        return f"{self.journey}/{self.device}:{self.fault}@{self.state}"

    @property
    def alike(self) -> bool:
        """Whether it cannot differ from the case at `FOR_ALL`: nobody uses the device between the two."""
        return self.device in BESIDE and self.state in MAKING and self.state != FOR_ALL


def cells(page: str) -> list[Cell]:
    """Every case, from what the simulators say that can be wrong: a new device and a new fault join by themselves."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{page}api/devices", timeout=30) as answer:
        devices = json.loads(answer.read())
    return [
        Cell(journey.name, device["name"], fault, state)
        for device in devices
        if device["name"] not in LEFT_OUT
        for journey in JOURNEYS.values()
        if ONLY_OF.get(device["name"], journey.name) == journey.name
        for fault in _names(device["faults"])
        for state in journey.states
    ]


def _names(faults: object) -> list[str]:
    if isinstance(faults, dict):
        return list(faults)
    assert isinstance(faults, list), faults
    return [fault["name"] for fault in faults]


async def one(visitor: Visitor, cell: Cell) -> Ended:
    """Try it on a running machine, and mend the machine; twice when the journey did not come to the step at first."""

    async def disturb(at: Visitor) -> None:
        await at.simulator.fault(cell.device, cell.fault)

    async def mend(at: Visitor) -> None:
        await at.simulator.fault(cell.device, None)
        for action in MENDING:
            for device in {cell.device, *ONLY_OF}:
                with suppress(Refused):
                    await at.simulator.act(device, action)

    ended = await Case(visitor, JOURNEYS[cell.journey]).run(cell.state, disturb, mend)
    if ended.struck_in or ended.wrong:
        return ended
    return await Case(visitor, JOURNEYS[cell.journey]).run(cell.state, disturb, mend)
