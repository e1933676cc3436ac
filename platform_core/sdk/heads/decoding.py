"""From scores to what people read, by the kind of answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from platform_core.sdk.decisions import Decision


def decode_classes(labels: Sequence[str], scores: Tensor, decision: Decision, *, top: int = 0) -> list[dict[str, Any]]:
    """Return ``{"label", "scores"}`` per row: the most probable label that reaches its threshold.

    Where one of two labels has a threshold, that alone decides. Where rare classes are favoured, the label is the one
    with the greatest weighted score; ``scores`` and ``top`` are not weighted.

    Args:
        labels: in the order of the columns.
        scores: probabilities, float [rows, labels].
        decision: thresholds, weights, and below which confidence a person decides.
        top: so many of the most probable labels are listed as ``top``, the first first; 0: none are.
    """
    answers = []
    weights = decision.weights(labels)
    for row in scores.tolist():
        best = _chosen(labels, row, weights, decision)
        said: dict[str, Any] = {"label": labels[best]}
        if top:
            said["top"] = [labels[i] for i in _ranked(row)[:top]]
        answers.append(_answer(said, labels, row, row[best], decision))
    return answers


def decode_levels(labels: Sequence[str], scores: Tensor, decision: Decision) -> list[dict[str, Any]]:
    """Return ``{"label", "scores"}`` per row: the median level, the one with the least expected distance."""
    answers = []
    # In double precision, as evaluation adds them up: a level at the very middle is the same in both.
    for row, below in zip(scores.tolist(), scores.double().cumsum(-1).tolist(), strict=True):
        best = next((i for i, probability in enumerate(below) if probability >= 0.5), len(labels) - 1)
        answers.append(_answer({"label": labels[best]}, labels, row, row[best], decision))
    return answers


def decode_sets(labels: Sequence[str], scores: Tensor, decision: Decision) -> list[dict[str, Any]]:
    """Return ``{"labels", "scores"}`` per row: each label that reaches its threshold, one half by default."""
    limits = [decision.thresholds.get(label, 0.5) for label in labels]
    answers = []
    for row in scores.tolist():
        given = [label for label, score, limit in zip(labels, row, limits, strict=True) if score >= limit]
        confidence = min((max(score, 1 - score) for score in row), default=1.0)
        answers.append(_answer({"labels": given}, labels, row, confidence, decision))
    return answers


def _chosen(labels: Sequence[str], row: Sequence[float], weights: Sequence[float], decision: Decision) -> int:
    ranked = _ranked([score * weight for score, weight in zip(row, weights, strict=True)])
    limits = decision.thresholds
    if not limits:
        return ranked[0]
    if len(labels) == 2:
        positive = next(i for i, label in enumerate(labels) if label in limits)
        return positive if row[positive] >= limits[labels[positive]] else 1 - positive
    return next((i for i in ranked if row[i] >= limits.get(labels[i], 0.0)), ranked[0])


def _ranked(row: Sequence[float]) -> list[int]:
    return sorted(range(len(row)), key=row.__getitem__, reverse=True)


def _answer(
    said: dict[str, Any], labels: Sequence[str], row: Sequence[float], confidence: float, decision: Decision
) -> dict[str, Any]:
    answer = said | {"scores": dict(zip(labels, row, strict=True))}
    if decision.abstain_below is not None and confidence < decision.abstain_below:
        answer["abstained"] = True
    return answer
