"""Synthetic attacks on the liveness check, and genuine turns: APCER and BPCER of a synthetic test.

What this does not show: real prints, screens, masks and people. A rendered sheet has no paper, a rendered head no
skin, and nobody here is trying to get through with money at stake. It is no test after ISO/IEC 30107-3.

Cases: flat, bordered, bent7, bent12, screen, frozen, looped, filmed, turning, genuine. `turning` is a recording of this
very person turning once to each side, filmed from a screen, in a loop. `turning-long`, where the person turns twice to
each side before the recording comes round again, is told apart because the check cannot stop it when it happens to turn
the asked way.

With `--faces DIR` also photo-flat, photo-bordered, photo-bent7, photo-bent12, photo-screen, photo-frozen, photo-looped
and photo-filmed: the same with photographs in place of rendered residents. Photographs cannot turn, so BPCER remains
that of the rendered residents.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from biometrics.geometry import Image
from kiosk.identity.liveness_rules import End
from simulator.camera.performance import IDLE, turn
from tests.proofs import Options, Proof
from tests.support.attacks import Sheet
from tests.support.faces import PEOPLE, engine, sample
from tests.support.photographs import photographs
from tests.support.subjects import (
    Subject,
    frozen,
    held_sheet,
    loop,
    outcome,
    recorded,
    recording,
    replayed,
    resident,
    screen,
)

MAX_APCER = 0.01
MAX_BPCER = 0.03
SHORT, LONG = 16, 320
# Of photographs, which come on top: half as many of each kind in the short form.
SHORT_PHOTOGRAPHS = 8
CLIP_FRAMES = 40

Attempt = Callable[[Random], Subject]
Presentation = Callable[[Image, Random], Subject]


def _sheet(border: float, radius_mm: float | None) -> Presentation:
    def make(picture: Image, random: Random) -> Subject:
        sheet = Sheet(picture, random.uniform(160, 230), border, radius_mm=radius_mm)
        return held_sheet(sheet, random, reach_deg=random.uniform(25, 55))

    return make


def _filmed(picture: Image, random: Random) -> Subject:
    """A film of somebody holding a photograph, who does not turn it."""
    return held_sheet(Sheet(picture, random.uniform(160, 230)), random, reach_deg=0.0)


def _turning(person: str, random: Random) -> Subject:
    poses = [*IDLE[:20], *turn(True, random), *IDLE[:20], *turn(False, random)]
    return recording(person, random, poses)


def _turning_long(person: str, random: Random) -> Subject:
    sides = random.sample((True, True, False, False), 4)
    poses = [pose for side in sides for pose in (*IDLE[: random.randint(12, 30)], *turn(side, random))]
    return recording(person, random, poses)


PRESENTATIONS: dict[str, Presentation] = {
    "flat": _sheet(0.0, None),
    "bordered": _sheet(0.05, None),
    "bent7": _sheet(0.0, 70.0),
    "bent12": _sheet(0.03, 120.0),
    "screen": screen,
}
FILMS: dict[str, Callable[[str, Random], Subject]] = {
    "frozen": frozen,
    "looped": lambda person, random: loop(person, random, list(IDLE), fresh_noise=False),
    "filmed": lambda person, random: loop(person, random, list(IDLE), fresh_noise=True),
    "turning": _turning,
}
OF_PHOTOGRAPHS: dict[str, Presentation] = PRESENTATIONS | {
    "frozen": lambda picture, random: replayed(recorded(_filmed(picture, random), 1), random),
    "looped": lambda picture, random: replayed(recorded(_filmed(picture, random), CLIP_FRAMES), random),
    "filmed": _filmed,
}
KNOWN_LIMIT = "turning-long"


def run(options: Options) -> Proof:
    """Try every kind; `--long` tries enough of each to say something about one in a hundred."""
    count = LONG if options.long else SHORT
    tried = failed = 0
    details = ["synthetic: rendered residents, rendered sheets; says nothing of real attacks or people"]
    for kind in (*PRESENTATIONS, *FILMS, "genuine", KNOWN_LIMIT):
        if options.only and kind not in options.only:
            continue
        passed = _passed(kind, [_by_resident(kind, number) for number in range(count)])
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
    if options.faces is not None:
        try:
            of_photographs = _of_photographs(options.faces, options)
        except ValueError as error:
            return Proof(tried + 1, failed + 1, (*details, str(error)))
        tried, failed = tried + of_photographs.tried, failed + of_photographs.failed
        details += of_photographs.details
    return Proof(tried, failed, tuple(details))


def _of_photographs(folder: Path, options: Options) -> Proof:
    """The same attacks with photographs.

    Raises:
        ValueError: The folder has none that could be used.
    """
    found = photographs(engine(), folder)
    count = max(LONG, len(found.prints)) if options.long else SHORT_PHOTOGRAPHS
    tried = failed = 0
    details = [
        f"photographs: {len(found.prints)} of {found.people} people, {found.left_out} left out (no frontal face); "
        "real faces on rendered sheets and screens; no real print or screen, and no BPCER: photographs do not turn"
    ]
    for kind, make in OF_PHOTOGRAPHS.items():
        name = f"photo-{kind}"
        if options.only and name not in options.only:
            continue
        passed = _passed(name, list(_by_photograph(found.prints, make, count)))
        tried += count
        failed += passed if passed / count > MAX_APCER else 0
        details.append(f"{name}: APCER {_share(passed, count)}, at most {MAX_APCER:.0%}")
    return Proof(tried, failed, tuple(details))


def _by_resident(kind: str, number: int) -> Attempt:
    person = PEOPLE[number % len(PEOPLE)]
    if kind in PRESENTATIONS:
        return lambda random: PRESENTATIONS[kind](sample(person), random)
    make = resident if kind == "genuine" else FILMS.get(kind, _turning_long)
    return lambda random: make(person, random)


def _by_photograph(prints: tuple[Image, ...], make: Presentation, count: int) -> Iterator[Attempt]:
    for number in range(count):
        picture = prints[number % len(prints)]
        yield lambda random, picture=picture: make(picture, random)  # type: ignore[misc]


def _passed(kind: str, attempts: list[Attempt]) -> int:
    """How many of the attempts the check accepts; always the same attempts."""
    passed = 0
    for number, attempt in enumerate(attempts):
        random = Random(f"{kind} {number}")
        end, _ = outcome(engine(), attempt(random), random)
        passed += end is End.PASSED
    return passed


def _share(errors: int, count: int) -> str:
    """A share with its 95 % interval (Wilson)."""
    z = 1.96
    share = errors / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return f"{share:.1%} [{max(0.0, middle - half):.1%} .. {min(1.0, middle + half):.1%}] ({errors} of {count})"
