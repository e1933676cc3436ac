"""Cutting rows into training, validation and test, such that what belongs together stays together.

One algorithm: clusters of rows (connected by a shared group or by being duplicates) are put into an order, by time or
by a seeded shuffle that spreads every stratum, such as a label, evenly, and the order is cut at the ratio. Pure
functions over plain data.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from platform_core.sdk.errors import UsageError

SPLITS = ("train", "validation", "test")
_BIG = 0.5
"""A cluster with more than this part of the smallest split goes to the front, which is training."""


@dataclass(frozen=True)
class Ratio:
    """Parts of the rows for training, validation and test; they add up to one, and training is not zero."""

    train: float
    validation: float
    test: float

    @classmethod
    def parse(cls, text: str) -> Ratio:
        """Read ``80/10/10``; the parts are proportions, the last ones may be 0 or left out.

        Raises:
            UsageError: it is no ratio, or leaves nothing for training.
        """
        hint = "write it like 80/10/10: training/validation/test"
        try:
            parts = [float(part) for part in text.split("/")]
        except ValueError:
            raise UsageError(f"{text!r} is no split", where="--split", hint=hint) from None
        if not 1 <= len(parts) <= 3 or any(not math.isfinite(part) or part < 0 for part in parts) or parts[0] == 0:
            raise UsageError(f"{text!r} is no split", where="--split", hint=hint)
        parts += [0.0] * (3 - len(parts))
        total = sum(parts)
        return cls(*(part / total for part in parts))

    def without(self, *splits: str) -> Ratio:
        """Return the ratio with the named parts set to 0 and the others scaled up."""
        parts = [0.0 if name in splits else getattr(self, name) for name in SPLITS]
        return Ratio(*(part / sum(parts) for part in parts))

    def __str__(self) -> str:
        return "/".join(f"{100 * part:.4g}" for part in (self.train, self.validation, self.test))


def assign(
    clusters: Sequence[int],
    strata: Sequence[str],
    ratio: Ratio,
    *,
    seed: int = 0,
    times: Sequence[float] | None = None,
) -> list[str]:
    """Return the split of each row.

    Args:
        clusters: the cluster of each row; rows of one cluster share a split.
        strata: what each split should hold in proportion: the label of each row, or what stands for it.
        ratio: how much each split should get.
        seed: of the shuffle.
        times: the moment of each row; where given, the earliest clusters train and the latest test. A cluster counts
            by its latest row.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(clusters):
        members[number].append(row)
    groups = list(members.values())
    ordered = _by_time(groups, times) if times is not None else _spread(groups, strata, ratio, seed)
    splits = [""] * len(clusters)
    start = 0
    for name, end in zip(SPLITS, _cuts([len(group) for group in ordered], ratio), strict=True):
        for group in ordered[start:end]:
            for row in group:
                splits[row] = name
        start = end
    return splits


def _by_time(groups: list[list[int]], times: Sequence[float]) -> list[list[int]]:
    return sorted(groups, key=lambda group: (max(times[row] for row in group), group[0]))


def _spread(groups: list[list[int]], strata: Sequence[str], ratio: Ratio, seed: int) -> list[list[int]]:
    """Shuffle, then interleave the strata so that every stretch of the order has all of them in proportion."""
    rng = Random(seed)
    shuffled = rng.sample(groups, len(groups))
    smallest = min(part for part in (ratio.train, ratio.validation, ratio.test) if part > 0)
    limit = max(1.0, _BIG * smallest * len(strata))
    big = [group for group in shuffled if len(group) > limit]
    by_stratum: dict[str, list[list[int]]] = defaultdict(list)
    for group in shuffled:
        if len(group) <= limit:
            by_stratum[main_stratum(group, strata)].append(group)
    placed: list[tuple[float, list[int]]] = []
    for _, members in sorted(by_stratum.items()):
        ends = list(accumulate(len(group) for group in members))
        placed.extend(((end - len(group) / 2) / ends[-1], group) for group, end in zip(members, ends, strict=True))
    return big + [group for _, group in sorted(placed, key=lambda item: item[0])]


def main_stratum(group: Sequence[int], strata: Sequence[str]) -> str:
    """Return the stratum that most rows of the group are of."""
    if len(group) == 1:
        return strata[group[0]]
    counts = Counter(strata[row] for row in group)
    return min(counts, key=lambda stratum: (-counts[stratum], stratum))


def _cuts(sizes: list[int], ratio: Ratio) -> list[int]:
    """Return where each split ends in the order; a split that is wanted gets a cluster as long as there are enough."""
    total = sum(sizes)
    middles = [end - size / 2 for size, end in zip(sizes, accumulate(sizes), strict=True)]
    wanted = [part > 0 for part in (ratio.train, ratio.validation, ratio.test)]
    bounds = (ratio.train * total, (ratio.train + ratio.validation) * total)
    first, second = (sum(middle < bound for middle in middles) for bound in bounds)
    count = len(sizes)
    if not wanted[2]:
        second = count
    if not wanted[1]:
        first = second if wanted[2] else count
    needed_after = wanted[1] + wanted[2]
    first = max(1, min(first, count - needed_after))
    second = max(first + wanted[1], min(second, count - wanted[2]))
    if not wanted[1]:
        second = first
    return [first, min(second, count), count]
