"""Cross-validation: what a recipe reaches on rows that its training did not see, fold by fold.

The folds are made of the training and the validation split; the test split stays untouched. Of the rest of a fold, a
part about as large as the validation split is held back, where there is one: it picks the best epoch and the
calibration, as it does in an ordinary run. So nothing about a held-out row steers what its fold learns. A method that
was chosen by trying (``--minutes``) was chosen on the validation split, whose rows are among those that are held out.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from platform_core.datasets.folds import FIRST, make_folds
from platform_core.finetune.assessment import judge
from platform_core.finetune.material import Material, Rows
from platform_core.finetune.search.desk import Desk
from platform_core.finetune.search.ranking import metric_of, settled_scores, value_on
from platform_core.finetune.search.schemas import CrossValidated, FoldKind
from platform_core.sdk import BadInput, Method, Recipe, TrainingFailed, UsageError

_HOW: Mapping[FoldKind, str] = {"stratified": "stratified", "group": "grouped", "time": "time"}


@dataclass(frozen=True)
class Fold:
    """One fold: rows to learn from, rows that pick the best epoch, and rows that are measured."""

    training: Rows
    validation: Rows
    held_out: Rows


def fold_kind(material: Material, asked: FoldKind | None) -> FoldKind:
    """Return how rows become folds: as asked, else by time or in groups where the data was imported so."""
    rows = material.training + material.validation
    if asked is not None:
        return asked
    if all(row.time is not None for row in rows):
        return "time"
    return "group" if any(row.group is not None for row in rows) else "stratified"


def make_plan(material: Material, folds: int, by: FoldKind) -> list[Fold]:
    """Return the folds of the training and validation split, the same for the same seed.

    With ``time``, the rows are cut into one stretch more than there are folds: each fold is measured on a stretch, and
    learns from all that lie before it; what is held back is the newest of them.

    Raises:
        BadInput: fewer than two folds; or the rows are too few for so many, or without groups or moments.
    """
    if folds < 2:
        raise UsageError("cross-validation needs two folds at least", where="--cv", hint="five are usual: --cv 5")
    rows = material.training + material.validation
    share = len(material.validation) / len(rows)
    # Each fold is made of pieces, so that one piece of the others can be what is held back.
    least = 2 if share and (by == "time" or folds == 2) else 1
    pieces = max(least, round(1 / (share * folds))) if share else 1
    stretches = folds + 1 if by == "time" else folds
    places, pieces = _cut(rows, stretches, pieces, least, material.spec.seed, by)
    plan = []
    for start in range((stretches - folds) * pieces, stretches * pieces, pieces):
        held_out = range(start, start + pieces)
        rest = set(range(start if by == "time" else stretches * pieces)) - set(held_out)
        back = {start - 1 if by == "time" else held_out.stop % (stretches * pieces)} if share else set()
        parts = (rest - back, back, held_out)
        plan.append(Fold(*([row for row, place in zip(rows, places, strict=True) if place in p] for p in parts)))
    return plan


def fold_values(
    desk: Desk, method: Method, recipe: Recipe, plan: list[Fold], *, stop: Callable[[], bool]
) -> Iterator[tuple[int, float]]:
    """Learn fold after fold; yield its number, from 1, and the primary metric on its held-out rows, where it has one.

    Raises:
        Interrupted: ``stop`` said so, or the desk's own.
        TrainingFailed: a fold cannot be learned.
    """
    for number, fold in enumerate(plan, start=1):
        material = desk.material(method, recipe, fold.training, fold.validation)
        learned = desk.learn(material, stop=stop)
        value = value_on(desk, material, learned, fold.held_out)
        if not math.isnan(value):
            yield number, value


def cross_validate(desk: Desk, method: Method, recipe: Recipe, folds: int, by: FoldKind | None) -> CrossValidated:
    """Measure a recipe on all rows of the training and validation split, each held out once (with ``time``: the later).

    Scores are calibrated fold by fold, as those of an ordinary run are; the answers are the most probable ones.

    Raises:
        BadInput: the folds cannot be made, see :func:`make_plan`.
        Interrupted: a stop was requested.
        TrainingFailed: a fold cannot be learned, or the primary metric is undefined on all of them.
    """
    kind = fold_kind(desk.base, by)
    plan = make_plan(desk.base, folds, kind)
    desk.warm_up(desk.material(method, recipe))
    values, scores, rows = [], [], []
    desk.progress.stage("cross-validation", len(plan))
    for fold in plan:
        material = desk.material(method, recipe, fold.training, fold.validation)
        found = settled_scores(desk, material, desk.learn(material), fold.held_out)
        values.append(metric_of(material, found, fold.held_out))
        scores.append(found)
        rows += fold.held_out
        desk.progress.advance(1, **{desk.metric: values[-1]})
    defined = [value for value in values if not math.isnan(value)]
    if not defined:
        raise TrainingFailed(f"{desk.metric} is undefined on every fold", hint="use fewer folds")
    base = desk.base
    pooled = judge(base.model, base.solution, rows, np.concatenate(scores), seed=base.spec.seed)
    return CrossValidated(
        folds=len(plan),
        by=kind,
        metric=desk.metric,
        values=tuple(defined),
        mean=statistics.fmean(defined),
        sd=statistics.stdev(defined) if len(defined) > 1 else 0.0,
        n=len(rows),
        metrics=dict(pooled.metrics),
        intervals=dict(pooled.intervals),
    )


def _cut(rows: Rows, stretches: int, pieces: int, least: int, seed: int, by: FoldKind) -> tuple[list[int], int]:
    """Return the piece of each row, from 0, and how many make a stretch: fewer, down to ``least``, of few rows."""
    while True:
        try:
            if by == "time":
                numbers = make_folds(rows, stretches * pieces - 1, seed=seed, how="time")
                return [number - FIRST for number in numbers], pieces
            return make_folds(rows, stretches * pieces, seed=seed, how=_HOW[by]), pieces
        except BadInput:
            if pieces <= least:
                raise
        pieces -= 1
