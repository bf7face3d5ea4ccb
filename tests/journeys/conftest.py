"""One machine without a display, and a visitor who puts cards, stands there and touches what the panel offers."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance import stock
from kiosk.issuance.journal import Entry, read
from simulator.demo.client import SimulatorClient
from simulator.demo.demo import Demo, Options
from simulator.demo.views import Seen, Views

SCREEN_S = 40.0
PRINT_S = 60.0
COMMAND_S = 60.0
TROUBLE = frozenset({"trouble"})
QUICK: dict[str, dict[str, Any]] = {
    "session": {"idle_s": 20, "still_there_s": 6, "goodbye_s": 1, "trouble_s": 30, "take_paper_s": 15},
    "printing": {"page_s": 20},
}


def environment() -> dict[str, str]:
    """Of a command of its own: not with the card service that a test of this process may have chosen for itself."""
    mine = {name: value for name, value in os.environ.items() if name != "PCSCLITE_CSOCK_NAME"}
    return {**mine, "PYTHONPATH": ".:proto/gen"}


@dataclass
class Visitor:
    """A person at a machine, and the technician who can look inside it."""

    demo: Demo
    views: Views
    simulator: SimulatorClient
    answered: Seen | None = None

    async def sees(self, screen: str, within_s: float = SCREEN_S, **more: Any) -> pb.View:
        """Wait for a screen."""
        seen: Seen = await self.views.wait(screen, within_s=within_s, **more)
        return seen.view

    async def touches(self, **act: Any) -> None:
        """Touch something on what is shown now; it must count."""
        newest = self.views.newest
        assert newest is not None
        answer = await self.demo.panel.stub.Act(pb.ActRequest(revision=newest.view.revision, **act))
        assert answer.accepted, f"{newest.screen} does not take {', '.join(act)}"
        self.answered = newest

    async def puts_card(self, resident: str) -> None:
        """Put a card on the reader."""
        await self.simulator.act("card_reader", "put", resident=resident)

    async def takes_card(self) -> None:
        """Take the card away, if one lies there."""
        if (await self.simulator.state("card_reader"))["card"] is not None:
            await self.simulator.act("card_reader", "take")

    async def stands(self, resident: str) -> None:
        """Stand before the camera."""
        await self.simulator.act("camera", "stand", resident=resident)

    async def comes(self, resident: str, face: str = "") -> None:
        """Begin with a touch, put the card, stand before the camera."""
        newest = self.views.newest
        if newest is None or newest.screen != "attract":
            await self.sees("attract")
        await self.stands(face or resident)
        await self.touches(start=pb.StartAct())
        await self.sees("place_card")
        await self.puts_card(resident)

    async def chooses(self, kind: registry.DocumentKind.ValueType) -> pb.DocumentChoice:
        """Choose the first ready document of a kind."""
        view = await self.sees("choose_document")
        ready = registry.DOCUMENT_STATE_READY
        choice = next(c for c in view.choose_document.documents if c.kind == kind and c.state == ready)
        await self.touches(choose=pb.ChooseAct(document_id=choice.document_id))
        return choice

    async def finishes(self) -> None:
        """Want no more documents, and go."""
        newest = self.views.newest
        if newest is None or newest.screen != "choose_document":
            await self.sees("choose_document")
        await self.touches(done=pb.DoneAct())
        await self.sees("goodbye")
        await self.leaves()

    async def leaves(self) -> None:
        """Take everything and go, from whatever is shown; the machine invites again."""
        await self.takes_card()
        if (await self.simulator.state("camera"))["person"] is not None:
            await self.simulator.act("camera", "leave")
        newest = self.views.newest
        if newest is None or newest is self.answered:
            pass  # the next screen is on its way
        elif newest.screen == "trouble":
            await self.touches(done=pb.DoneAct())
        elif newest.screen not in ("attract", "goodbye", "out_of_service"):
            await self.touches(cancel=pb.CancelAct())
        await self.sees("attract")

    async def takes_paper(self) -> None:
        """Take what lies in the tray, at the simulator."""
        await self.simulator.act("document_printer", "take_paper")

    async def settles(self, finding: str) -> None:
        """Say, as the technician on the command line, what became of the newest issuance."""
        command = [sys.executable, "-m", "kiosk.cli", "--config", str(self.demo.directory / "kiosk.toml")]
        command += ["journal", "settle", self.journal()[-1].key, finding]
        process = await asyncio.create_subprocess_exec(*command, env=environment())
        assert await asyncio.wait_for(process.wait(), SCREEN_S) == 0

    async def printed(self) -> int:
        """Documents that really came out of the printer since it started."""
        return int((await self.simulator.state("document_printer"))["printed_total"])

    def journal(self) -> list[Entry]:
        """What the machine wrote of issuances; blanks that people loaded are left out."""
        return [entry for entry in read(self.demo.journal) if entry.key not in (stock.KEY, stock.TECHNICIAN)]

    def last_states(self) -> list[str]:
        """The states of the newest issuance, in order."""
        entries = self.journal()
        return [entry.state for entry in entries if entry.key == entries[-1].key] if entries else []

    def outbox(self) -> int:
        """Messages that the registry has not acknowledged."""
        with closing(sqlite3.connect(f"file:{self.demo.journal}?mode=ro", uri=True)) as db:
            (count,) = db.execute("SELECT count(*) FROM outbox").fetchone()
        return int(count)

    def change_registry(self, statement: str, *values: str) -> None:
        """Change the registry's data, as an officer elsewhere would."""
        file = self.demo.directory / "central" / "central.sqlite3"
        with closing(sqlite3.connect(file, timeout=10)) as db, db:
            assert db.execute(statement, values).rowcount == 1

    def at_registry(self) -> list[tuple[str, str]]:
        """Receipt number and state of every grant, at the registry."""
        file = self.demo.directory / "central" / "central.sqlite3"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT receipt_number, state FROM issuances ORDER BY begun_at").fetchall()
        return [(number, state) for number, state in rows]


