"""The model test with cards: as `tests.crash.model`, and a card printer and encoder beside the A4 printer.

What is compared besides: where each blank really is with the machine's book, and that with what the registry was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from adm.registry.v1 import registry_pb2 as pb
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from drivers.card_printer.personalise import CardFiles
from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS, CardSide
from kiosk.devices import Device
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_log import PrintLog
from kiosk.issuance.card_outcome import Card, CardFailed, CardStep
from kiosk.issuance.card_station import Station
from kiosk.issuance.cards.limits import Limits
from kiosk.issuance.recovery import EndsLeftOpen
from kiosk.issuance.states import State
from kiosk.issuance.stock import Figure, Handling, Item, StockEvent
from kiosk.registry.client import RegistryError
from tests.crash.invariants import FREE
from tests.crash.model import DEATH, NETS, IssuingMachine
from tests.crash.model_card_printer import ModelCardPrinter, Move, Print, Spot, Taking, Write
from tests.crash.model_registry import Net

CARDS = tuple(f"ktp-{number}" for number in range(1, 7))
KIND = pb.DocumentKind.Name(pb.DOCUMENT_KIND_KTP_EL)
BATCH, BLANKS = "SIM-1", 10_000
NEVER = 10**9
SIDE = CardSide(np.zeros((HEIGHT_DOTS, WIDTH_DOTS, 3), np.uint8), np.zeros((HEIGHT_DOTS, WIDTH_DOTS), np.bool_))
FILES = CardFiles(bytes(51), b'"3520"', b"photo", b"signature")
TAKE_S = 0.02
MOVES = st.lists(st.sampled_from([Move.OK, Move.OK, *Move]), max_size=3)
WRITES = st.lists(st.sampled_from([Write.OK, *Write]), max_size=2)


class Undrawn(CardIssuer):
    """The production issuer; what the card looks like is the same for all, and drawn once."""

    async def _artefact(self, card: Card, claims: pb.GrantClaims) -> tuple[CardSide, CardSide, CardFiles | None]:
        try:
            await self._registry.get_artefact(claims)
        except RegistryError as error:
            await self.endings.cancel(card, error)
            raise
        return SIDE, SIDE, FILES


class CardIssuingMachine(IssuingMachine):
    """See the module."""

    def __init__(self) -> None:
        self.cards: ModelCardPrinter | None = None
        self.card_keys: dict[str, str] = {}
        super().__init__()
        self.registry.pages.update(dict.fromkeys(CARDS, 1))

    @property
    def plastic(self) -> ModelCardPrinter:
        """The printer, which outlives the daemon."""
        if self.cards is None:
            self.cards = ModelCardPrinter(self.tick, BLANKS)
        return self.cards

    @rule(
        document=st.sampled_from(CARDS),
        nets=NETS,
        feeds=MOVES,
        writes=WRITES,
        prints=st.sampled_from([Print.OK, Print.OK, *Print]),
        presents=MOVES,
        rejects=MOVES,
        taking=st.sampled_from(Taking),
        death=DEATH,
    )
    def a_resident_has_a_card_made(
        self,
        document: str,
        nets: list[Net],
        feeds: list[Move],
        writes: list[Write],
        prints: Print,
        presents: list[Move],
        rejects: list[Move],
        taking: Taking,
        death: int | None,
    ) -> None:
        """From the yes to the hand, whatever happens."""
        printer = self.plastic
        printer.feeds, printer.writes, printer.prints = feeds, writes, prints
        printer.presents, printer.rejects, printer.taking = presents, rejects, taking
        self._live("card", self._make(document), nets, death)

    @rule(document=st.sampled_from(CARDS), prints=st.sampled_from(Print), taking=st.sampled_from(Taking), death=DEATH)
    def a_card_is_made_on_a_good_day(self, document: str, prints: Print, taking: Taking, death: int | None) -> None:
        """One thing goes wrong, so that it is often reached."""
        self.a_resident_has_a_card_made(document, [], [], [], prints, [], [], taking, death)

    @rule(document=st.sampled_from(CARDS), writes=WRITES, feeds=MOVES, death=DEATH)
    def blanks_are_no_good(self, document: str, writes: list[Write], feeds: list[Move], death: int | None) -> None:
        """Feeding and writing alone, so that second blanks are often tried."""
        self.a_resident_has_a_card_made(document, [], feeds, writes, Print.OK, [], [], Taking.TAKES, death)

    @precondition(lambda self: self.plastic.of(Spot.EXIT))
    @rule()
    def somebody_takes_what_lies_there(self) -> None:
        """Whoever it is."""
        self.steps["card taken late"] += 1
        for card in self.plastic.of(Spot.EXIT):
            card.spot = Spot.HANDS

    @rule()
    def the_card_printer_is_opened(self) -> None:
        """A technician switches it off and on, and destroys what is inside."""
        self.steps["card printer opened"] += 1
        self._clear()

    @invariant()
    def every_blank_is_somewhere(self) -> None:
        """The machine's book and the plastic, as far as the machine can know by now."""
        if self.cards is None:
            return
        book = next(book for book in self.journal.books() if book.item is Item.CARD_KTP_EL)
        assert book.adds_up
        booked = book[Figure.LOADED] - book[Figure.REMAINING]
        left = BLANKS - self.cards.hopper
        assert left == len(self.cards.cards)
        # A blank that is about to move is set aside before it moves.
        assert left <= booked <= left + book[Figure.RESERVED], f"{left} left the hopper, {booked} are booked"
        assert all(card.prints <= 1 for card in self.cards.cards), "a card was printed over"
        for document in CARDS:
            out = self.cards.of(Spot.HANDS, Spot.EXIT)
            held = [card for card in out if self.card_keys[card.key] == document and card.prints]
            assert len(held) <= 1, "two originals"

    def _at_last(self) -> None:
        book = next(book for book in self.journal.books() if book.item is Item.CARD_KTP_EL)
        rows = [row for key, row in self.registry.rows.items() if key in self.card_keys]
        assert book[Figure.ISSUED] == sum(row.state == "taken" for row in rows), "issued here, not there"
        used = book[Figure.SPOILED] + book[Figure.RETAINED]
        assert used == sum(row.spoiled for row in rows), f"{used} used up here, not there"

    def _agrees(self, key: str, state: State, waiting: bool) -> None:
        if key not in self.card_keys:
            super()._agrees(key, state, waiting)
            return
        mine = [card for card in self.plastic.cards if card.key == key]
        out = [card for card in mine if card.spot in (Spot.HANDS, Spot.EXIT)]
        if state is State.TAKEN:
            assert len(out) == 1, f"taken, and {len(out)} are out"
            assert out[0].whole, "taken, and not whole"
        if state in FREE:
            assert out == [], f"{state}, and it lies where a resident can reach it"
        if state is State.CANCELLED:
            assert not any(card.prints for card in mine), "cancelled, and printed"
        self._agrees_with_registry(key, state, waiting)

    async def _make(self, document: str) -> None:
        kind = pb.Document(document_id=document, kind=pb.DOCUMENT_KIND_KTP_EL, page_count=1)
        try:
            card = await self.card_issuer.make("token", kind, "v1", _nobody_watches)
            self.tick()
            await self.card_issuer.wait_taken(card, TAKE_S)
        except (CardFailed, RegistryError):
            return

    async def _settle(self, key: str, taken: bool) -> None:
        if key not in self.card_keys:
            await super()._settle(key, taken)
            return
        issuance = self.journal.issuance(key)
        assert issuance is not None
        mine = [card for card in self.plastic.cards if card.key == key]
        # More of them than were rejected, in a hand, the machine or its bins; or the last one is in the hopper still.
        moved = len(mine) > int(issuance.detail.get("rejected", 0))
        handed_over = not moved or (taken and any(card.spot is Spot.HANDS and card.whole for card in mine))
        self._clear()
        for card in mine:
            if not (handed_over and card.spot is Spot.HANDS):
                card.spot = Spot.DESTROYED
        await self.card_issuer.settle(key, handed_over)

    def _clear(self) -> None:
        for card in self.plastic.of(Spot.PATH, Spot.JAMMED):
            card.spot = Spot.DESTROYED
        self.plastic.silent = False

    async def _start(self) -> None:
        await super()._start()
        if not self.journal.books():
            self.journal.record_stock([Handling(StockEvent.LOAD, Item.CARD_KTP_EL, BATCH, BLANKS)], ("S-1", "S-2"))
        port: Any = self.plastic
        printing: Device[Any] = Device("card_printer", "model", lambda: port)
        encoding: Device[Any] = Device("card_encoder", "model", lambda: port)
        await printing.open()
        await encoding.open()
        self.more_devices = [printing, encoding]
        limits = Limits(cards_a_day=NEVER, cards_a_burst=NEVER)
        log = PrintLog(self.path.with_name("card_printer.json"))
        station = Station(
            pb.DOCUMENT_KIND_KTP_EL, pb.BLANK_CARD_KTP_EL, printing, encoding, limits, log, move_s=1.0, settle_s=0.0
        )
        registry: Any = self.registry
        self.card_issuer = Undrawn(self.ledger, registry, station, 0.0, 1.0, None)

    def _card_issuers(self) -> dict[str, EndsLeftOpen]:
        return {KIND: self.card_issuer}

    def _asked(self, key: str, detail: Mapping[str, Any]) -> None:
        if detail["kind"] == KIND:
            self.card_keys[key] = detail["document_id"]
            self.plastic.key = key


async def _nobody_watches(_step: CardStep, _progress: float) -> None:
    return
