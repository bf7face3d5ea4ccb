"""How often strangers match and people are refused: FMR, FNMR and EER with intervals clustered by person.

Pairs of one person are not independent, so intervals come from drawing people, not pairs (cluster bootstrap, after
Schuckers, "Computational Methods in Biometric Authentication", 2010, chapter 3). Where no error was seen, the upper
end says what one comparison for each pair of people could have excluded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.engine import Template

Floats = NDArray[np.float64]

DRAWS = 500
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Rate:
    """A share, 0 to 1, with its 95 % interval.

    Attributes:
        errors: Pairs on the wrong side.
        pairs: Pairs compared.
    """

    value: float
    low: float
    high: float
    errors: int
    pairs: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one set of pictures shows of one model set.

    Attributes:
        fmr: False matches at the shipped threshold.
        fnmr: False non-matches at the shipped threshold.
        fnmr_at_fmr: FNMR where FMR is `fmr_target`.
        threshold_at_fmr: That threshold.
        eer: Where both are equal.
    """

    people: int
    templates: int
    fmr: Rate
    fnmr: Rate
    fmr_target: float
    threshold_at_fmr: float
    fnmr_at_fmr: Rate
    eer: Rate


@dataclass(frozen=True, slots=True)
class Scores:
    """All comparisons of references with probes; equal indices are the same picture and are left out.

    Attributes:
        distances: One a pair.
        reference_person: Index of the reference's person, one a pair.
        probe_person: Index of the probe's person, one a pair.
        people: How many people.
    """

    distances: Floats
    reference_person: NDArray[np.int64]
    probe_person: NDArray[np.int64]
    people: int

    @property
    def genuine(self) -> NDArray[np.bool_]:
        """Which pairs are of one person."""
        return np.equal(self.reference_person, self.probe_person)


def compare_all(people: Sequence[str], references: Sequence[Template], probes: Sequence[Template]) -> Scores:
    """Compare every reference with every other picture's probe.

    Args:
        people: Whose picture it is, one a picture.
        references: Template of each picture as a reference.
        probes: Template of each picture as a probe; the same objects when nothing is degraded.

    Raises:
        ValueError: Fewer than two people, or nobody with two pictures.
    """
    names = sorted(set(people))
    index = np.array([names.index(person) for person in people])
    left, right = np.stack(references).astype(np.float64), np.stack(probes).astype(np.float64)
    distances = np.linalg.norm(left[:, None] - right[None], axis=2)
    one_way = references is probes
    rows, columns = np.nonzero(np.triu(np.ones_like(distances), 1) if one_way else 1 - np.eye(len(people)))
    scores = Scores(distances[rows, columns], index[rows], index[columns], len(names))
    if len(names) < 2 or not scores.genuine.any():
        raise ValueError("at least two people, and one of them with two pictures, are needed")
    return scores


def evaluate(scores: Scores, templates: int, threshold: float, fmr_target: float = 0.001) -> Evaluation:
    """All figures of one set of comparisons."""
    draws = _drawn_people(scores.people)
    ones = np.ones(len(scores.distances))
    genuine = scores.genuine
    at_fmr = _threshold_at(scores, ones, fmr_target)
    weights = [_pair_weights(scores, draw) for draw in draws]
    return Evaluation(
        people=scores.people,
        templates=templates,
        fmr=_rate(~genuine, scores.distances <= threshold, weights, scores.people),
        fnmr=_rate(genuine, scores.distances > threshold, weights, scores.people),
        fmr_target=fmr_target,
        threshold_at_fmr=at_fmr,
        fnmr_at_fmr=_rate_of(scores, weights, lambda w: _fnmr(scores, w, _threshold_at(scores, w, fmr_target)), at_fmr),
        eer=_rate_of(scores, weights, lambda w: _eer(scores, w), None),
    )


def _drawn_people(people: int) -> NDArray[np.int64]:
    """How often each person is drawn, one row a draw; always the same draws, so that figures repeat."""
    random = np.random.default_rng(20_000 + people)
    drawn = random.integers(0, people, (DRAWS, people))
    return np.stack([np.bincount(row, minlength=people) for row in drawn])


def _pair_weights(scores: Scores, draw: NDArray[np.int64]) -> Floats:
    one, other = draw[scores.reference_person], draw[scores.probe_person]
    return np.where(scores.genuine, one, one * other).astype(np.float64)


def _rate(kind: NDArray[np.bool_], wrong: NDArray[np.bool_], weights: Sequence[Floats], people: int) -> Rate:
    pairs, errors = int(kind.sum()), int((kind & wrong).sum())
    value = errors / pairs
    if errors == 0:
        independent = people * (people - 1) // 2
        return Rate(0.0, 0.0, 1.0 - (1.0 - CONFIDENCE) ** (1.0 / independent), 0, pairs)
    shares = [float((w * (kind & wrong)).sum() / total) for w in weights if (total := float((w * kind).sum())) > 0]
    low, high = np.quantile(shares, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Rate(value, float(low), float(high), errors, pairs)


def _rate_of(
    scores: Scores, weights: Sequence[Floats], figure: Callable[[Floats], float], threshold: float | None
) -> Rate:
    value = float(figure(np.ones(len(scores.distances))))
    drawn = [float(figure(w)) for w in weights if (w * scores.genuine).any() and (w * ~scores.genuine).any()]
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    pairs = int(scores.genuine.sum())
    errors = int((scores.distances[scores.genuine] > threshold).sum()) if threshold is not None else 0
    return Rate(value, float(low), float(high), errors, pairs)


def _threshold_at(scores: Scores, weights: Floats, fmr: float) -> float:
    """The largest threshold at which the weighted FMR does not exceed `fmr`."""
    impostor = ~scores.genuine
    order = np.argsort(scores.distances[impostor])
    distances, w = scores.distances[impostor][order], weights[impostor][order]
    share = np.cumsum(w) / w.sum()
    above = int(np.searchsorted(share, fmr, side="right"))
    return float(np.nextafter(distances[min(above, len(distances) - 1)], 0.0))


def _fnmr(scores: Scores, weights: Floats, threshold: float) -> float:
    w = weights * scores.genuine
    return float((w * (scores.distances > threshold)).sum() / w.sum())


def _eer(scores: Scores, weights: Floats) -> float:
    order = np.argsort(scores.distances)
    genuine = scores.genuine[order]
    accepted_genuine = np.cumsum(weights[order] * genuine) / (weights * scores.genuine).sum()
    accepted_impostor = np.cumsum(weights[order] * ~genuine) / (weights * ~scores.genuine).sum()
    fnmr = 1.0 - accepted_genuine
    at = int(np.argmin(np.abs(fnmr - accepted_impostor)))
    return float((fnmr[at] + accepted_impostor[at]) / 2)
