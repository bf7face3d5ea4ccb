"""The whole machine, and one or two of its processes killed the moment the journal says so: `prove kill-processes`."""

from __future__ import annotations

import asyncio
import itertools
import signal
from dataclasses import dataclass

import psutil

from simulator.demo.client import Refused
from tests.crash.whole import IDLE, JOURNEYS, Case, Ended, Journey
from tests.journeys.conftest import Visitor

TARGETS = ("kiosk", "central", "screens", "ippeveprinter", "pcscd")
DEATH_S = 30.0


@dataclass(frozen=True, slots=True)
class Death:
    """One case: which processes, in which state of which journey."""

    journey: str
    targets: tuple[str, ...]
    state: str

    @property
    def name(self) -> str:
        """As `--only` takes it."""
        return f"{self.journey}/{'+'.join(self.targets)}:{self.state}"


def deaths() -> list[Death]:
    """Every process in every state of both journeys, then every pair of processes."""
    alone = [(target,) for target in TARGETS]
    pairs = list(itertools.combinations(TARGETS, 2))
    return [
        Death(journey.name, targets, state)
        for targets in [*alone, *pairs]
        for journey in JOURNEYS.values()
        if "ippeveprinter" not in targets or journey.printer == "document_printer"
        for state in journey.states
        if state != IDLE
    ]


async def one(visitor: Visitor, death: Death) -> Ended:
    """Kill them, start again what ends with nobody to start it, and see how the issuance ends."""
    journey: Journey = JOURNEYS[death.journey]
    case = Case(visitor, journey)

    async def disturb(at: Visitor) -> None:
        for target in death.targets:
            await _kill(at, target)
        for target in sorted(death.targets, key=TARGETS.index, reverse=True):
            await _start_again(at, target)
        if "kiosk" in death.targets:
            await case.look_again()

    async def mend(at: Visitor) -> None:
        # Whoever was robbed of a card or a sheet by the death finds the machine open, emptied and closed again.
        for device, action in (
            ("card_printer", "clear"),
            ("document_printer", "clear_jam"),
            ("paper_feeder", "remove"),
        ):
            try:
                await at.simulator.act(device, action)
            except Refused:
                continue

    return await case.run(death.state, disturb, mend)


async def _kill(visitor: Visitor, target: str) -> None:
    children = visitor.demo.children
    if target in ("kiosk", "central", "screens"):
        await children.end(target, signal.SIGKILL)
    elif target == "pcscd":
        # Whoever started it waits for it: killed from outside it would stay a zombie, and never be seen to have ended.
        await visitor.simulator.act("card_reader", "kill_pcscd")
    else:
        simulator = psutil.Process(children["simulator"].pid)
        (process,) = [child for child in simulator.children(recursive=True) if child.name() == target]
        process.kill()
        await asyncio.to_thread(psutil.wait_procs, [process], DEATH_S)


async def _start_again(visitor: Visitor, target: str) -> None:
    match target:
        case "kiosk":
            await visitor.takes_card()
            await visitor.demo.start_kiosk()
        case "central":
            await visitor.demo.start_central()
        case "screens":
            await visitor.demo.start_screens()
        case "ippeveprinter":
            await visitor.simulator.act("document_printer", "power_cycle")
        case "pcscd":
            await visitor.simulator.act("card_reader", "restart_pcscd")
