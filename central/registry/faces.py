"""The face decision: the best of the live templates against the reference, by the threshold of the model."""

import math
import struct
from collections.abc import Sequence


def pack(values: Sequence[float]) -> bytes:
    """A template as the store keeps it: float32, little-endian."""
    return struct.pack(f"<{len(values)}f", *values)


def unpack(data: bytes) -> tuple[float, ...]:
    """A template from the store."""
    return struct.unpack(f"<{len(data) // 4}f", data)


def best_distance(reference: Sequence[float], live: Sequence[Sequence[float]]) -> float:
    """Least Euclidean distance of the live templates to the reference.

    Raises:
        ValueError: A live template has another length than the reference, or there is none.
    """
    return min(math.dist(reference, template) for template in live)


def reaches(score: float, least: float) -> bool:
    """Whether a score that came as a 32-bit float reaches a limit: 0.7 arrives as 0.69999999 and does."""
    (rounded,) = unpack(pack([least]))
    return score >= rounded
