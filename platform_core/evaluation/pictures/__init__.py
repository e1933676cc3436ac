"""Pictures of a training and of what came of it: PNG files whose bytes depend on nothing but the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from platform_core.evaluation.evaluation import Evaluation
from platform_core.evaluation.pictures.bars import labels, sliced_metric, slices
from platform_core.evaluation.pictures.classes import confusion_matrix, reliability_diagram
from platform_core.evaluation.pictures.curves import ranking, risk_coverage, thresholds
from platform_core.evaluation.pictures.numbers import predicted_true, residuals
from platform_core.evaluation.pictures.training import training_curve

__all__ = [
    "confusion_matrix",
    "draw_all",
    "labels",
    "predicted_true",
    "ranking",
    "reliability_diagram",
    "residuals",
    "risk_coverage",
    "slices",
    "thresholds",
    "training_curve",
]

Picture = Callable[[Evaluation, Path], None]


def draw_all(
    folder: Path, evaluation: Evaluation, history: Sequence[Mapping[str, float]], *, metric: str
) -> dict[str, str]:
    """Draw every picture of a model card into ``folder``: those that the task has.

    Args:
        folder: an existing folder.
        evaluation: what the model did on held-out examples.
        history: see :func:`training_curve`; where it is empty, no curve is drawn.
        metric: name of the validation score.

    Returns:
        File name of each picture, by name: ``confusion_matrix``, ``reliability``, ``labels``, ``ranking``,
        ``thresholds``, ``risk_coverage``, ``predicted_true``, ``residuals``, ``slices``, ``training_curve``.
    """
    pictures = {}
    for name, draw in _pictures_of(evaluation, metric).items():
        pictures[name] = f"{name}.png"
        draw(evaluation, folder / pictures[name])
    if history:
        pictures["training_curve"] = "training_curve.png"
        training_curve(history, folder / pictures["training_curve"], metric=metric)
    return pictures


def _pictures_of(evaluation: Evaluation, metric: str) -> dict[str, Picture]:
    """Return what can be drawn, in the order of a card."""
    curves = evaluation.curves
    possible: list[tuple[str, Picture, bool]] = [
        ("confusion_matrix", confusion_matrix, bool(evaluation.confusion["labels"])),
        ("labels", labels, evaluation.task == "multilabel"),
        ("ranking", ranking, "roc" in curves),
        ("thresholds", thresholds, "thresholds" in curves),
        ("predicted_true", predicted_true, "predicted_true" in curves),
        ("residuals", residuals, "residuals" in curves),
        ("reliability", reliability_diagram, bool(evaluation.reliability)),
        ("risk_coverage", risk_coverage, evaluation.risk_coverage is not None),
        ("slices", partial(slices, metric=metric), bool(sliced_metric(evaluation, metric))),
    ]
    return {name: draw for name, draw, applies in possible if applies}
