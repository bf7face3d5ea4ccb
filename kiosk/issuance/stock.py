"""What becomes of blanks, ribbon, toner and paper: rules only, no database, no clock.

Everything that is counted is an item, and each batch of it has one book:

    loaded - unloaded = remaining + reserved + issued + spoiled + retained

A change moves some of them from one figure to another, so a book that added up goes on doing so. Most changes are made
by moves of an issuance (`FATES`); the others by people (`StockEvent`). Changes stand in the journal's entries, inside
their hashes: the books can be made again from the chain at any time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from kiosk.issuance.errors import StockError
from kiosk.issuance.states import Event

KEY: Final = "stock"
"""Key of the entries that people make, where an issuance has its own."""
STATE: Final = "stock"
"""State of these entries."""
TECHNICIAN: Final = "technician"
"""Key, event and state of entries that only say what a technician did."""


class Item(StrEnum):
    """What is counted: what documents are printed on by its name in `adm.registry.v1.Blank`, and supplies."""

    PAPER_A4 = "BLANK_PAPER_A4"
    CARD_KTP_EL = "BLANK_CARD_KTP_EL"
    CARD_KIA = "BLANK_CARD_KIA"
    RIBBON = "RIBBON"
    """In cards that it prints."""
    TONER = "TONER"
    """In pages that it prints."""

    @property
    def is_card(self) -> bool:
        """Whether it is a security print, of which not one may be missing. Others may be used below what is known."""
        return self in (Item.CARD_KTP_EL, Item.CARD_KIA)

    @property
    def is_blank(self) -> bool:
        """Whether the registry keeps a book of it too."""
        return self not in (Item.RIBBON, Item.TONER)

    @property
    def supply(self) -> "Item | None":
        """What printing on it uses up."""
        if not self.is_blank:
            return None
        return Item.RIBBON if self.is_card else Item.TONER


class Figure(StrEnum):
    """The figures of a book."""

    LOADED = "loaded"
    UNLOADED = "unloaded"
    REMAINING = "remaining"
    RESERVED = "reserved"
    ISSUED = "issued"
    SPOILED = "spoiled"
    RETAINED = "retained"
    DESTROYED = "destroyed"
    """Of those spoiled and retained."""


class Fate(StrEnum):
    """What a move of an issuance means for its blanks."""

    RESERVE = "reserve"
    GIVE_BACK = "give_back"
    ISSUE = "issue"
    SPOIL = "spoil"
    RETAIN = "retain"


FATES: Final[Mapping[Event, Fate]] = {
    Event.FEED: Fate.RESERVE,
    Event.PRINT: Fate.RESERVE,
    Event.REJECT_BLANK: Fate.SPOIL,
    Event.SPOIL: Fate.SPOIL,
    Event.CANCEL: Fate.GIVE_BACK,
    Event.RETRACT: Fate.RETAIN,
    Event.RETAIN: Fate.RETAIN,
    Event.TAKE: Fate.ISSUE,
    Event.ASSUME_TAKEN: Fate.ISSUE,
    Event.SETTLE_TAKEN: Fate.ISSUE,
    Event.SETTLE_DESTROYED: Fate.SPOIL,
    Event.SETTLE_UNUSED: Fate.GIVE_BACK,
}
_FIGURE: Final = {
    Fate.GIVE_BACK: Figure.REMAINING,
    Fate.ISSUE: Figure.ISSUED,
    Fate.SPOIL: Figure.SPOILED,
    Fate.RETAIN: Figure.RETAINED,
}


class StockEvent(StrEnum):
    """What people do with blanks and supplies, outside an issuance."""

    LOAD = "load"
    UNLOAD = "unload"
    SPOIL_LOOSE = "spoil_loose"
    """Spoiled outside an issuance, as by a technician's test page."""
    DESTROY = "destroy"
    COUNT = "count"


