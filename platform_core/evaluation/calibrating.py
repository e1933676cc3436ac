"""Calibration: from a model's scores to probabilities that can be taken at their word.

The least change that helps is chosen on validation data: none, a temperature (Guo et al., 2017, "On Calibration of
Modern Neural Networks"), or, of two classes, a rising step function (isotonic regression; Zadrozny & Elkan, 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

from platform_core.evaluation.answers import Answers, read_answers
from platform_core.evaluation.arrays import Floats, Indices
from platform_core.evaluation.estimating import number_groups
from platform_core.sdk.decisions import Decision
from platform_core.sdk.targets import TargetValue, Task

_LOG_RANGE = (-2.0, 3.0)
_FEWEST = 20
_FEWEST_OF_EACH = 50
_FOLDS = 5
_LEAST = 1e-12


class Calibration(BaseModel):
    """How raw scores become calibrated ones."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    method: Literal["none", "temperature", "isotonic"] = "none"
    temperature: float = Field(
        1.0, gt=0, description="Log-probabilities, or the logits of independent labels, are divided by it."
    )
    column: int = Field(1, ge=0, le=1, description="Column of the positive label, for `isotonic`.")
    x: tuple[float, ...] = Field((), description="Scores of the positive label where the isotonic function bends.")
    y: tuple[float, ...] = Field((), description="Its values there.")

    def apply(self, task: Task, scores: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return calibrated scores, of the shape and precision of ``scores``; numbers stay as they are.

        Args:
            task: the kind of answer.
            scores: raw scores, [n, k].
        """
        if task == "regression" or self.method == "none":
            return scores
        exact = np.asarray(scores, np.float64)
        if self.method == "temperature":
            return _tempered(task, exact, self.temperature).astype(scores.dtype)
        positive = np.interp(exact[:, self.column], self.x, self.y)
        columns = (1 - positive, positive) if self.column else (positive, 1 - positive)
        return np.stack(columns, axis=-1).astype(scores.dtype)


def fit_calibration(
    task: Task,
    labels: Sequence[str],
    targets: Sequence[TargetValue],
    scores: ArrayLike,
    positive: str | None = None,
    groups: Sequence[str | None] | None = None,
) -> Calibration:
    """Choose and fit a calibration on held-out examples, by the log loss of five-fold cross-validation.

    A step function takes away part of the order of the scores: it must be better by more than a standard error, and is
    tried from 50 examples of each class on. Under 20 examples tell nothing. No group is torn apart by the folds: what
    was fitted on some of its rows would be praised for knowing the others.

    Args:
        task: the kind of answer.
        labels: in the order of the columns of ``scores``.
        targets: the true answer of each example.
        scores: raw scores, [n, k].
        positive: of two classes, the one that is looked for; the last if omitted.
        groups: group of each example; ``None`` where an example has none.

    Raises:
        DataError, TrainingFailed: see :func:`platform_core.evaluation.evaluate`.
    """
    if task == "regression" or len(targets) < _FEWEST:
        return Calibration()
    answers = read_answers(task, labels, targets, scores, positive=positive, decision=Decision())
    units = _units(len(answers), groups)
    if units.max() + 1 < _FOLDS:
        return Calibration()
    folds = _folds(answers, units)
    plain = _log_losses(answers, Calibration())
    tempered = _held_out_losses(answers, folds, "temperature")
    best, losses = ("temperature", tempered) if tempered.mean() < plain.mean() else ("none", plain)
    if task == "binary" and _fewest_of_a_class(answers, units) >= _FEWEST_OF_EACH:
        gains = np.bincount(units, losses - _held_out_losses(answers, folds, "isotonic"))
        if gains.mean() > gains.std() / len(gains) ** 0.5:
            best = "isotonic"
    return _fit(answers, best)


def fit_temperature(answers: Answers) -> float:
    """Return the temperature of the least log loss; above 1 softens, below 1 sharpens."""
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        calibration = Calibration(method="temperature", temperature=float(np.exp(log_temperature)))
        return float(_log_losses(answers, calibration).mean())

    return float(np.exp(minimize_scalar(loss, bounds=_LOG_RANGE, method="bounded").x))


def _fit(answers: Answers, method: str) -> Calibration:
    match method:
        case "temperature":
            return Calibration(method="temperature", temperature=fit_temperature(answers))
        case "isotonic":
            return _fit_isotonic(answers)
        case _:
            return Calibration()


def _fit_isotonic(answers: Answers) -> Calibration:
    from sklearn.isotonic import IsotonicRegression

    assert answers.positive is not None
    rising = IsotonicRegression().fit(answers.scores[:, answers.positive], answers.targets == answers.positive)
    # No finite number of examples shows that something is impossible.
    least = 1 / (len(answers) + 2)
    x, y = rising.X_thresholds_, rising.y_thresholds_.clip(least, 1 - least)
    return Calibration(method="isotonic", column=answers.positive, x=tuple(x.tolist()), y=tuple(y.tolist()))


def _held_out_losses(answers: Answers, folds: Indices, method: str) -> Floats:
    """Return the log loss of each example under a calibration that was fitted without its fold, [n]."""
    losses = np.empty(len(answers))
    for fold in range(_FOLDS):
        inside = folds == fold
        calibration = _fit(answers.take(np.flatnonzero(~inside)), method)
        losses[inside] = _log_losses(answers.take(np.flatnonzero(inside)), calibration)
    return losses


def _units(rows: int, groups: Sequence[str | None] | None) -> Indices:
    """Return the number of what each example stands for, [n]: its group, or itself."""
    numbered = number_groups(groups)
    return np.arange(rows) if numbered is None else numbered


def _folds(answers: Answers, units: Indices) -> Indices:
    """Return the fold of each example, so that each fold has its share of every class, or size of set."""
    kinds = answers.targets.sum(-1) if answers.task == "multilabel" else answers.targets
    _, first = np.unique(units, return_index=True)
    fold_of_unit = np.empty(len(first), dtype=np.intp)
    fold_of_unit[np.argsort(kinds[first], kind="stable")] = np.arange(len(first)) % _FOLDS
    return fold_of_unit[units]


def _fewest_of_a_class(answers: Answers, units: Indices) -> int:
    """Return in how many units the rarer of two classes occurs."""
    return min(len(np.unique(units[answers.targets == i])) for i in (0, 1))


def _log_losses(answers: Answers, calibration: Calibration) -> Floats:
    scores = calibration.apply(answers.task, answers.scores).astype(np.float64)
    if answers.task == "multilabel":
        losses: Floats = -_log(np.where(answers.targets, scores, 1 - scores)).sum(-1)
        return losses
    return -_log(np.take_along_axis(scores, answers.targets[:, None].astype(np.intp), axis=-1)[:, 0])


def _tempered(task: Task, scores: Floats, temperature: float) -> Floats:
    if task == "multilabel":
        return 1 / (1 + np.exp((_log(1 - scores) - _log(scores)) / temperature))
    logits = _log(scores) / temperature
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    tempered: Floats = powers / powers.sum(-1, keepdims=True)
    return tempered


def _log(probabilities: Floats) -> Floats:
    return np.log(np.clip(probabilities, _LEAST, 1.0))
