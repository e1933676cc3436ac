"""Weights of rare classes: for metrics by which every class counts the same, the most probable class is not the answer.

Balanced accuracy is greatest where a class is chosen by its probability / share: a hit in a rare class counts for more.
The choice that is best by macro-F1 lies between that and the most probable class. So the answer is the class with the
greatest probability / share**a, and a is chosen on validation data (post-hoc logit adjustment; Menon et al., 2021,
"Long-Tail Learning via Logit Adjustment").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from platform_core.evaluation.answers import Answers
from platform_core.evaluation.arrays import Floats, Indices
from platform_core.evaluation.decisions import decide
from platform_core.evaluation.intervals import Resampler
from platform_core.evaluation.measures import draws_of, values_of
from platform_core.sdk.decisions import Decision

REWARDED = ("macro_f1", "balanced_accuracy")
"""Metrics by which every class counts the same."""

RARITIES = (0.25, 0.5, 0.75, 1.0)
SURE = 0.8
"""Share of resamples of the validation data on which weights must do better than none."""

_RESAMPLES = 1000


@dataclass(frozen=True)
class Weighting:
    """Weights of rare classes, and what they gain on the examples that they were chosen on.

    Attributes:
        rarity: the exponent a, above 0.
        shares: label → its share of the examples; one example is added to each label, so that none is 0.
        metric: what it was chosen by.
        plain: its value where the most probable class is the answer.
        weighted: its value with the weights.
        surely: share of resamples of the examples on which the weights do better.
    """

    rarity: float
    shares: Mapping[str, float]
    metric: str
    plain: float
    weighted: float
    surely: float


def choose_weighting(metric: str, answers: Answers, groups: Indices | None) -> Weighting | None:
    """Return the weights that are best by ``metric`` of those that do better than none, beyond chance.

    Args:
        metric: what the answers are judged by.
        answers: those to validation examples.
        groups: number of the group of each example, [n]; ``None`` where every example stands for itself.

    Returns:
        Of equally good weights the lowest; ``None`` where the answers are not one of several classes, the metric does
        not count every class the same, or no weights do better on 80 % of resamples.
    """
    if answers.task != "multiclass" or metric not in REWARDED:
        return None
    shares = _shares(answers)
    plain, usual = _measured(metric, answers, groups)
    best: Weighting | None = None
    for rarity in RARITIES:
        decision = Decision(rarity=rarity, shares=shares)
        predictions = decide(answers.task, answers.labels, answers.scores, decision)
        value, draws = _measured(metric, replace(answers, predictions=predictions), groups)
        surely = float(np.mean(draws > usual))
        if surely >= SURE and value > (plain if best is None else best.weighted):
            best = Weighting(rarity, shares, metric, plain, value, surely)
    return best


def _shares(answers: Answers) -> dict[str, float]:
    counts = np.bincount(answers.targets.astype(np.intp), minlength=len(answers.labels)) + 1
    return dict(zip(answers.labels, (counts / counts.sum()).tolist(), strict=True))


def _measured(metric: str, answers: Answers, groups: Indices | None) -> tuple[float, Floats]:
    """Return the metric on the answers, and on each of the same resamples of them."""
    draws = draws_of([metric], answers, Resampler(len(answers), groups, seed=0), _RESAMPLES)
    return values_of([metric], answers)[metric], draws[metric]
