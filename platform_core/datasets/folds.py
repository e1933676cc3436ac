"""Folds for cross-validation. What belongs together, by duplication or by group, is never torn apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import accumulate
from random import Random

from platform_core.datasets.duplicates import cluster
from platform_core.datasets.likeness import duplicates_of, group_links
from platform_core.datasets.moments import moments_of
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.splitting import main_stratum
from platform_core.datasets.targets import strata_of
from platform_core.sdk import UsageError

HOW = ("stratified", "grouped", "time")
"""The ways to cut folds."""


FIRST = -1
"""The fold of rows that are only ever learned from: the oldest ones, by time."""


def make_folds(examples: Sequence[LabeledExample], k: int, *, seed: int, how: str = "stratified") -> list[int]:
    """Return the fold of each row, 0 to ``k`` - 1.

    Args:
        examples: the rows.
        k: how many folds.
        seed: of the shuffle.
        how: ``stratified``: each fold holds all labels in proportion, of numbers all deciles; ``grouped``: the same,
            but there must be groups; ``time``: folds are stretches of time, so that each can be tried with what was
            learned from all before it; an oldest stretch besides is in fold :data:`FIRST`.

    Raises:
        UsageError: ``how`` is unknown, ``k`` is less than 2, the rows that may be separated are too few, or they have
            no groups or moments.
        DataError: a moment cannot be read.
    """
    if how not in HOW:
        raise UsageError(f"there is no way {how!r} to cut folds", where="--cv", hint=f"one of {', '.join(HOW)}")
    if k < 2:
        raise UsageError(f"{k} folds are too few", where="--cv", hint="two at least")
    if how == "grouped" and all(row.group is None for row in examples):
        raise UsageError("the rows have no groups", where="--cv", hint="import the data with --group COLUMN")
    if how == "time" and any(row.time is None for row in examples):
        raise UsageError("the rows have no moments", where="--cv", hint="import the data with --time COLUMN")
    found = duplicates_of(examples)
    members: dict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(cluster(len(examples), [*found.exact, *found.near, *group_links(examples)])):
        members[number].append(row)
    clusters = list(members.values())
    parts = k + (how == "time")
    if len(clusters) < parts:
        raise UsageError(
            f"{len(examples):,} rows, {len(clusters):,} of which may be separated, are too few for {k} folds",
            where="--cv",
            hint="choose fewer folds",
        )
    if how == "time":
        return _by_time(clusters, moments_of(examples, "time"), parts)
    return _spread(clusters, strata_of([row.target for row in examples]), k, seed)


def _by_time(clusters: Sequence[list[int]], moments: Sequence[float], parts: int) -> list[int]:
    """Cut the clusters, each at its latest row, into ``parts`` stretches of about equal size."""
    ordered = sorted(clusters, key=lambda rows: (max(moments[row] for row in rows), rows[0]))
    ends = accumulate(len(rows) for rows in ordered)
    folds = [FIRST] * len(moments)
    fold = 0
    for place, (rows, end) in enumerate(zip(ordered, ends, strict=True)):
        wanted = int((end - len(rows) / 2) * parts / len(moments))
        # No fold is skipped, and the last ones get a cluster each.
        fold = max(fold, min(wanted, fold + 1 if place else 0), parts - (len(ordered) - place))
        for row in rows:
            folds[row] = fold + FIRST
    return folds


def _spread(clusters: Sequence[list[int]], strata: Sequence[str], k: int, seed: int) -> list[int]:
    """Deal out the clusters, large ones first, each to the fold that has least of its stratum."""
    shuffled = Random(seed).sample(list(clusters), len(clusters))
    held: list[Counter[str]] = [Counter() for _ in range(k)]
    sizes = [0] * k
    folds = [0] * len(strata)
    for rows in sorted(shuffled, key=len, reverse=True):
        stratum = main_stratum(rows, strata)
        fold = min(range(k), key=lambda number: (held[number][stratum], sizes[number], number))
        held[fold].update(strata[row] for row in rows)
        sizes[fold] += len(rows)
        for row in rows:
            folds[row] = fold
    return folds
