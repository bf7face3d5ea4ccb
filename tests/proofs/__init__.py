"""Proofs: a property tried over and over.

One module a proof, each with `run(options) -> Proof`; `./adm prove NAME` runs it.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked for.

    Attributes:
        long: Try for as long as it takes, not just for a look.
        only: Cases to try; empty for all. Each proof says what its cases are called.
        faces: Photographs for proofs that can use them; each says what of them it takes. Nothing of them is kept.
        jobs: Machines side by side, for proofs of whole machines.
    """

    long: bool = False
    only: tuple[str, ...] = ()
    faces: Path | None = None
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of it.

    Attributes:
        tried: How many cases.
        failed: How many of them broke the property.
        details: A line each for what is worth telling: every failure, and counts by kind.
    """

    tried: int
    failed: int
    details: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the property stood; a proof that tried nothing proves nothing."""
        return self.tried > 0 and self.failed == 0
