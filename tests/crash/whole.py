"""A whole machine, one resident who does what the screens ask, and something that goes wrong in a journaled state.

What is judged afterwards is the same whatever went wrong: journal, registry, books of blanks and the virtual devices'
own counts tell one story, and the machine invites again once it was mended.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance import stock
from kiosk.issuance.journal import Entry, JournalError, read, verify
from kiosk.issuance.states import ENDS, State
from simulator.demo.client import Refused
from simulator.demo.stock import STAFF
from simulator.demo.views import Seen, Views
from simulator.demo.waiting import NotInTime, until
from tests.journeys.conftest import QUICK, TROUBLE, Visitor, adm, machine

IDLE = "idle"
"""Before the resident has begun."""
STATE_S, END_S, CALM_S, TELL_S = 60.0, 180.0, 120.0, 90.0
LOOK_S, TURN_S = 0.003, 0.05
KIOSK: dict[str, dict[str, Any]] = {
    "session": QUICK["session"] | {"take_paper_s": 12, "still_there_s": 5, "trouble_s": 6, "idle_s": 12},
    "cards": {"old_card": "not_asked", "take_s": 12, "encode_s": 15, "print_s": 40, "cool_down_min": 0}
    | {"cards_a_day": 2000, "cards_a_burst": 2000},
}
AT_REGISTRY = {"taken": "taken", "unknown": "unknown"} | dict.fromkeys(
    ("spoiled", "retracted", "retained", "cancelled"), "void"
)
NO_ISSUANCE, CARDS = (stock.KEY, stock.TECHNICIAN), "item = 'BLANK_CARD_KTP_EL'"
FEW, LOAD = 6, 50
FIGURES = ("loaded", "unloaded", "issued", "spoiled", "retained", "remaining", "reserved", "destroyed")

Work = Callable[[Visitor], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Journey:
    """One kind of document.

    Attributes:
        states: In which something can go wrong, in their order.
        printer: The device that makes it.
    """

    name: str
    kind: registry.DocumentKind.ValueType
    states: tuple[str, ...]
    printer: str


KK = Journey(
    "kk",
    registry.DOCUMENT_KIND_KK,
    (IDLE, "asked", "granted", "feeding", "printing", "accepted", "printed", "presented"),
    "document_printer",
)
KTP = Journey(
    "ktp",
    registry.DOCUMENT_KIND_KTP_EL,
    (IDLE, "asked", "granted", "feeding", "encoding", "printing", "accepted", "printed", "presented"),
    "card_printer",
)
JOURNEYS = {journey.name: journey for journey in (KK, KTP)}


@dataclass
class Ended:
    """One case.

    Attributes:
        struck_in: The newest state when it went wrong; empty when the journey never came so far.
        after: How the issuance ended by itself; empty when none was begun.
        settled: How it ended at last.
        printed: Documents that the printer made.
        held: Documents that the resident got.
    """

    struck_in: str = ""
    after: str = ""
    settled: str = ""
    printed: int = 0
    held: int = 0
    double: int = 0
    unaccounted: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The outcome in a word or two."""
        if not self.after:
            return "not begun"
        return self.after if self.settled == self.after else f"{self.after}, settled {self.settled}"


@asynccontextmanager
async def whole_machine(directory: Path, **options: Any) -> AsyncIterator[Visitor]:
    """A machine with card printers and a paper feeder."""
    async with machine(directory, cards=True, feeder=True, kiosk=KIOSK, **options) as visitor:
        await visitor.sees("attract", within_s=CALM_S)
        yield visitor


