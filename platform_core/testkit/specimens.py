"""What the kit gives to heads and expects of predictions, by the kind of answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from platform_core.sdk import (
    ClassTarget,
    LabelsTarget,
    NumberTarget,
    OrdinalTarget,
    Solution,
    TargetValue,
    load_object,
)

if TYPE_CHECKING:
    from torch import Tensor

    from platform_core.sdk.heads import Head

WIDTHS = {"pooled": 16, "text": 16, "tokens": 16, "numbers": 4, "categories": 3, "dense": 12}
"""Width of each feature that a head may read."""

TOKENS = 7
ROWS = 6

BEATS_GUESSING: Mapping[str, tuple[str, float]] = {
    "binary": ("balanced_accuracy", 1 / 2),
    "multiclass": ("balanced_accuracy", 0.0),
    "ordinal": ("qwk", 0.0),
    "multilabel": ("auroc", 1 / 2),
    "regression": ("r2", 0.0),
}
"""A metric of each task, and what guessing reaches in it; of several classes it is one over their number."""


def make_head(solution: Solution) -> Head:
    """Return a fresh head of the solution, in evaluation mode, for the features of :func:`make_features`."""
    from platform_core.sdk.heads import BinaryHead, HeadSpec

    kind, target = load_object(solution.head), solution.target
    labels: tuple[str, ...] = target.order or ("a", "b", "c")
    if isinstance(target, NumberTarget):
        labels = ()
    elif isinstance(kind, type) and issubclass(kind, BinaryHead):
        labels = labels[:2]
    positive = target.positive_label(labels) if isinstance(target, ClassTarget) else None
    built: Head = kind(HeadSpec(feature_widths=WIDTHS, labels=labels, positive=positive))
    return built.eval()


def make_features(rows: int = ROWS) -> dict[str, Tensor]:
    """Return every feature that a head may read, random, of so many rows."""
    import torch

    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(rows, *shape, generator=generator)

    return {
        "pooled": normal(WIDTHS["pooled"]),
        "text": normal(WIDTHS["text"]),
        "tokens": normal(TOKENS, WIDTHS["tokens"]),
        "mask": torch.ones(rows, TOKENS, dtype=torch.int64),
        "numbers": normal(WIDTHS["numbers"]).double(),
        "categories": torch.randint(0, 3, (rows, WIDTHS["categories"]), generator=generator),
        "dense": normal(WIDTHS["dense"]),
    }


def make_targets(solution: Solution, labels: Sequence[str], rows: int = ROWS) -> list[TargetValue]:
    """Return targets in which every label occurs, as they stand in datasets."""
    if isinstance(solution.target, NumberTarget):
        return [float(row) for row in range(rows)]
    given = [labels[row % len(labels)] for row in range(rows)]
    if isinstance(solution.target, LabelsTarget):
        return [(), *((label,) for label in given[1:])]
    return list(given)


def count_answers(solution: Solution, targets: Sequence[TargetValue | None]) -> int:
    """Return how many different answers the targets hold: labels, those inside sets, or numbers."""
    if isinstance(solution.target, LabelsTarget):
        return len({label for target in targets if isinstance(target, tuple) for label in target})
    return len(set(targets))


def check_prediction(solution: Solution, prediction: Mapping[str, Any], tolerance: float) -> None:
    """Compare a prediction, made without a goal but the solution's own, with what its target's kind promises."""
    target = solution.target
    if isinstance(target, NumberTarget):
        assert math.isfinite(prediction["value"])
        return
    scores = prediction["scores"]
    assert all(-tolerance <= score <= 1 + tolerance for score in scores.values()), scores
    if isinstance(target, LabelsTarget):
        assert prediction["labels"] == [label for label, score in scores.items() if score >= 0.5]
        return
    assert math.isclose(sum(scores.values()), 1, abs_tol=tolerance)
    assert prediction["label"] in scores
    if not isinstance(target, OrdinalTarget) and not solution.goal:
        assert scores[prediction["label"]] == max(scores.values())


def check_same_prediction(found: Mapping[str, Any], expected: Mapping[str, Any], tolerance: float) -> None:
    """Compare what is said exactly, and numbers within ``tolerance``."""
    assert set(found) == set(expected)
    for key in ("label", "labels"):
        assert found.get(key) == expected.get(key)
    assert found.get("scores", {}) == pytest.approx(expected.get("scores", {}), abs=tolerance)
    assert found.get("value", 0.0) == pytest.approx(expected.get("value", 0.0), rel=tolerance, abs=tolerance)
