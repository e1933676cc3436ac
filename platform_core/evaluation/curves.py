"""Curves of an evaluation, thinned to what a picture can show."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from platform_core.evaluation.abstention import risk_coverage
from platform_core.evaluation.answers import Answers
from platform_core.evaluation.arrays import Floats, Indices, ratio
from platform_core.evaluation.evaluation import Curve, ResidualReport, RiskReport

MOST_POINTS = 200
_RESIDUAL_BINS = 40
_NARROW = 1e-4
_QUANTILES = (5, 25, 50, 75, 95)


class _Points(NamedTuple):
    """Rates of the positive label at every threshold that makes a difference, highest first, [g]."""

    threshold: Floats
    recall: Floats
    precision: Floats
    fpr: Floats
    alert_rate: Floats
    cost: Floats | None


def curves_of(answers: Answers) -> dict[str, Curve]:
    """Return the curves that the task has, see :class:`~platform_core.evaluation.evaluation.Evaluation`."""
    if answers.task == "regression":
        return _number_curves(answers.targets.astype(float), answers.predictions.astype(float))
    if answers.task != "binary" or not answers.rankings:
        return {}
    points = _points(answers)
    recall, fpr = np.r_[0.0, points.recall], np.r_[0.0, points.fpr]
    thresholds = {
        "threshold": points.threshold,
        "recall": points.recall,
        "precision": points.precision,
        "alert_rate": points.alert_rate,
    } | ({} if points.cost is None else {"cost": points.cost})
    return {
        "roc": _curve({"fpr": fpr, "recall": recall}, _thin(fpr, recall)),
        "precision_recall": _curve(
            {"recall": points.recall, "precision": points.precision}, _thin(points.recall, points.precision)
        ),
        "thresholds": _curve(thresholds, _thin(points.threshold, points.recall)),
    }


def risk_report(answers: Answers, abstain_below: float | None) -> RiskReport | None:
    """Return what abstaining buys; ``None`` for numbers, which come without confidence.

    Args:
        answers: the answers.
        abstain_below: the confidence by which they are given or withheld.
    """
    confidences = answers.confidences
    if confidences is None:
        return None
    curve = risk_coverage(confidences, answers.right)
    given = np.ones(len(answers), dtype=bool) if answers.given is None else answers.given
    columns = {"coverage": curve.coverage, "risk": curve.risk, "confidence": curve.confidence}
    return RiskReport(
        aurc=curve.aurc,
        abstain_below=abstain_below,
        coverage=float(given.mean()),
        risk=float(1 - answers.right[given].mean()) if given.any() else None,
        curve=_curve(columns, _thin(curve.coverage, curve.risk)),
    )


def residual_report(answers: Answers) -> ResidualReport | None:
    """Return how far predicted numbers are off; ``None`` where answers are no numbers."""
    if answers.task != "regression":
        return None
    residuals = answers.predictions.astype(float) - answers.targets.astype(float)
    quantiles = np.percentile(residuals, _QUANTILES)
    return ResidualReport(
        bias=float(residuals.mean()),
        sd=float(residuals.std()),
        quantiles={str(p): float(value) for p, value in zip(_QUANTILES, quantiles, strict=True)},
    )


def _points(answers: Answers) -> _Points:
    ranking = answers.rankings[0]
    hits, alerts = ranking.cumulate()
    misses = alerts - hits
    costs = answers.costs
    return _Points(
        threshold=ranking.distinct,
        recall=hits / hits[-1],
        precision=ratio(hits, alerts),
        fpr=misses / misses[-1],
        alert_rate=alerts / alerts[-1],
        cost=None if costs is None else (costs.fp * misses + costs.fn * (hits[-1] - hits)) / alerts[-1],
    )


def _number_curves(targets: Floats, predictions: Floats) -> dict[str, Curve]:
    residuals = predictions - targets
    counts, edges = np.histogram(residuals, bins=_RESIDUAL_BINS, range=_span(residuals))
    order = np.argsort(targets, kind="stable")
    shown = order[_evenly(len(order))]
    everything = np.arange(_RESIDUAL_BINS)
    return {
        "predicted_true": _curve({"true": targets, "predicted": predictions}, shown),
        "residuals": _curve({"low": edges[:-1], "high": edges[1:], "count": counts.astype(float)}, everything),
    }


def _span(values: Floats) -> tuple[float, float]:
    """Return the least and the greatest value, further apart where no bins fit between them."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    margin = (size / 2 or 0.5) if high - low <= _NARROW * size else 0.0
    return low - margin, high + margin


def _thin(x: Floats, y: Floats) -> Indices:
    """Return points spread evenly along a curve, both ends among them."""
    if len(x) <= MOST_POINTS:
        return np.arange(len(x))
    way = np.r_[0.0, (np.abs(np.diff(x)) + np.abs(np.diff(y))).cumsum()]
    found = np.searchsorted(way, np.linspace(0, way[-1], MOST_POINTS))
    return np.unique(np.minimum(np.r_[0, found[1:-1], len(x) - 1], len(x) - 1))


def _evenly(n: int) -> Indices:
    return np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(np.intp))


def _curve(columns: dict[str, Floats], shown: Indices) -> Curve:
    """Keep six digits of the points that are shown."""
    return {name: [float(f"{value:.6g}") for value in column[shown].tolist()] for name, column in columns.items()}
