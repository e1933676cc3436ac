"""One model in two forms on the same examples: do they give the same answers?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platform_core.evaluation.decisions import decide
from platform_core.modeling.spec import ModelSpec


@dataclass(frozen=True)
class Parity:
    """How far the answers of two forms of a model are apart.

    Attributes:
        examples: that both answered.
        largest_difference: between two scores; of numbers, in standard deviations of the target.
        same_answers: share of examples that get the same answer; none of numbers.
    """

    examples: int
    largest_difference: float
    same_answers: float | None


def unit_of_scores(spec: ModelSpec) -> float:
    """Return what differences of scores are told in: the standard deviation of number targets, else 1."""
    return spec.head.scale if spec.head.task == "regression" else 1.0


def compare_answers(spec: ModelSpec, first: np.ndarray, second: np.ndarray) -> Parity:
    """Compare scores of the same examples, float [examples, …], under the decision of ``spec``."""
    record = spec.head
    differences = np.abs(second.astype(np.float64) - first).reshape(len(first), -1).max(-1)
    largest = float(differences.max()) / unit_of_scores(spec)
    if record.task == "regression":
        return Parity(len(first), largest, None)
    answers = [
        decide(record.task, record.labels, scores.astype(np.float64), spec.decision) for scores in (first, second)
    ]
    same = (answers[0] == answers[1]).reshape(len(first), -1).all(-1)
    return Parity(len(first), largest, float(same.mean()))
