"""What no model is needed for: the same answer to every example, computed from what an evaluation reports."""

from __future__ import annotations

from dataclasses import dataclass

from platform_core.registry.card.model import ModelCard


@dataclass(frozen=True)
class Baseline:
    """The same answer to every example.

    Attributes:
        answer: the most frequent class, level or label; empty where it is the mean of the numbers.
        metric: what is known of it: ``accuracy``, ``micro_f1`` or ``rmse``.
        value: of that metric.
        undertriage: of levels, the share that it judges too mild.
    """

    answer: str
    metric: str
    value: float
    undertriage: float | None = None


def baseline_of(card: ModelCard) -> Baseline | None:
    """Return the baseline of the card's task; ``None`` where nothing was measured."""
    if card.task == "regression":
        return _mean_of_numbers(card)
    largest = max(card.per_class, key=lambda row: row.support, default=None)
    if largest is None or not largest.support or not card.n:
        return None
    if card.task == "multilabel":
        given_and_due = card.n + sum(row.support for row in card.per_class)
        return Baseline(largest.label, "micro_f1", 2 * largest.support / given_and_due)
    return Baseline(largest.label, "accuracy", largest.support / card.n, _too_mild(card, largest.label))


def _mean_of_numbers(card: ModelCard) -> Baseline | None:
    """R² is 1 less the model's squared error over that of the mean."""
    rmse, r2 = card.metrics.get("rmse"), card.metrics.get("r2")
    if rmse is None or r2 is None or r2 >= 1:
        return None
    return Baseline("", "rmse", float(rmse / (1 - r2) ** 0.5))


def _too_mild(card: ModelCard, answer: str) -> float | None:
    if card.task != "ordinal":
        return None
    levels = [row.label for row in card.per_class]
    cut = levels.index(answer)
    severer = card.per_class[:cut] if card.severe == "first" else card.per_class[cut + 1 :]
    return sum(row.support for row in severer) / card.n
