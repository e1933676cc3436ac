"""Two models on parts of the same examples: is the second one worse anywhere, by more than chance explains?

What counts is the loss of each answer. Were both models equally good on a part, then swapping their answers to any of
its examples, or to any group of examples, would change nothing: the p-value is the share of random swaps after which
the second is worse by as much (a one-sided sign-flip test; exact where all differences are equally great). As many
parts are looked at, the p-values are judged together, by Holm's method.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from platform_core.evaluation.answers import Answers
from platform_core.evaluation.arrays import Floats
from platform_core.evaluation.estimating import FEW_UNITS, number_groups
from platform_core.evaluation.slices import MISSING, MOST_VALUES

_FLIPS = 10_000
_CHUNK = 1_000


@dataclass(frozen=True, kw_only=True)
class PairedSlice:
    """Two models on the examples of one value of a field.

    Attributes:
        field, value: of which examples.
        n: how many.
        a, b: mean losses of the models.
        p_value: chance that the second were worse by as much if they were equally good.
        worse: whether the second is, judged beside all other slices.
    """

    field: str
    value: str
    n: int
    a: float
    b: float
    p_value: float
    worse: bool = False


def losses_of(answers: Answers) -> Floats:
    """Return how wrong each answer is, [n].

    Of a class it is 0 or 1, of a level the distance in levels, of a set of labels the share of labels that are wrong,
    of a number the distance.
    """
    match answers.task:
        case "ordinal" | "regression":
            return np.abs(answers.predictions.astype(np.float64) - answers.targets)
        case "multilabel":
            return np.asarray((answers.predictions != answers.targets).mean(-1))
        case _:
            return (~answers.right).astype(np.float64)


def compare_slices(
    losses_a: Floats,
    losses_b: Floats,
    slices: Mapping[str, Sequence[str | None]],
    groups: Sequence[str | None] | None = None,
    *,
    significance: float = 0.05,
    fewest: int = FEW_UNITS,
    seed: int = 0,
) -> list[PairedSlice]:
    """Compare two models on the examples of each value of each field; rare values are left out.

    Args:
        losses_a: of the first model, [n].
        losses_b: of the second one, of the same examples.
        slices: by field, the value of each example; the most frequent ones are looked at.
        groups: of each example, where examples of one group are alike.
        significance: chance that any slice is called worse where none is.
        fewest: examples, or groups of them, that a slice has at least.
        seed: of the swaps.
    """
    numbered = number_groups(groups)
    units = np.arange(len(losses_a)) if numbered is None else numbered
    found = []
    for field, values in slices.items():
        named = np.array([MISSING if value is None else value for value in values], dtype=object)
        for value, n in sorted(Counter(named).items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]:
            rows = np.flatnonzero(named == value)
            if len(np.unique(units[rows])) < fewest:
                continue
            a, b = losses_a[rows], losses_b[rows]
            p_value = chance_of_worse(_summed(b - a, units[rows]), seed)
            found.append(
                PairedSlice(field=field, value=value, n=n, a=float(a.mean()), b=float(b.mean()), p_value=p_value)
            )
    return _judged(found, significance)


def chance_of_worse(differences: Floats, seed: int = 0) -> float:
    """Return how likely a sum as great as that of ``differences`` is, were each as likely to be turned around.

    Args:
        differences: loss of the second model less that of the first, of independent units.
        seed: of the random turns.
    """
    telling = differences[differences != 0]
    if not len(telling):
        return 1.0
    if np.ptp(np.abs(telling)) == 0:
        from scipy.stats import binomtest

        worse = int(np.count_nonzero(telling > 0))
        return float(binomtest(worse, len(telling), alternative="greater").pvalue)
    random = np.random.default_rng(seed)
    least = telling.sum() - 1e-9 * np.abs(telling).sum()
    as_great = 0
    for _ in range(0, _FLIPS, _CHUNK):
        signs = random.integers(2, size=(_CHUNK, len(telling)), dtype=np.int8) * 2 - 1
        as_great += int(np.count_nonzero(signs @ telling >= least))
    return (as_great + 1) / (_FLIPS + 1)


def _summed(differences: Floats, units: np.ndarray) -> Floats:
    _, numbers = np.unique(units, return_inverse=True)
    return np.bincount(numbers, weights=differences).astype(np.float64)


def _judged(slices: Sequence[PairedSlice], significance: float) -> list[PairedSlice]:
    """Return the slices, those marked of which Holm's method says that the second model is worse there."""
    order = sorted(range(len(slices)), key=lambda index: slices[index].p_value)
    worse: set[int] = set()
    for tried, index in enumerate(order):
        if slices[index].p_value > significance / (len(slices) - tried):
            break
        worse.add(index)
    return [replace(part, worse=index in worse) for index, part in enumerate(slices)]
