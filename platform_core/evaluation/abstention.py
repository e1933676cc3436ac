"""Abstention: leaving the least sure answers to people, and what that buys.

Risk is the share of wrong answers among those that are given; coverage is the share of examples that get one (El-Yaniv
& Wiener, 2010). The area under the curve of one against the other (AURC) is 0 for a model that is never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platform_core.evaluation.arrays import Bools, Floats

FEWEST_ANSWERS = 20
"""The risk of fewer answers says little: no threshold is chosen by it."""


@dataclass(frozen=True)
class RiskCoverage:
    """Risk against coverage, one point for each distinct confidence, surest first.

    Attributes:
        confidence: answers at least this sure are given, [g].
        coverage: their share of all examples, [g].
        risk: the share of wrong ones among them, [g].
        aurc: mean risk over all coverages; answers of one confidence come in any order.
    """

    confidence: Floats
    coverage: Floats
    risk: Floats
    aurc: float


def risk_coverage(confidences: Floats, correct: Bools) -> RiskCoverage:
    """Return the curve.

    Args:
        confidences: how sure each answer is, [n].
        correct: whether it is right, [n].
    """
    order = np.argsort(-confidences, kind="stable")
    ranked = confidences[order]
    n = len(ranked)
    ends = np.r_[np.flatnonzero(ranked[1:] != ranked[:-1]), n - 1]
    answered = ends + 1.0
    wrong = (~correct[order]).cumsum()[ends].astype(np.float64)
    every = np.arange(1.0, n + 1)
    expected = np.interp(every, np.r_[0.0, answered], np.r_[0.0, wrong])
    return RiskCoverage(ranked[ends], answered / n, wrong / answered, float((expected / every).mean()))


def choose_abstention(confidences: Floats, correct: Bools, *, risk: float) -> float | None:
    """Return the least confidence with which answers are given, so that at most the share ``risk`` of them is wrong.

    Args:
        confidences: how sure each answer is, on validation data, [n].
        correct: whether it is right, [n].
        risk: the share of wrong answers that is accepted.

    Returns:
        A confidence between those of two answers; 0 where all may be given; ``None`` where no confidence that 20
        answers reach will do.
    """
    curve = risk_coverage(confidences, correct)
    answered = curve.coverage * len(confidences)
    met = np.flatnonzero((curve.risk <= risk + 1e-12) & (answered >= min(FEWEST_ANSWERS, len(confidences)) - 0.5))
    if not len(met):
        return None
    last = int(met[-1])
    return 0.0 if last == len(curve.confidence) - 1 else between(curve.confidence[last + 1], curve.confidence[last])


def between(low: float, high: float) -> float:
    """Return a number above ``low`` and at most ``high``: the middle, where floating point has one."""
    middle = (float(low) + float(high)) / 2
    return middle if low < middle < high else float(high)