async def adm(visitor: Visitor, *words: str) -> tuple[int, str]:
    """A command on the machine's command line: its exit status and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk.cli", "--config", str(visitor.demo.directory / "kiosk.toml"), *words),
        env=environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), COMMAND_S)
    return process.returncode or 0, output.decode()


@asynccontextmanager
async def machine(directory: Path, **options: Any) -> AsyncIterator[Visitor]:
    """A whole machine without screens on free ports, and its first visitor; without card printers unless told so."""
    kiosk = {**QUICK, **options.pop("kiosk", {})}
    options = {"cards": False, "screens": False, **options}
    chosen = Options(directory=directory, headless=True, page_port=0, central_port=0, kiosk=kiosk, **options)
    async with Demo(chosen) as demo, Views(demo.panel, TROUBLE) as views:
        yield Visitor(demo, views, SimulatorClient(demo.page))


@asynccontextmanager
async def looking_again(visitor: Visitor) -> AsyncIterator[Visitor]:
    """The same machine after its daemon was started anew."""
    async with Views(visitor.demo.panel, TROUBLE) as views:
        yield Visitor(visitor.demo, views, visitor.simulator)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    """One machine for a whole file; each test leaves it inviting."""
    async with machine(tmp_path_factory.mktemp("m")) as visitor:
        yield visitor


@pytest_asyncio.fixture(loop_scope="module")
async def visitor(shared: Visitor) -> AsyncIterator[Visitor]:
    """A visitor at the shared machine."""
    async with Views(shared.demo.panel, TROUBLE) as views:
        mine = Visitor(shared.demo, views, shared.simulator)
        await mine.sees("attract")
        views._next = 0
        yield mine
        for device in ("card_reader", "camera", "document_printer", "receipt_printer"):
            await mine.simulator.fault(device, None)
