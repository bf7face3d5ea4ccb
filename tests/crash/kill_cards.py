"""As `tests.crash.kill`, for a KTP-el: a card printer and its encoder, virtual, behind the production drivers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance.journal import Journal
from kiosk.issuance.stock import Handling, Item, StockEvent
from simulator.card_printer.card import Card, Spot
from tests.crash.families import BATCH, BLANKS, Person
from tests.crash.issue_once import MAX_BYTES, CardStation, Work
from tests.crash.kill import KillBench
from tests.crash.world import Known
from tests.support.encoder_bench import EncoderBench

LOOK_S = 0.05
IN_HAND = (Spot.EXIT, Spot.TAKEN)


@dataclass
class CardKillBench(KillBench):
    """Judges cards by where each blank of the virtual printer really is.

    Attributes:
        open_after: The first entry is the loading; then asked, granted, feeding, encoding, printing, accepted, printed,
            presented.
    """

    open_after: range = range(2, 10)
    kind: pb.DocumentKind.ValueType = pb.DOCUMENT_KIND_KTP_EL
    granted: int = 3
    bench: EncoderBench | None = None
    cards_before: int = 0

    @property
    def cards(self) -> EncoderBench:
        """The virtual printer."""
        assert self.bench is not None, "a bench of cards has a printer"
        return self.bench

    def _fresh(self) -> tuple[Person, Work]:
        """Also a journal with blanks in its books, of which the registry has heard, and a printer that was emptied."""
        someone, work = super()._fresh()
        work.journal.parent.mkdir(parents=True)
        journal = Journal(work.journal, MAX_BYTES)
        journal.record_stock([Handling(StockEvent.LOAD, Item.CARD_KTP_EL, BATCH, BLANKS)], ("S-1", "S-2"))
        journal.acknowledged(1)
        journal.close()
        for action in ("plug_in", "clear", "load_blanks", "load_ribbon", "empty_reject"):
            self.cards.act(action)
        if self.cards.virtual.mechanism.in_exit is not None:
            self.cards.act("take_card")
        self.cards_before = len(self.cards.virtual.mechanism.cards)
        virtual, chips = self.cards.virtual, self.cards.chips
        station = CardStation(
            usbip=virtual.usbip,
            product_id=virtual.model.product_id,
            model=virtual.model.name,
            reader_pattern=chips.reader_pattern,
            pcscd_socket=str(chips.pcscd_socket),
        )
        return someone, work.model_copy(update={"cards": station})

    async def _judge(self, name: str, journal: Path, appended: frozenset[int]) -> str | None:
        state = await super()._judge(name, journal, appended)
        made = self._made()
        if any(card.overprinted for card in made):
            self.tally.double_prints += 1
            self.tally.wrong.append(f"{name}: a card was printed over")
        booked = _booked(journal)
        if booked != len(made):
            self.tally.unaccounted += abs(booked - len(made))
            self.tally.wrong.append(f"{name}: {len(made)} blanks left the hopper, {booked} are booked")
        held = sum(card.spot in IN_HAND for card in made)
        if held > 1:
            self.tally.double_prints += 1
        if held and state not in ("taken", "unknown"):
            self.tally.wrong.append(f"{name}: {state}, and {held} lie where a resident can reach them")
        return state

    def _printed(self, known: Mapping[str, Known]) -> dict[str, int]:
        """Cards with something on them that are in somebody's hands, or can be: rejected ones are nobody's original."""
        begun = sum(not card.clean and card.spot in IN_HAND for card in self._made())
        return dict.fromkeys(known, begun)

    async def finish(self) -> None:
        """Nothing is left to compare: every run was judged by its own cards."""

    def _made(self) -> list[Card]:
        return self.cards.virtual.mechanism.cards[self.cards_before :]


@asynccontextmanager
async def card_bench(folder: Path) -> AsyncIterator[EncoderBench]:
    """The virtual printer, and a resident who takes what comes out."""
    bench = await asyncio.to_thread(EncoderBench, folder)
    taking = asyncio.create_task(_take(bench))
    try:
        yield bench
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        await asyncio.to_thread(bench.close)


async def _take(bench: EncoderBench) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        if bench.virtual.mechanism.in_exit is not None:
            await asyncio.to_thread(_take_one, bench)


def _take_one(bench: EncoderBench) -> None:
    async def work() -> None:
        card = bench.virtual.mechanism.in_exit
        if card is not None:
            await bench.virtual.take_card()

    bench.run(work())


def _booked(journal: Path) -> int:
    """Blanks that the books have out of the hopper."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        row = db.execute("SELECT loaded - unloaded - remaining FROM book WHERE item LIKE 'BLANK_CARD%'").fetchone()
    return int(row[0])
