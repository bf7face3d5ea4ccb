"""Whoever puts cards on a reader: the bench's own hand, or a person who reads what to do on the terminal.

On a real reader: `./adm test -n 0 -s -m hardware tests/contract/card_reader`, ADM_CONFIG naming its kiosk.toml
and any e-KTP at hand. What the card holds is neither shown nor kept.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drivers.card_reader.pcsc import PcscCardReader, Settings, create
from drivers.deadline import Deadline
from kiosk.config import load
from tests.support.card_bench import LONG_S, CardBench

PERSON_S = 120.0


class Hand(ABC):
    """Puts the same e-KTP on the reader, takes it away, and opens drivers on it."""

    within_s = LONG_S

    @abstractmethod
    def opened(self) -> PcscCardReader:
        """A driver, opened; the caller closes it."""

    @abstractmethod
    def put(self) -> None:
        """Have the card put there."""

    @abstractmethod
    def take(self) -> None:
        """Have it taken away."""

    @abstractmethod
    @contextmanager
    def pulling(self, reader: PcscCardReader) -> Iterator[None]:
        """The card is there, and is taken away in the middle of the read in the block."""


class BenchHand(Hand):
    """On the virtual reader."""

    def __init__(self, bench: CardBench) -> None:
        self._bench = bench

    def opened(self) -> PcscCardReader:
        return self._bench.opened()

    def put(self) -> None:
        self._bench.act("put", resident="nur")

    def take(self) -> None:
        self._bench.act("take")

    @contextmanager
    def pulling(self, reader: PcscCardReader) -> Iterator[None]:
        self._bench.run(self._bench.virtual.set_fault_at("vanish", 25))
        self._bench.put(reader, "nur")
        yield
        self._bench.clear()


class Person(Hand):
    """At the machine."""

    within_s = PERSON_S

    def __init__(self, config: Path) -> None:
        settings = load(config).driver_settings("card_reader")
        assert isinstance(settings, Settings), "this machine's card reader has another driver"
        self._settings = settings

    def opened(self) -> PcscCardReader:
        reader = create(self._settings)
        reader.open(Deadline.after(LONG_S))
        return reader

    def put(self) -> None:
        print("\nLetakkan KTP-el di pembaca. / Put an e-KTP on the reader.", flush=True)

    def take(self) -> None:
        print("\nAmbil kartunya. / Take the card.", flush=True)

    @contextmanager
    def pulling(self, reader: PcscCardReader) -> Iterator[None]:
        print("\nLetakkan KTP-el, lalu segera ambil lagi. / Put an e-KTP there and take it away at once.", flush=True)
        assert reader.wait_for_card(Deadline.after(PERSON_S))
        yield
