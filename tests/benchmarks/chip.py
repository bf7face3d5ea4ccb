"""Reading the e-KTP chip: how near to the air's own speed, how soon noticed, and whether anything grows.

Over a real pcscd and the simulated card, whose air time is computed and spent (`simulator.chip.air`). The reference
of a read is the floor: the same commands and bytes on the air and in the chip, and nothing else.
"""

import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import psutil

from drivers.card_reader.pcsc import PcscCardReader
from drivers.card_reader.port import Assurance
from drivers.deadline import Deadline
from simulator.chip.air import BIT_RATES_KBIT_S
from tests.benchmarks.harness import Options, Row, measured
from tests.support.card_bench import LONG_S, CardBench, read

READS = 9
PLACINGS = 12
MANY_READS = 2000
WARM_READS = 200

READ_TARGET_S = {424: 1.5}
OVERHEAD_TARGET = 1.15
# "Flat" is less than a page a read would be by far: pools settle, nothing accumulates.
RSS_TARGET_KB = 2048
KILO = 1024


def rows(options: Options) -> list[Row]:
    """All figures of the chip."""
    with tempfile.TemporaryDirectory(prefix="adm-chip-") as folder:
        bench = CardBench(Path(folder))
        try:
            with closing(bench.opened()) as reader:
                found = [*_speeds(bench, reader), _detection(bench, reader)]
                found += _growth(bench, reader)
            return found
        finally:
            bench.close()


def _speeds(bench: CardBench, reader: PcscCardReader) -> list[Row]:
    found = []
    bench.put(reader)
    _read_verified(reader)
    for kbit_s in BIT_RATES_KBIT_S:
        bench.run(bench.virtual.set_air(kbit_s))
        takes, floors = [], []
        for _ in range(READS):
            bench.run(bench.virtual.counters(reset=True))
            began_s = time.perf_counter()
            _read_verified(reader)
            takes.append(time.perf_counter() - began_s)
            floors.append(bench.run(bench.virtual.counters())["air_s"])
        floor_s = sorted(floors)[len(floors) // 2]
        target_s = READ_TARGET_S.get(kbit_s)
        found.append(measured(f"chip.read_{kbit_s}_s", "s", takes, target=target_s, reference=floor_s))
        if kbit_s == 424:
            ratios = [take / floor for take, floor in zip(takes, floors, strict=True)]
            found.append(measured("chip.overhead_ratio", "", ratios, target=OVERHEAD_TARGET))
    bench.run(bench.virtual.set_air(None))
    bench.clear()
    assert reader.wait_for_removal(Deadline.after(LONG_S))
    return found


def _detection(bench: CardBench, reader: PcscCardReader) -> Row:
    """From the card's touching the reader to its first APDU; pcscd itself looks every 400 ms."""
    samples = []
    for _ in range(PLACINGS):
        reading = threading.Thread(target=_wait_and_read, args=(reader,))
        reading.start()
        bench.act("put", resident="hamid")
        reading.join(LONG_S)
        counters = bench.run(bench.virtual.counters())
        samples.append((counters["first_apdu_at_s"] - counters["inserted_at_s"]) * 1000)
        bench.clear()
        assert reader.wait_for_removal(Deadline.after(LONG_S))
    return measured("chip.detect_ms", "ms", samples)


def _wait_and_read(reader: PcscCardReader) -> None:
    if reader.wait_for_card(Deadline.after(LONG_S)):
        _read_verified(reader)


def _growth(bench: CardBench, reader: PcscCardReader) -> list[Row]:
    bench.put(reader)
    for _ in range(WARM_READS):
        _read_verified(reader)
    before = _held()
    for _ in range(MANY_READS):
        _read_verified(reader)
    after = _held()
    note = f"over {MANY_READS} reads, after {WARM_READS} to warm up"
    return [
        Row(
            "chip.rss_growth_kb", (after[0] - before[0]) / KILO, "kB", target=RSS_TARGET_KB, runs=MANY_READS, note=note
        ),
        Row(
            "chip.handles_growth",
            after[1] - before[1],
            "",
            target=0,
            runs=MANY_READS,
            note=f"{note}; files and threads",
        ),
    ]


def _held() -> tuple[int, int]:
    """Resident bytes; open files and threads."""
    process = psutil.Process()
    return process.memory_info().rss, process.num_fds() + process.num_threads()


def _read_verified(reader: PcscCardReader) -> None:
    assert read(reader).assurance is Assurance.SAM_VERIFIED
