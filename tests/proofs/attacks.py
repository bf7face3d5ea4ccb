"""Synthetic attacks on the liveness check, and genuine turns: APCER and BPCER of a synthetic test.

What this does not show: real prints, screens, masks and people. A rendered sheet has no paper, a rendered head no
skin, and nobody here is trying to get through with money at stake. It is no test after ISO/IEC 30107-3.

Cases: flat, bordered, bent7, bent12, screen, frozen, looped, filmed, genuine; and turning, which is told apart because
the check cannot stop it: a recording of this very person turning, filmed from a screen, that happens to turn the
asked way.
"""

import math
from collections.abc import Callable
from random import Random

from kiosk.identity.liveness_rules import End
from simulator.camera.performance import IDLE, turn
from tests.proofs import Options, Proof
from tests.support.attacks import Sheet
from tests.support.faces import PEOPLE, engine, sample
from tests.support.subjects import Subject, frozen, held_sheet, loop, outcome, resident, screen

MAX_APCER = 0.01
MAX_BPCER = 0.03
SHORT, LONG = 16, 320


def _sheet(border: float, radius_mm: float | None) -> Callable[[str, Random], Subject]:
    def make(person: str, random: Random) -> Subject:
        sheet = Sheet(sample(person), random.uniform(160, 230), border, radius_mm=radius_mm)
        return held_sheet(sheet, random, reach_deg=random.uniform(25, 55))

    return make


def _turning(person: str, random: Random) -> Subject:
    recorded = [*IDLE[:20], *turn(True, random), *IDLE[:20], *turn(False, random)]
    return loop(person, random, recorded, fresh_noise=True)


ATTACKS: dict[str, Callable[[str, Random], Subject]] = {
    "flat": _sheet(0.0, None),
    "bordered": _sheet(0.05, None),
    "bent7": _sheet(0.0, 70.0),
    "bent12": _sheet(0.03, 120.0),
    "screen": lambda person, random: screen(sample(person), random),
    "frozen": frozen,
    "looped": lambda person, random: loop(person, random, list(IDLE), fresh_noise=False),
    "filmed": lambda person, random: loop(person, random, list(IDLE), fresh_noise=True),
}
KNOWN_LIMIT = "turning"


def run(options: Options) -> Proof:
    """Try every kind; `--long` tries enough of each to say something about one in a hundred."""
    count = LONG if options.long else SHORT
    tried = failed = 0
    details = ["synthetic: rendered residents, rendered sheets; says nothing of real attacks or people"]
    for kind in (*ATTACKS, "genuine", KNOWN_LIMIT):
        if options.only and kind not in options.only:
            continue
        passed = _passed(kind, count)
        if kind == KNOWN_LIMIT:
            details.append(f"{kind}: {_share(passed, count)} accepted; known limit, not counted")
            continue
        tried += count
        if kind == "genuine":
            refused = count - passed
            failed += refused if refused / count > MAX_BPCER else 0
            details.append(f"genuine: BPCER {_share(refused, count)}, at most {MAX_BPCER:.0%}")
        else:
            failed += passed if passed / count > MAX_APCER else 0
            details.append(f"{kind}: APCER {_share(passed, count)}, at most {MAX_APCER:.0%}")
    return Proof(tried, failed, tuple(details))


def _passed(kind: str, count: int) -> int:
    """How many of the attempts the check accepts; always the same attempts."""
    passed = 0
    for number in range(count):
        random = Random(f"{kind} {number}")
        person = PEOPLE[number % len(PEOPLE)]
        make = resident if kind == "genuine" else ATTACKS.get(kind, _turning)
        end, _ = outcome(engine(), make(person, random), random)
        passed += end is End.PASSED
    return passed


def _share(errors: int, count: int) -> str:
    """A share with its 95 % interval (Wilson)."""
    z = 1.96
    share = errors / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return f"{share:.1%} [{max(0.0, middle - half):.1%} .. {min(1.0, middle + half):.1%}] ({errors} of {count})"
