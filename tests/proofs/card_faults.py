"""Every named fault at every step of a card: no blank unaccounted for, no card printed twice, no print retried.

The kiosk's own issuing of cards with its journal and books, over both production drivers, the virtual printer and its
encoder on a real pcscd; only the registry is scripted. Cases are `fault`, `fault:step` or `step`, with the steps feed,
encode, print, present. A fault strikes in the middle of its step where it can, else just before it. In the end a
technician mends the machine, looks, and settles what the machine could not tell: every blank is then issued, spoiled,
retained or remaining, in the books as in the machine. The long form runs every printer model.
"""

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from drivers.card_printer.profiles import Profile
from kiosk.issuance.journal import read, verify
from simulator.card_printer.card import Spot
from simulator.card_printer.faults import Fault, Step
from simulator.card_printer.mechanism import HOPPER_CARDS
from tests.proofs import Options, Proof
from tests.support.card_issuing import BLANKS, IssuingBench
from tests.support.encoder_bench import EncoderBench

ISSUED, SPOILED, RETAINED, REMAINING = "issued", "spoiled", "retained", "remaining"

PANELS = 5
_MOVES = (Step.FEED, Step.PRINT, Step.PRESENT)
IN_THE_MIDDLE = (
    {(Fault.FEEDER_JAM, Step.FEED), (Fault.HEAD_HOT, Step.PRINT), (Fault.RIBBON_OUT, Step.PRINT)}
    | {(fault, step) for fault in (Fault.MECHANICAL, Fault.COVER_OPENED, Fault.POWER_LOST) for step in _MOVES}
    | {(fault, step) for fault in (Fault.MUTE, Fault.GARBLED, Fault.NACK, Fault.UNPLUGGED) for step in _MOVES}
)

_ANY = dict.fromkeys(Step, ISSUED)
EXPECTED: dict[Fault, dict[Step, str]] = {
    Fault.FEEDER_EMPTY: _ANY | {Step.FEED: REMAINING},
    Fault.FEEDER_JAM: _ANY | {Step.FEED: SPOILED},
    Fault.MECHANICAL: dict.fromkeys(Step, SPOILED),
    Fault.RIBBON_OUT: dict.fromkeys(Step, SPOILED) | {Step.FEED: REMAINING, Step.PRESENT: ISSUED},
    Fault.COVER_OPENED: dict.fromkeys(Step, SPOILED),
    Fault.HEAD_HOT: dict.fromkeys(Step, SPOILED) | {Step.PRESENT: ISSUED},
    Fault.POWER_LOST: dict.fromkeys(Step, SPOILED),
    # The card came out although nobody heard of it: it is the resident's.
    Fault.GARBLED: dict.fromkeys(Step, SPOILED) | {Step.PRESENT: ISSUED},
    Fault.MUTE: dict.fromkeys(Step, SPOILED) | {Step.PRESENT: ISSUED},
    Fault.UNPLUGGED: dict.fromkeys(Step, SPOILED) | {Step.PRESENT: ISSUED},
    # The printer refuses to hand it out: it is printed, and goes to the reject box.
    Fault.NACK: dict.fromkeys(Step, SPOILED) | {Step.FEED: REMAINING, Step.PRESENT: RETAINED},
    Fault.REJECT_FULL: _ANY | {Step.FEED: REMAINING},
    # Muteness stays, so the second blank goes the way of the first.
    Fault.ENCODER_MUTE: _ANY | {Step.FEED: SPOILED, Step.ENCODE: SPOILED},
    # The second blank is good.
    Fault.BLANK_DEFECTIVE: _ANY,
}
"""What becomes of the card that was to be issued."""
OUT_AT_ONCE = EXPECTED | {
    # These models eject as part of the print: a card whose end nobody heard of is out, and whole.
    fault: EXPECTED[fault] | {Step.PRINT: ISSUED, Step.PRESENT: ISSUED}
    for fault in (Fault.GARBLED, Fault.MUTE, Fault.UNPLUGGED)
}
OUT_AT_ONCE[Fault.NACK] = EXPECTED[Fault.NACK] | {Step.PRESENT: ISSUED}


@dataclass
class Ledger:
    """What was tried and what came of it."""

    tried: int = 0
    unaccounted: int = 0
    twice: int = 0
    wrong: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)


