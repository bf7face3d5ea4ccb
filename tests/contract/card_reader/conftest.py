"""The production driver over a real pcscd with simulated chips; a process has one at a time."""

from collections.abc import Iterator
from typing import Any

import pytest

from drivers.card_reader.pcsc import PcscCardReader
from drivers.deadline import Deadline
from tests.support.card_bench import LONG_S, CardBench, Opener


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardBench]:
    bench = CardBench(tmp_path_factory.mktemp("card_reader"))
    yield bench
    bench.close()


@pytest.fixture
def open_reader(bench: CardBench) -> Iterator[Opener]:
    """Opens drivers; at the end the reader is cleared and they are closed."""
    readers: list[PcscCardReader] = []

    def opener(**changes: Any) -> PcscCardReader:
        readers.append(bench.opened(**{"transmit_timeout_s": 1.0, **changes}))
        return readers[-1]

    yield opener
    bench.clear()
    for reader in readers:
        reader.wait_for_removal(Deadline.after(LONG_S))
        reader.close()


@pytest.fixture
def reader(open_reader: Opener) -> PcscCardReader:
    return open_reader()
