"""Operating points: the threshold on a probability that serves a goal best on validation data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from platform_core.evaluation.abstention import between
from platform_core.evaluation.arrays import Bools, Floats, ratio
from platform_core.evaluation.goals import Goal, GoalKind
from platform_core.evaluation.metrics.ranking import Ranking

_FEW_POSITIVES = 20
_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """A threshold, and what it does on the examples that it was chosen or measured on.

    Attributes:
        threshold: least score that is an alert.
        recall: share of the positives that is found; ``None`` without positives.
        precision: share of the alerts that is right; ``None`` without alerts.
        fpr: share of the negatives that is alerted; ``None`` without negatives.
        alert_rate: share of all examples that is alerted.
        feasible: whether a threshold serves the goal on these examples.
        note: what the user should know; empty where all is well.
    """

    threshold: float
    recall: float | None
    precision: float | None
    fpr: float | None
    alert_rate: float
    feasible: bool = True
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the same as JSON types."""
        return asdict(self)


class _Steps(NamedTuple):
    """Counts after none, one, two, … distinct scores became alerts, [g + 1], and the totals."""

    hits: Floats
    alerts: Floats
    positives: float
    rows: float

    @property
    def misses(self) -> Floats:
        return self.alerts - self.hits


def choose_threshold(goal: Goal, positives: Bools, scores: Floats) -> OperatingPoint:
    """Choose the threshold that serves the goal best; it stands midway between two scores.

    * ``recall``: the highest threshold that finds enough, so that the fewest examples are alerted.
    * ``precision``: the threshold with the greatest recall of those whose alerts are right often enough; where none is,
      that of the greatest precision.
    * ``fbeta``, ``cost``: the best value; of several, the one with the fewest alerts.
    * ``alerts``: the lowest threshold that alerts few enough.

    Args:
        goal: what to choose for.
        positives: the truth of validation examples, [n].
        scores: their calibrated probabilities, [n].
    """
    ranking = Ranking(positives, scores)
    hits, alerts = ranking.cumulate()
    steps = _Steps(np.r_[0.0, hits], np.r_[0.0, alerts], float(hits[-1]), float(alerts[-1]))
    if steps.positives or goal.kind == "alerts":
        step, shortfall = _CHOOSERS[goal.kind](goal, steps)
    else:
        step, shortfall = 0, "there is no positive example to choose by: nothing is alerted"
    few = f"chosen by {steps.positives:.0f} positive examples only: the next data may tell another story"
    note = shortfall or (few if steps.positives < _FEW_POSITIVES else "")
    return _point(_threshold(ranking.distinct, step), steps, step, feasible=not shortfall, note=note)


def measure_threshold(threshold: float, positives: Bools, alerted: Bools) -> OperatingPoint:
    """Return what a threshold did on examples.

    Args:
        threshold: least score that is an alert.
        positives: the truth, [n].
        alerted: which examples were alerted, [n].
    """
    hits, alerts = np.array([float((alerted & positives).sum())]), np.array([float(alerted.sum())])
    return _point(threshold, _Steps(hits, alerts, float(positives.sum()), float(len(positives))), 0)


def _for_recall(goal: Goal, steps: _Steps) -> tuple[int, str]:
    return int(np.argmax(steps.hits >= goal.value * steps.positives - _SLACK)), ""


def _for_precision(goal: Goal, steps: _Steps) -> tuple[int, str]:
    enough = (steps.hits >= goal.value * steps.alerts - _SLACK) & (steps.hits > 0)
    if enough.any():
        return int(np.argmax(np.where(enough, steps.hits, -1.0))), ""
    precision = ratio(steps.hits[1:], steps.alerts[1:])
    best = int(np.argmax(precision)) + 1
    reached, recall = precision[best - 1], steps.hits[best] / steps.positives
    return (
        best,
        f"a precision of {goal.value:g} is out of reach: the most is {reached:.2f}, with a recall of {recall:.2f}",
    )


def _for_fbeta(goal: Goal, steps: _Steps) -> tuple[int, str]:
    squared = goal.value**2
    return int(np.argmax((1 + squared) * steps.hits / (squared * steps.positives + steps.alerts))), ""


def _for_cost(goal: Goal, steps: _Steps) -> tuple[int, str]:
    assert goal.costs is not None
    missed = steps.positives - steps.hits
    return int(np.argmin(goal.costs.fp * steps.misses + goal.costs.fn * missed)), ""


def _for_alerts(goal: Goal, steps: _Steps) -> tuple[int, str]:
    step = int(np.flatnonzero(steps.alerts <= goal.value * steps.rows + _SLACK)[-1])
    if step:
        return step, ""
    return 0, f"nothing is alerted: the highest score alone makes {steps.alerts[1] / steps.rows:.2%} of the examples"


_CHOOSERS: Mapping[GoalKind, Callable[[Goal, _Steps], tuple[int, str]]] = {
    "recall": _for_recall,
    "precision": _for_precision,
    "fbeta": _for_fbeta,
    "cost": _for_cost,
    "alerts": _for_alerts,
}


def _threshold(distinct: Floats, step: int) -> float:
    """Return a threshold that the first ``step`` of the ``distinct`` scores, highest first, reach, and no other."""
    if step == 0:
        return between(distinct[0], max(1.0, float(np.nextafter(distinct[0], np.inf))))
    if step == len(distinct):
        return min(0.0, float(distinct[-1]))
    return between(distinct[step], distinct[step - 1])


def _point(threshold: float, steps: _Steps, step: int, *, feasible: bool = True, note: str = "") -> OperatingPoint:
    hits, alerts = float(steps.hits[step]), float(steps.alerts[step])
    negatives = steps.rows - steps.positives
    return OperatingPoint(
        threshold=threshold,
        recall=hits / steps.positives if steps.positives else None,
        precision=hits / alerts if alerts else None,
        fpr=(alerts - hits) / negatives if negatives else None,
        alert_rate=alerts / steps.rows,
        feasible=feasible,
        note=note,
    )