class Case:
    """One journey that is disturbed."""

    def __init__(self, visitor: Visitor, journey: Journey, resident: str = "hamid") -> None:
        self._at = visitor
        self._journey = journey
        self._resident = resident
        self._stack = AsyncExitStack()
        self._answered: Seen | None = None
        self._chosen = False
        self._held = 0
        self._after = 0

    async def run(self, state: str, disturb: Work, mend: Work) -> Ended:
        """Let `disturb` happen when the journal says `state`, and `mend` once the issuance has ended."""
        ended = Ended()
        async with self._stack:
            await self.look_again()
            await self._refill()
            await self._calm()
            before = await self._counts()
            self._after = max((entry.seq for entry in self._at.journal()), default=0)
            if state == IDLE:
                ended.struck_in = IDLE
                await disturb(self._at)
            living = asyncio.create_task(self._live())
            try:
                if state != IDLE and await self._reached(living, state):
                    await disturb(self._at)
                    ended.struck_in = self._states()[-1]
                await living
            finally:
                living.cancel()
                with suppress(asyncio.CancelledError):
                    await living
            states = self._states()
            ended.after = states[-1] if states else ""
            await mend(self._at)
            await self._goes()
            if ended.after == State.UNKNOWN:
                await self._settle(before)
            await self._calm()
            await until(lambda: self._at.outbox() == 0, "everything told", TELL_S)
            await self._judge(ended, before)
            await self._free()
        return ended

    async def look_again(self) -> None:
        """Follow the panel anew, as after the daemon was started again."""
        views = await self._stack.enter_async_context(Views(self._at.demo.panel, TROUBLE))
        self._at = Visitor(self._at.demo, views, self._at.simulator)
        self._answered = None

    def _entries(self) -> list[Entry]:
        """What this case has written of its issuance."""
        return [entry for entry in read(self._at.demo.journal, self._after) if entry.key not in NO_ISSUANCE]

    def _states(self) -> list[str]:
        try:
            return [entry.state for entry in self._entries()]
        except JournalError:
            return []

    async def _reached(self, living: asyncio.Task[None], state: str) -> bool:
        """As soon as may be; it may have been left again, and what was hit is looked at afterwards."""
        # Let go before anything is killed: a daemon that starts must find nobody who holds its journal.
        with closing(sqlite3.connect(f"file:{self._at.demo.journal}?mode=ro", uri=True, timeout=10)) as db:
            seen = None
            while not living.done():
                (version,) = db.execute("PRAGMA data_version").fetchone()
                if version != seen:
                    seen = version
                    if state in self._states():
                        return True
                await asyncio.sleep(LOOK_S)
        return False

    async def _live(self) -> None:
        """Do what the screens ask, until the issuance has ended and the machine is done with the resident."""
        began = False
        async with asyncio.timeout(END_S):
            while True:
                await asyncio.sleep(TURN_S)
                seen = self._at.views.newest
                states = self._states()
                open_ = bool(states) and states[-1] not in ENDS
                if seen is None or (began and open_ and seen.screen in ("attract", "out_of_service")):
                    continue
                if seen.screen == "out_of_service" or (began and seen.screen == "attract"):
                    return
                if seen is not self._answered:
                    self._answered = seen
                    # A screen may have changed under the finger, and a device may be gone.
                    with suppress(AssertionError, Refused, StopIteration):
                        began |= await self._answer(seen)

    async def _answer(self, seen: Seen) -> bool:
        """Do what one screen asks; whether the resident has begun."""
        at = self._at
        match seen.screen:
            case "attract":
                await at.stands(self._resident)
                await at.touches(start=pb.StartAct())
            case "place_card":
                await at.puts_card(self._resident)
            case "choose_document":
                await self._choose(seen.view.choose_document)
            case "proofread":
                await at.touches(confirm=pb.ConfirmAct())
            case "take_paper":
                await at.simulator.act("paper_feeder", "take")
                self._held += 1
            case "take_card":
                await at.simulator.act("card_printer", "take_card")
                self._held += 1
                if seen.view.take_card.confirm_by_touch:
                    await at.touches(done=pb.DoneAct())
            case "surrender_card":
                await at.touches(reject=pb.RejectAct())
            case "receipt" if seen.view.receipt.state != pb.RECEIPT_STATE_PRINTING:
                await at.touches(done=pb.DoneAct())
            case "trouble":
                await at.touches(done=pb.DoneAct())
            case "goodbye":
                await at.takes_card()
            case "enter_pin" | "officer" | "show_qr" | "still_there":
                await at.touches(cancel=pb.CancelAct())
        return True

    async def _choose(self, screen: pb.ChooseDocumentScreen) -> None:
        ready = registry.DOCUMENT_STATE_READY
        wanted = [
            choice
            for choice in screen.documents
            if choice.kind == self._journey.kind
            and choice.state == ready
            and choice.availability != fleet.AVAILABILITY_UNAVAILABLE
        ]
        if wanted and not self._chosen:
            self._chosen = True
            await self._at.touches(choose=pb.ChooseAct(document_id=wanted[0].document_id))
        else:
            await self._at.touches(done=pb.DoneAct())

    async def _goes(self) -> None:
        """The resident takes what is theirs and leaves."""
        if (await self._at.simulator.state("camera"))["person"] is not None:
            await self._at.simulator.act("camera", "leave")
        await self._at.takes_card()

    async def _calm(self) -> None:
        """Until the machine invites, for this document too."""

        async def offered() -> bool:
            newest = self._at.views.newest
            status = await self._at.demo.panel.status()
            lines = {line.kind: line.availability for line in status.health.services}
            open_ = lines.get(self._journey.kind) in (fleet.AVAILABILITY_AVAILABLE, fleet.AVAILABILITY_DEGRADED)
            return newest is not None and newest.screen == "attract" and open_

        try:
            async with asyncio.timeout(CALM_S):
                while not await offered():
                    unsettled = self._at.last_states()[-1:] == [State.UNKNOWN]
                    if unsettled and self._at.views.newest and self._at.views.newest.screen == "out_of_service":
                        return  # it waits for a technician
                    await asyncio.sleep(TURN_S)
        except TimeoutError:
            services = (await self._at.demo.panel.status()).health.services
            reasons = {line.reason for line in services if line.kind == self._journey.kind}
            shown = self._at.views.newest.screen if self._at.views.newest else "nothing"
            raise NotInTime(f"it does not invite again: {', '.join(reasons)}; it shows {shown}") from None

    async def _refill(self) -> None:
        """Two people load blanks before the books have none left."""
        remaining = sum(book["remaining"] for book in self._books("kiosk/journal.db", "book", CARDS).values())
        if remaining >= FEW:
            return
        await self._at.simulator.act("card_printer", "load_blanks")
        load = pb.RecordStockRequest(
            act=pb.STOCK_ACT_LOAD,
            item=pb.STOCK_ITEM_CARD_KTP_EL,
            batch="SIM-KTP-001",
            count=LOAD,
            counted_before=remaining,
            counted_after=remaining + LOAD,
            staff=STAFF,
        )
        await self._at.demo.panel.stub.RecordStock(load)

    async def _settle(self, before: dict[str, int]) -> None:
        """A technician has seen where the document is, and says it on the command line."""
        moved = self._journey is KK or (await self._counts())["left_hopper"] > before["left_hopper"]
        finding = "taken" if self._held or not moved else "destroyed"
        key = self._at.journal()[-1].key
        async with asyncio.timeout(CALM_S):
            settled = False
            while not settled:
                settled = (await adm(self._at, "journal", "settle", key, finding))[0] == 0

    async def _counts(self) -> dict[str, int]:
        cards = (await self._at.simulator.state("card_printer"))["cards"]
        paper = await self._at.simulator.state("document_printer")
        blanks = [card for card in cards if not card.get("pushed_in")]
        return {
            "card_printer": int((await self._at.simulator.state("card_printer"))["cards_printed"]),
            "document_printer": int(paper["printed_total"]),
            "overprinted": sum(card["overprinted"] for card in cards),
            "hands": sum(card["spot"] == "taken" for card in blanks),
            "left_hopper": len(blanks),
            "booked": self._booked(),
        }

    def _booked(self) -> int:
        """KTP-el blanks that the books have out of the hopper."""
        book = self._books("kiosk/journal.db", "book", CARDS)
        return sum(figures["loaded"] - figures["unloaded"] - figures["remaining"] for figures in book.values())

    def _books(self, file: str, table: str, where: str = "1") -> dict[tuple[Any, str], dict[str, int]]:
        with closing(sqlite3.connect(f"file:{self._at.demo.directory / file}?mode=ro", uri=True, timeout=10)) as db:
            item = "item" if table == "book" else "blank"
            rows = db.execute(f"SELECT {item}, batch, {', '.join(FIGURES)} FROM {table} WHERE {where}").fetchall()
        names = {blank: registry.Blank.Name(blank) for blank in registry.Blank.values()}
        return {(names.get(row[0], row[0]), row[1]): dict(zip(FIGURES, row[2:], strict=True)) for row in rows}

    async def _judge(self, ended: Ended, before: dict[str, int]) -> None:
        after = await self._counts()
        delta = {name: after[name] - before[name] for name in after}
        entries = self._entries()
        ended.settled = entries[-1].state if entries else ""
        ended.printed, ended.held = delta[self._journey.printer], self._held
        ended.wrong += verify(read(self._at.demo.journal))
        if len({entry.key for entry in entries}) > 1:
            ended.wrong.append("more than one issuance")
        if entries and State(ended.settled) not in ENDS:
            ended.wrong.append(f"still {ended.settled}")
        self._judge_printed(ended, delta)
        self._judge_books(ended, delta)
        if entries:
            row = self._row(entries[-1].key)
            if row != AT_REGISTRY.get(ended.settled):
                ended.unaccounted += 1
                ended.wrong.append(f"{ended.settled} here, {row} at the registry")

    def _judge_printed(self, ended: Ended, delta: dict[str, int]) -> None:
        held = delta["hands"] if self._journey is KTP else ended.held
        if max(ended.printed, held) > 1 or delta["overprinted"]:
            ended.double += 1
            ended.wrong.append(f"printed {ended.printed} times, {held} of them in hands")
        if ended.settled == State.TAKEN and ended.printed != 1:
            ended.wrong.append(f"taken, and printed {ended.printed} times")
        if ended.settled in (State.CANCELLED, "") and (ended.printed or held):
            ended.wrong.append(f"{ended.words}, and printed")
        if ended.settled != State.TAKEN and held:
            ended.wrong.append(f"{ended.words}, and the resident has it")

    def _judge_books(self, ended: Ended, delta: dict[str, int]) -> None:
        if delta["left_hopper"] != delta["booked"]:
            ended.unaccounted += abs(delta["left_hopper"] - delta["booked"])
            ended.wrong.append(f"{delta['left_hopper']} blanks left the hopper, {delta['booked']} are booked")
        here = {name: book for name, book in self._books("kiosk/journal.db", "book").items() if "BLANK" in name[0]}
        there = self._books("central/central.sqlite3", "stock")
        if here != there:
            ended.unaccounted += 1
            ended.wrong.append(f"books differ: {_differing(here, there)}")

    def _row(self, key: str) -> str | None:
        file = self._at.demo.directory / "central" / "central.sqlite3"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
            row = db.execute("SELECT state FROM issuances WHERE idempotency_key = ?", (key,)).fetchone()
        return row[0] if row else None

    async def _free(self) -> None:
        """An officer lets the document be issued once more, and forgives faces that were not recognised."""
        file = self._at.demo.directory / "central" / "central.sqlite3"
        with closing(sqlite3.connect(file, timeout=20)) as db, db:
            db.execute("UPDATE issuances SET holds = NULL WHERE state IN ('taken', 'void')")
            db.execute("DELETE FROM face_attempts")


def _differing(here: dict[Any, Any], there: dict[Any, Any]) -> str:
    lines = [f"{name[0]} {here.get(name)} here, {there.get(name)} there" for name in {*here, *there}]
    return "; ".join(
        line for line, name in zip(lines, {*here, *there}, strict=True) if here.get(name) != there.get(name)
    )