BY_TWO: Final = frozenset({StockEvent.LOAD, StockEvent.UNLOAD, StockEvent.DESTROY, StockEvent.COUNT})
"""What one person does and another one confirms."""


@dataclass(frozen=True, slots=True)
class Handling:
    """One thing that people did with one batch."""

    event: StockEvent
    item: Item
    batch: str
    count: int


@dataclass(frozen=True, slots=True)
class Change:
    """Some of one batch go from one figure to another.

    Attributes:
        source: None for destroying, which takes nothing out of another figure.
        serial: Of a blank that stays in the machine and has one; the registry knows those of issued ones.
    """

    item: Item
    batch: str
    source: Figure | None
    target: Figure
    count: int
    serial: str = ""

    def to_json(self) -> list[Any]:
        """As an entry keeps it."""
        return [self.item, self.batch, self.source, self.target, self.count, self.serial]

    @classmethod
    def from_json(cls, value: list[Any]) -> "Change":
        """From an entry.

        Raises:
            ValueError: It is none.
        """
        try:
            item, batch, source, target, count, serial = value
            return cls(Item(item), batch, source and Figure(source), Figure(target), int(count), serial)
        except (TypeError, AttributeError) as error:
            raise ValueError("not a change of a book") from error


@dataclass(frozen=True, slots=True)
class Held:
    """What is set aside for an issuance."""

    item: Item
    batch: str
    count: int


@dataclass(frozen=True, slots=True)
class Book:
    """The figures of one batch.

    Attributes:
        batch: Number on the box; empty where there is none.
        difference: What the last count by hand found more (or less, below 0) than the books had.
        counted_at: When, by the machine's clock; empty before the first count.
    """

    item: Item
    batch: str
    figures: Mapping[Figure, int]
    difference: int = 0
    counted_at: str = ""

    def __getitem__(self, figure: Figure) -> int:
        return self.figures[figure]

    @property
    def adds_up(self) -> bool:
        """The equation of the module's docstring."""
        of = self.figures
        inside = sum(of[f] for f in (Figure.REMAINING, Figure.RESERVED, *list(_FIGURE.values())[1:]))
        return of[Figure.LOADED] - of[Figure.UNLOADED] == inside


def wanted(event: Event, known: Mapping[str, Any], holds: Iterable[Held]) -> list[tuple[Item, int]]:
    """What a move has to set aside, beyond what is set aside already.

    Args:
        known: Everything known of the issuance, this move included: `blank` (A4 paper when absent), `page_count`.
    """
    if FATES.get(event) is not Fate.RESERVE:
        return []
    item = Item(known.get("blank", Item.PAPER_A4))
    count = 1 if item.is_card else int(known.get("page_count", 1))
    needs = [(item, count)]
    if event is Event.PRINT and item.supply is not None:
        needs.append((item.supply, count))
    there = {held.item for held in holds}
    return [need for need in needs if need[0] not in there]


def ended(event: Event, detail: Mapping[str, Any], known: Mapping[str, Any], holds: Iterable[Held]) -> list[Change]:
    """What a move does with what was set aside.

    Args:
        detail: What this move says: `sheets` spoiled when it spoils, of a document of several.
        known: Everything known of the issuance.
    """
    fate = FATES.get(event)
    if fate is None or fate is Fate.RESERVE:
        return []
    changes = []
    for held in holds:
        used = 0 if fate is Fate.GIVE_BACK else held.count
        if fate is Fate.SPOIL and "sheets" in detail:
            used = min(held.count, int(detail["sheets"]))
        # Supplies have two ends only: used or not.
        target = _FIGURE[fate] if held.item.is_blank else Figure.ISSUED
        stays = fate in (Fate.SPOIL, Fate.RETAIN) and held.item.is_card
        serial = str(known.get("chip_uid", "")) if stays else ""
        for figure, count in ((target, used), (Figure.REMAINING, held.count - used)):
            if count:
                changes.append(Change(held.item, held.batch, Figure.RESERVED, figure, count, serial))
    return changes