def run(options: Options) -> Proof:
    """Try them all."""
    only = {name for word in options.only for name in word.split(",")}
    cases = [(fault, step) for fault in EXPECTED for step in Step if _wanted(fault, step, only)]
    if not cases:
        return Proof(1, 1, (f"no such case; faults are {', '.join(EXPECTED)}",))
    ledger = Ledger()
    with tempfile.TemporaryDirectory(prefix="adm-card-faults-") as folder:
        for model in ("KC200B", "Primacy", "Dualys") if options.long else ("KC200B",):
            bench = EncoderBench(Path(folder) / model, model)
            try:
                for number, (fault, step) in enumerate(cases):
                    own = Path(folder) / f"{model}-{number}"
                    own.mkdir()
                    asyncio.run(_case(bench, own, ledger, fault, step))
            finally:
                bench.close()
    ends = ", ".join(f"{end} {count}" for end, count in sorted(ledger.ends.items()))
    summary = f"{ends}; blanks unaccounted for {ledger.unaccounted}; cards printed twice {ledger.twice}"
    return Proof(ledger.tried, len(ledger.wrong), (*ledger.wrong, summary))


def _wanted(fault: Fault, step: Step, only: set[str]) -> bool:
    return not only or bool(only & {fault.value, step.value, f"{fault}:{step}"})


async def _case(bench: EncoderBench, folder: Path, ledger: Ledger, fault: Fault, step: Step) -> None:
    mechanism = bench.virtual.mechanism
    prints, ended = mechanism.prints_begun, bench.virtual.printer.commands.count("Se")
    issuing = IssuingBench(folder, bench)
    await issuing.start()
    try:
        if (fault, step) in IN_THE_MIDDLE:
            bench.fault(fault, step)
        else:
            issuing.strike(fault, step)
        await issuing.make()
        await issuing.settle_by_looking()
        problems = [f"left open: {len(left)}"] if (left := await issuing.open_ones()) else []
        book = await issuing.book()
    finally:
        await issuing.stop()
    end = next((name for name in (ISSUED, RETAINED, SPOILED) if book[name]), REMAINING)
    expected = _expected(bench.virtual.model.profile, fault, step)
    if end != expected:
        problems.append(f"ended {end}, expected {expected}")
    problems += verify(read(issuing.path))
    cards = issuing.cards()
    out = [card for card in cards if card.spot in (Spot.EXIT, Spot.TAKEN)]
    kept = [card for card in cards if card not in out]
    in_books = (book["issued"], book["spoiled"] + book["retained"], BLANKS - book["remaining"], book["reserved"])
    in_the_machine = (len(out), len(kept), len(cards), 0)
    loaded = len(cards) if fault is Fault.FEEDER_EMPTY else HOPPER_CARDS - mechanism.hopper
    if in_books != in_the_machine or loaded != len(cards):
        ledger.unaccounted += 1
        problems.append(f"books {in_books}, machine {in_the_machine}, {mechanism.hopper} in the hopper")
    printed = [card for card in cards if all(len(side) == PANELS for side in card.printed.values())]
    if mechanism.prints_begun - prints > 1 or len(printed) > 1 or any(card.overprinted for card in cards):
        ledger.twice += 1
        problems.append("printed twice")
    if end == ISSUED and out != printed:
        problems.append("handed out and not whole")
    if bench.virtual.printer.commands.count("Se") - ended > 2:
        problems.append("a print or an ejection was sent again")
    ledger.tried += 1
    ledger.ends[end] += 1
    if problems:
        ledger.wrong.append(f"{bench.virtual.model.name} {fault} at {step}: {'; '.join(problems)}")
    _tidy(bench)


def _expected(profile: Profile, fault: Fault, step: Step) -> str:
    if fault is Fault.REJECT_FULL and not profile.reject_sensor:
        # It cannot tell that the box is full, and a card that comes out right needs none.
        return ISSUED
    return (EXPECTED if profile.keeps_card else OUT_AT_ONCE)[fault][step]


def _tidy(bench: EncoderBench) -> None:
    """As new for the next case."""
    bench.fault(None)
    for action in ("clear", "empty_reject", "load_blanks", "load_ribbon", "plug_in"):
        bench.act(action)
    if bench.virtual.mechanism.in_exit is not None:
        bench.act("take_card")
