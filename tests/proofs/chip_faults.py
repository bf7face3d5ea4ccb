"""Every named fault at every APDU of the read ends as a person at the counter may expect, and never with old data.

Over a real pcscd. Cases are the faults' names (`vanish`, `swap`, ...). The short form takes some points of the read;
the long one all of them, both card types, and the read without a SAM as well.
"""

import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from drivers.card_reader.pcsc import PcscCardReader
from drivers.card_reader.port import CardNotAuthentic, CardRemoved, CardUnreadable, ChipReading, NotAnEktp, SamFault
from drivers.deadline import Deadline
from drivers.errors import DeviceFault, DriverError
from simulator.chip import contents
from simulator.chip.faults import AT_AN_EXCHANGE, SLOW_S, Fault
from simulator.chip.residents import CardHolder, card_holders
from tests.proofs import Options, Proof
from tests.support.card_bench import LONG_S, SAMPLES, CardBench

READ_S = 4.0
MARGIN_S = 2.0
TRANSMIT_S = 0.5
SHORT_STEP = 7
FOREIGN = ("bank", "passport", "transit")

SUCCESS, AGAIN, NO_EKTP, OFFICER, READER = "read", "place again", "not an e-KTP", "see the officer", "out of order"

# What each fault may end in; a fault behind the last exchange ends in a reading.
EXPECTED = {
    Fault.VANISH: {AGAIN},
    Fault.SWAP: {AGAIN, SUCCESS},
    Fault.MUTE: {READER},
    Fault.SLOW: {AGAIN, SUCCESS},
    Fault.WRONG_STATUS: {AGAIN},
    Fault.SHORT_ANSWER: {AGAIN},
    Fault.LONG_ANSWER: {AGAIN},
    # A turned bit may look like another card, another application or a forgery; it must never pass unseen.
    Fault.GARBLED_ANSWER: {AGAIN, NO_EKTP, OFFICER, SUCCESS},
    Fault.BAD_ATR: {AGAIN},
    Fault.CLONED: {OFFICER},
    Fault.KEYLESS: {OFFICER},
    Fault.SAM_MISSING: {SUCCESS},
    Fault.SAM_LOCKED: {OFFICER},
    Fault.SAM_WRONG_SECRET: {OFFICER},
    Fault.SAM_MUTE: {READER},
}


@dataclass
class Ledger:
    """What was tried and what came of it."""

    tried: int = 0
    stale: int = 0
    hung: int = 0
    wrong: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)


def run(options: Options) -> Proof:
    """Try them all."""
    only = {name for word in options.only for name in word.split(",")}
    if unknown := only - {*EXPECTED, "foreign"}:
        return Proof(1, 1, (f"no fault {', '.join(sorted(unknown))}; there are {', '.join(EXPECTED)}, foreign",))
    ledger = Ledger()
    with tempfile.TemporaryDirectory(prefix="adm-chip-faults-") as folder:
        bench = CardBench(Path(folder))
        try:
            residents = ("hamid", "karto") if options.long else ("hamid",)
            for resident, sam in itertools.product(residents, (True, False) if options.long else (True,)):
                _tour(bench, ledger, resident, sam=sam, long=options.long, only=only)
            if not only or "foreign" in only:
                with closing(bench.opened()) as reader:
                    _foreign_cards(bench, reader, ledger)
        finally:
            bench.close()
    details = [f"{name}: {count}" for name, count in sorted(ledger.ends.items())]
    details += [f"stale data seen: {ledger.stale}", f"hung: {ledger.hung}", *ledger.wrong]
    return Proof(ledger.tried, ledger.stale + ledger.hung + len(ledger.wrong), tuple(details))


def _tour(bench: CardBench, ledger: Ledger, resident: str, *, sam: bool, long: bool, only: set[str]) -> None:
    """Every fault at its points, with one card, with or without a SAM."""
    if not sam:
        bench.act("remove_sam")
    with closing(bench.opened()) as reader:
        lengths = _exchanges(bench, reader, resident)
    for fault in EXPECTED:
        of_the_sam = fault.value.startswith("sam_") or fault in (Fault.CLONED, Fault.KEYLESS)
        if (only and fault not in only) or (of_the_sam and not sam):
            continue
        # A slow card shall be told from one that hangs; all others wait no longer than they must.
        limit_s = 2 * SLOW_S if fault is Fault.SLOW else TRANSMIT_S
        with closing(bench.opened(transmit_timeout_s=limit_s)) as reader:
            for at in _points(fault, lengths, long):
                _try(bench, reader, ledger, resident, fault, at, sam=sam)
    if not sam:
        bench.act("insert_sam")