def by_people(event: StockEvent, item: Item, batch: str, count: int) -> list[Change]:
    """What people did, as changes; a count changes nothing."""
    places = {
        StockEvent.LOAD: (Figure.LOADED, Figure.REMAINING),
        StockEvent.UNLOAD: (Figure.REMAINING, Figure.UNLOADED),
        StockEvent.SPOIL_LOOSE: (Figure.REMAINING, Figure.SPOILED),
        StockEvent.DESTROY: (None, Figure.DESTROYED),
    }
    if event not in places or count == 0:
        return []
    source, target = places[event]
    return [Change(item, batch, source, target, count)]


def applied(figures: Mapping[Figure, int], change: Change) -> dict[Figure, int]:
    """A book's figures after a change."""
    after = dict(figures)
    if change.source is Figure.LOADED:
        after[Figure.LOADED] += change.count
    elif change.source is not None:
        after[change.source] -= change.count
    after[change.target] += change.count
    return after


def impossible(item: Item, figures: Mapping[Figure, int]) -> str:
    """Why these figures cannot be; empty when they can."""
    for figure, count in figures.items():
        if count < 0 and (item.is_card or figure is not Figure.REMAINING):
            return f"{item.value}: {figure} would be {count}"
    if figures[Figure.DESTROYED] > figures[Figure.SPOILED] + figures[Figure.RETAINED]:
        return f"{item.value}: more destroyed than spoiled and retained"
    return ""


def difference(book: Book, counted: int) -> int:
    """How many more (or fewer, below 0) were counted than the books have.

    What is set aside for an issuance of unknown outcome may lie in the machine, or not: both are right.
    """
    low = book[Figure.REMAINING]
    return counted - min(max(counted, low), low + book[Figure.RESERVED])


def shared(books: list[Book], counted: int) -> dict[str, int]:
    """One stack counted as a whole, as what it means for each batch in it, oldest batch first in `books`.

    The oldest is used first, so what is missing is taken to be the oldest's, and what is too many the newest's.
    """
    left, shares = counted, {book.batch: 0 for book in books}
    for book in reversed(books):
        shares[book.batch] = min(max(0, book[Figure.REMAINING]), left)
        left -= shares[book.batch]
    if books:
        shares[books[-1].batch] += left
    return shares


def loading(
    books: list[Book], item: Item, batch: str, count: int, before: int | None, after: int | None
) -> list[Handling]:
    """A loading: counted by hand, loaded, counted again.

    Args:
        books: Of this item, oldest first.
        before: What lay there, all batches together; None where it was not counted.
        after: What lies there now.

    Raises:
        StockError: Cards that were not counted.
    """
    if item.is_card and (before is None or after is None):
        raise StockError(f"{item.value}: cards are counted before and after they are loaded")
    done = [] if before is None else counting(books, item, before, batch)
    done.append(Handling(StockEvent.LOAD, item, batch, count))
    if after is not None:
        done += counting(_with(books, item, batch, count), item, after)
    return done


def counting(books: list[Book], item: Item, counted: int, batch: str = "") -> list[Handling]:
    """A count of the whole stack, as a count of each batch in it; of `batch` where there are no books yet."""
    shares = shared(books, counted) or {batch: counted}
    return [Handling(StockEvent.COUNT, item, batch, share) for batch, share in shares.items()]


def _with(books: list[Book], item: Item, batch: str, count: int) -> list[Book]:
    """The books as they are after a loading."""
    loaded = Change(item, batch, Figure.LOADED, Figure.REMAINING, count)
    known = [book.batch for book in books]
    more = [] if batch in known else [Book(item, batch, dict.fromkeys(Figure, 0))]
    return [
        Book(book.item, book.batch, applied(book.figures, loaded)) if book.batch == batch else book
        for book in [*books, *more]
    ]
