"""The whole machine, and one of its processes killed the moment the journal says so: `prove kill-processes`."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.journal import JournalError, read, verify
from kiosk.issuance.states import ENDS, State
from simulator.demo.waiting import until
from tests.journeys.conftest import Visitor, looking_again, machine

STATES = ("asked", "granted", "printing", "accepted", "printed")
TARGETS = ("kiosk", "central", "ippeveprinter", "pcscd")
STATE_S, END_S, CALM_S, TELL_S = 60.0, 120.0, 90.0, 90.0
LOOK_S = 0.001
AT_REGISTRY = {"taken": "taken", "unknown": "unknown", "spoiled": "void", "retracted": "void", "cancelled": "void"}


@dataclass
class Ended:
    """One case.

    Attributes:
        killed_in: The state that the journal was in when the process was dead.
        after: How the issuance ended by itself, before any technician.
        settled: How it ended at last.
        printed: Documents that came out of the printer.
    """

    killed_in: str = ""
    after: str = ""
    settled: str = ""
    printed: int = 0
    wrong: list[str] = field(default_factory=list)


async def one(directory: Path, target: str, state: str) -> Ended:
    """A resident prints the family card; `target` is killed when the journal says `state`."""
    ended = Ended()
    async with machine(directory) as visitor:
        await visitor.comes("hamid")
        await visitor.chooses(registry.DOCUMENT_KIND_KK)
        await visitor.sees("proofread")
        await visitor.touches(confirm=pb.ConfirmAct())
        await _journal_says(visitor, state)
        await _kill(visitor, target)
        ended.killed_in = visitor.last_states()[-1]
        await _start_again(visitor, target)
        async with looking_again(visitor) as after:
            await _ends(after)
            ended.after = after.last_states()[-1]
            await _everybody_goes(after)
            if ended.after == State.UNKNOWN:
                await _settled(after)
            await until(lambda: after.outbox() == 0, "everything told", TELL_S)
            await _judge(after, ended)
    return ended


async def _journal_says(visitor: Visitor, state: str) -> None:
    """As soon as may be: the state may be left again before the kill, and what was hit is looked at afterwards."""
    reached = STATES.index(state)

    async def look() -> None:
        while True:
            try:
                states = visitor.last_states()
            except JournalError:
                states = []
            if len(states) > reached:
                return
            await asyncio.sleep(LOOK_S)

    await asyncio.wait_for(look(), STATE_S)


async def _kill(visitor: Visitor, target: str) -> None:
    if target in ("kiosk", "central"):
        await visitor.demo.children.end(target, signal.SIGKILL)
        return
    simulator = psutil.Process(visitor.demo.children["simulator"].pid)
    (process,) = [child for child in simulator.children(recursive=True) if child.name() == target]
    process.kill()
    await asyncio.to_thread(psutil.wait_procs, [process], END_S)


async def _start_again(visitor: Visitor, target: str) -> None:
    match target:
        case "kiosk":
            await visitor.takes_card()
            await visitor.demo.start_kiosk()
        case "central":
            await visitor.demo.start_central()
        case "ippeveprinter":
            await visitor.simulator.act("document_printer", "power_cycle")
        case "pcscd":
            # It stays dead: the machine must end what it began without its card reader.
            return


async def _ends(visitor: Visitor) -> None:
    """Let the issuance end, and take the sheet when the machine asks for that."""
    taken = False
    async with asyncio.timeout(END_S):
        while visitor.last_states()[-1] not in ENDS:
            newest = visitor.views.newest
            if newest is not None and newest.screen == "take_paper" and not taken:
                taken = True
                await visitor.takes_paper()
                await visitor.touches(done=pb.DoneAct())
            await asyncio.sleep(0.05)


async def _everybody_goes(visitor: Visitor) -> None:
    """Until the machine invites again, or says why it does not."""
    if (await visitor.simulator.state("camera"))["person"] is not None:
        await visitor.simulator.act("camera", "leave")
    if (await visitor.simulator.state("card_reader"))["card"] is not None:
        await visitor.takes_card()
    await until(lambda: _calm(visitor), "the machine invites, or says why not", CALM_S)


def _calm(visitor: Visitor) -> bool:
    newest = visitor.views.newest
    return newest is not None and newest.screen in ("attract", "out_of_service")


async def _settled(visitor: Visitor) -> None:
    """A technician looks into the tray, and says it on the command line."""
    printed = await visitor.printed()
    if (await visitor.simulator.state("document_printer"))["pages"]:
        await visitor.takes_paper()
    await visitor.settles("taken" if printed else "destroyed")


async def _judge(visitor: Visitor, ended: Ended) -> None:
    entries = visitor.journal()
    ended.settled, ended.printed = entries[-1].state, await visitor.printed()
    ended.wrong += verify(read(visitor.demo.journal))
    if len({entry.key for entry in entries}) != 1:
        ended.wrong.append("more than one issuance")
    if ended.printed > 1:
        ended.wrong.append(f"printed {ended.printed} times")
    if ended.settled == State.TAKEN and ended.printed != 1:
        ended.wrong.append("taken, and not printed")
    if ended.settled == State.CANCELLED and ended.printed != 0:
        ended.wrong.append("cancelled, and printed")
    rows = [state for _, state in visitor.at_registry()]
    if rows != [AT_REGISTRY[ended.settled]]:
        ended.wrong.append(f"{ended.settled} here, {rows} at the registry")
