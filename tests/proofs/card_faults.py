"""Every named fault at every step of a card: no blank unaccounted for, no card printed twice, no print retried.

Over the virtual printer, its encoder on a real pcscd, and both production drivers. Cases are `fault`, `fault:step` or
`step`, with the steps feed, encode, print, present. A fault strikes in the middle of its step where it can, else just
before it. What the proof does with a port's errors is what its documentation says; in the end a technician mends the
machine and looks, and every blank is issued, spoiled or remaining. The long form runs every printer model.
"""

import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from drivers.card_printer.encoder import PcscEncoder
from drivers.card_printer.evolis import EvolisPrinter
from drivers.card_printer.personalise import BlankDefective
from drivers.card_printer.port import JobState, Place
from drivers.errors import DeadlineExceeded, DeviceFault, DriverError, NotFound, OutcomeUnknown
from kiosk.issuance.cards.limits import History, Limits, judge
from simulator.card_printer.card import Spot
from simulator.card_printer.faults import Fault, Step
from simulator.card_printer.mechanism import HOPPER_CARDS
from tests.proofs import Options, Proof
from tests.support.card_printer_bench import pattern_side, soon
from tests.support.encoder_bench import FILES, EncoderBench

ANSWER_S = 1.5
BLANKS_TRIED = 2
FRONT, BACK = pattern_side(1), pattern_side(2)
ISSUED, SPOILED, REMAINING = "issued", "spoiled", "remaining"

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
    Fault.NACK: dict.fromkeys(Step, SPOILED) | {Step.FEED: REMAINING},
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


class Stopped(Exception):
    """The card is not issued; the blank is settled later."""


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
                with closing(bench.encoder(transmit_timeout_s=1.0)) as encoder, closing(bench.driver()) as printer:
                    for fault, step in cases:
                        _case(bench, printer, encoder, ledger, fault, step)
            finally:
                bench.close()
    ends = ", ".join(f"{end} {count}" for end, count in sorted(ledger.ends.items()))
    summary = f"{ends}; blanks unaccounted for {ledger.unaccounted}; cards printed twice {ledger.twice}"
    return Proof(ledger.tried, len(ledger.wrong), (*ledger.wrong, summary))


def _wanted(fault: Fault, step: Step, only: set[str]) -> bool:
    return not only or bool(only & {fault.value, step.value, f"{fault}:{step}"})


def _case(
    bench: EncoderBench, printer: EvolisPrinter, encoder: PcscEncoder, ledger: Ledger, fault: Fault, step: Step
) -> None:
    mechanism = bench.virtual.mechanism
    before, prints = len(mechanism.cards), mechanism.prints_begun
    ended = bench.virtual.printer.commands.count("Se")
    expected = (EXPECTED if bench.virtual.model.profile.keeps_card else OUT_AT_ONCE)[fault][step]
    if fault is Fault.REJECT_FULL and not bench.virtual.model.profile.reject_sensor:
        expected = ISSUED
    end = _Issue(bench, printer, encoder, fault, step).run()
    cards = mechanism.cards[before:]
    printed = [card for card in cards if all(len(side) == 5 for side in card.printed.values())]
    out = [card for card in cards if card.spot in (Spot.EXIT, Spot.TAKEN)]
    kept = [card for card in cards if card.spot in (Spot.REJECT, Spot.REMOVED)]
    problems = []
    if end != expected:
        problems.append(f"ended {end}, expected {expected}")
    accounted = len(out) + len(kept) == len(cards) and len(out) == (end == ISSUED)
    loaded = len(cards) if fault is Fault.FEEDER_EMPTY else HOPPER_CARDS - mechanism.hopper
    if not accounted or (end == REMAINING and cards) or loaded != len(cards):
        ledger.unaccounted += 1
        problems.append(f"out {len(out)}, kept {len(kept)} of {len(cards)}, {mechanism.hopper} in the hopper")
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


class _Issue:
    """One card, as issuance is to do it with the two ports."""

    def __init__(
        self, bench: EncoderBench, printer: EvolisPrinter, encoder: PcscEncoder, fault: Fault, step: Step
    ) -> None:
        self._bench = bench
        self._printer = printer
        self._encoder = encoder
        self._fault = fault
        self._step = step
        self._before = len(bench.virtual.mechanism.cards)
        self._out = False

    def run(self) -> str:
        """How it ended, after a technician has mended what there is to mend."""
        if (self._fault, self._step) in IN_THE_MIDDLE:
            self._bench.fault(self._fault, self._step)
        try:
            self._begins(Step.FEED)
            status = self._printer.status(soon(ANSWER_S))
            if not judge(Limits(), History(), status, datetime.now(UTC), UTC).open:
                return self._settled()
            self._encoded()
            self._print()
            self._present()
        except (Stopped, DriverError):
            return self._settled()
        return ISSUED

    def _begins(self, step: Step) -> None:
        """A fault that does not strike in the middle of this step strikes now."""
        if step is self._step and (self._fault, step) not in IN_THE_MIDDLE:
            self._bench.run(self._bench.virtual.strike_now(self._fault))

    def _encoded(self) -> None:
        for blank in range(1, BLANKS_TRIED + 1):
            self._printer.move(Place.CONTACTLESS, soon())
            if blank == 1:
                self._begins(Step.ENCODE)
            try:
                self._encoder.encode(FILES, soon(ANSWER_S), lambda done: None)
                return
            except (BlankDefective, DeadlineExceeded, NotFound):
                self._printer.move(Place.REJECT, soon())
        raise Stopped

    def _print(self) -> None:
        self._begins(Step.PRINT)
        job = self._printer.print(FRONT, BACK, soon())
        try:
            ended = self._printer.wait(job, soon(ANSWER_S))
        except (DeviceFault, DeadlineExceeded, OutcomeUnknown) as error:
            # Known or not: it is never printed again. What the printer can still tell is for the record.
            assert self._printer.recall(job, soon(ANSWER_S)) in JobState
            raise Stopped from error
        self._out = ended.at is Place.EXIT

    def _present(self) -> None:
        self._begins(Step.PRESENT)
        if not self._out:
            self._printer.move(Place.EXIT, soon(ANSWER_S))

    def _settled(self) -> str:
        """The machine is mended, nothing taken out but what sticks; then the printer says where the card is."""
        bench, mechanism = self._bench, self._bench.virtual.mechanism
        bench.fault(None)
        if mechanism.jammed:
            bench.act("clear")
        self._printer.reset(soon())
        status = self._printer.status(soon())
        if status.card_at is Place.EXIT or (mechanism.in_exit is not None and status.presented is None):
            # A model without a sensor there: the technician sees it.
            return ISSUED
        if status.card_at is not None:
            self._printer.move(Place.REJECT, soon())
        return SPOILED if mechanism.cards[self._before :] else REMAINING


def _tidy(bench: EncoderBench) -> None:
    """As new for the next case."""
    bench.fault(None)
    for action in ("clear", "empty_reject", "load_blanks", "load_ribbon", "plug_in"):
        bench.act(action)
    if bench.virtual.mechanism.in_exit is not None:
        bench.act("take_card")
