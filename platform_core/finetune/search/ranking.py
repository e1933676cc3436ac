"""What trials are ranked by: the primary metric of the answers that people would get.

Rules of a solution may raise levels, see :mod:`platform_core.modeling.reviewing`. Where they do, a model is ranked with
them, after calibration, as final metrics are; else calibration changes little about an order, and is left out.
"""

from __future__ import annotations

import numpy as np
import torch

from platform_core.evaluation import fit_calibration
from platform_core.finetune.assessment import groups_of
from platform_core.finetune.learning import HeldOut, Learned, primary_score
from platform_core.finetune.material import Material, Rows, targets_of
from platform_core.finetune.search.desk import Desk
from platform_core.modeling.reviewing import Reviewer
from platform_core.sdk import OrdinalTarget, Solution


def value_on_validation(desk: Desk, material: Material, learned: Learned) -> float | None:
    """Return the primary metric on the validation split, or out of fold; ``None`` without either."""
    seen = _seen(desk, material, learned) if rules_count(material.solution) else None
    if seen is None:
        return learned.score
    return metric_of(material, _settled(material, seen, seen), seen.rows)


def value_on(desk: Desk, material: Material, learned: Learned, rows: Rows) -> float:
    """Return the primary metric on other rows; NaN where it is undefined, as an area under a curve of one class is."""
    if rules_count(material.solution):
        return metric_of(material, settled_scores(desk, material, learned, rows), rows)
    return metric_of(material, desk.scores(learned.artifact, material, rows), rows)


def settled_scores(desk: Desk, material: Material, learned: Learned, rows: Rows) -> np.ndarray:
    """Return the scores of other rows, calibrated on what was held back, and raised as rules want it."""
    found = HeldOut(rows, desk.scores(learned.artifact, material, rows))
    return _settled(material, found, _seen(desk, material, learned))


def metric_of(material: Material, scores: np.ndarray, rows: Rows) -> float:
    """Return the primary metric of the scores of labelled rows; NaN where it is undefined."""
    return primary_score(material, torch.from_numpy(scores), targets_of(rows))


def rules_count(solution: Solution) -> bool:
    """Tell whether rules may change answers: what epochs report, which is without rules, compares with no value."""
    return solution.review is not None and isinstance(solution.target, OrdinalTarget)


def _seen(desk: Desk, material: Material, learned: Learned) -> HeldOut | None:
    """Return what the model says of labelled rows that it did not learn from, where there are some."""
    if learned.held_out is not None:
        return learned.held_out
    rows = material.validation
    return HeldOut(rows, desk.scores(learned.artifact, material, rows)) if rows else None


def _settled(material: Material, found: HeldOut, seen: HeldOut | None) -> np.ndarray:
    """Return the scores that were found, calibrated by what was seen of other rows, and raised as rules want it."""
    record, scores = material.model.head, found.scores
    if seen is not None:
        calibration = fit_calibration(
            record.task,
            record.labels,
            targets_of(seen.rows),
            seen.scores,
            record.positive,
            groups=groups_of(seen.rows),
        )
        scores = calibration.apply(record.task, scores)
    reviewer = Reviewer.of(material.solution, record.labels)
    return reviewer.raised(scores, [reviewer.review(row.example) for row in found.rows]) if reviewer else scores