def _points(fault: Fault, lengths: tuple[int, int], long: bool) -> Iterator[int]:
    if fault not in AT_AN_EXCHANGE and fault is not Fault.SAM_MUTE:
        yield 0
        return
    card, sam = lengths
    yield from range(0, sam if fault is Fault.SAM_MUTE else card, 1 if long else SHORT_STEP)


def _exchanges(bench: CardBench, reader: PcscCardReader, resident: str) -> tuple[int, int]:
    """How many APDUs the card gets in one whole read, and how many the SAM, its opening among them."""
    bench.put(reader, resident)
    for of_the_sam in (False, True):
        bench.run(bench.virtual.counters(reset=True, of_the_sam=of_the_sam))
    reader.read(Deadline.after(LONG_S), lambda done: None)
    card, sam = (bench.run(bench.virtual.counters(of_the_sam=one))["exchanges"] for one in (False, True))
    bench.clear()
    return int(card), int(sam)


def _try(
    bench: CardBench, reader: PcscCardReader, ledger: Ledger, resident: str, fault: Fault, at: int, *, sam: bool
) -> None:
    """One fault at one point: put the card, read, and see how it ends and whose data it was."""
    name = f"{fault} at {at}, {resident}, {'with' if sam else 'without'} SAM"
    bench.run(bench.virtual.set_fault_at(fault, at))
    bench.put(reader, resident)
    end, reading = _read(reader, ledger, name)
    # The card that took the swapped one's place is a healthy one.
    second = _read(reader, ledger, name) if fault is Fault.SWAP else None
    bench.clear()
    if not reader.wait_for_removal(Deadline.after(LONG_S)):
        ledger.wrong.append(f"{name}: the removal was not noticed")
    ledger.tried += 1
    ledger.ends[f"{fault}: {end}"] += 1
    if end not in EXPECTED[fault]:
        ledger.wrong.append(f"{name}: ended in {end!r}")
    holders = card_holders(SAMPLES)
    names = list(holders)
    following = names[(names.index(resident) + 1) % len(names)]
    # A swap may be read as either card, never as a mixture; after it only the second one lies there.
    both = {resident, following} if fault is Fault.SWAP else {resident}
    for found, allowed in ((reading, both), (second[1] if second else None, {following})):
        # Without a SAM nothing can tell a turned bit in a photo; such a reading says that it is unverified.
        photo_too = sam or fault is not Fault.GARBLED_ANSWER
        if found is not None and not any(is_of(found, holders[one], photo_too=photo_too) for one in allowed):
            ledger.stale += 1
            ledger.wrong.append(f"{name}: somebody else's data")


def _foreign_cards(bench: CardBench, reader: PcscCardReader, ledger: Ledger) -> None:
    for kind in FOREIGN:
        bench.act("put_foreign", kind=kind)
        reader.wait_for_card(Deadline.after(LONG_S))
        end, _ = _read(reader, ledger, kind)
        bench.clear()
        reader.wait_for_removal(Deadline.after(LONG_S))
        ledger.tried += 1
        ledger.ends[f"{kind}: {end}"] += 1
        if end != NO_EKTP:
            ledger.wrong.append(f"{kind}: ended in {end!r}")


def _read(reader: PcscCardReader, ledger: Ledger, name: str) -> tuple[str, ChipReading | None]:
    began_s = time.monotonic()
    reading: ChipReading | None = None
    try:
        reading = reader.read(Deadline.after(READ_S), lambda done: None)
        end = SUCCESS
    except (CardRemoved, CardUnreadable):
        end = AGAIN
    except NotAnEktp:
        end = NO_EKTP
    except (CardNotAuthentic, SamFault):
        end = OFFICER
    except DeviceFault:
        end = READER
    except DriverError as error:
        end = type(error).__name__
    if time.monotonic() - began_s > READ_S + MARGIN_S:
        ledger.hung += 1
        ledger.wrong.append(f"{name}: over the deadline")
    return end, reading


def is_of(reading: ChipReading, holder: CardHolder, *, photo_too: bool) -> bool:
    """Whether all of a reading is this person's."""
    if reading.uid != holder.uid:
        return False
    if photo_too and reading.photo != contents.photo(holder):
        return False
    return reading.biodata is None or (reading.biodata.nik, reading.biodata.name) == (holder.nik, holder.name)
