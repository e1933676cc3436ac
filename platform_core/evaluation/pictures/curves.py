"""Pictures of what a threshold does: on a score, or on confidence."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from platform_core.evaluation.evaluation import Evaluation
from platform_core.sdk.pictures.canvas import (
    BLUE,
    DASHED,
    GREEN,
    INK,
    ORANGE,
    entitle,
    name_axes,
    save,
    sheet,
    sheets,
)


def ranking(evaluation: Evaluation, path: Path) -> None:
    """Draw the ROC and the precision-recall curve of the positive class, the operating point marked.

    Args:
        evaluation: of a binary task in which both classes occur.
        path: the PNG file.
    """
    figure, (roc, pr) = sheets(8.6, 4.0, 2)
    curve, point = evaluation.curves["roc"], evaluation.operating_points[0]
    roc.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=DASHED)
    roc.plot(curve["fpr"], curve["recall"], color=BLUE, linewidth=1.8)
    name_axes(roc, "share of the others that is alerted", "recall")
    entitle(roc, f"ROC: area {evaluation.metrics['auroc']:.3f}")
    curve = evaluation.curves["precision_recall"]
    pr.plot(curve["recall"], curve["precision"], color=BLUE, linewidth=1.8)
    name_axes(pr, "recall", "precision")
    entitle(pr, f"Precision and recall: average {evaluation.metrics['average_precision']:.3f}")
    label = f"threshold {point['threshold']:.3g}"
    _mark(roc, point["fpr"], point["recall"], label)
    _mark(pr, point["recall"], point["precision"], label)
    for axes in (roc, pr):
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04))
    roc.legend(loc="lower right", fontsize=8, frameon=False)
    figure.tight_layout(w_pad=3)
    save(figure, path)


def thresholds(evaluation: Evaluation, path: Path) -> None:
    """Draw recall, precision and alerts against the threshold and, where costs are known, the cost beside.

    Args:
        evaluation: of a binary task in which both classes occur.
        path: the PNG file.
    """
    curve, point = evaluation.curves["thresholds"], evaluation.operating_points[0]
    priced = "cost" in curve
    figure, plots = sheets(8.6 if priced else 5.4, 3.8, 2 if priced else 1)
    rates = (("recall", "recall", BLUE), ("precision", "precision", ORANGE), ("alert_rate", "alerts", GREEN))
    for name, title, colour in rates:
        plots[0].plot(curve["threshold"], curve[name], color=colour, linewidth=1.6, label=title)
    plots[0].yaxis.set_major_formatter(PercentFormatter(1))
    plots[0].set_ylim(-0.02, 1.04)
    plots[0].legend(loc="best", fontsize=8, frameon=False)
    name_axes(plots[0], "threshold", "share")
    entitle(plots[0], f"Chosen threshold {point['threshold']:.3g}")
    if priced:
        plots[1].plot(curve["threshold"], curve["cost"], color=BLUE, linewidth=1.6)
        plots[1].set_ylim(bottom=0)
        name_axes(plots[1], "threshold", "cost per example")
        saved = evaluation.metrics.get("cost_saved")
        entitle(plots[1], "Cost" if saved is None else f"Cost: {saved:.1%} is saved")
    for axes in plots:
        axes.axvline(point["threshold"], color=INK, linewidth=1, linestyle=DASHED)
        axes.set_xlim(-0.02, 1.02)
    figure.tight_layout(w_pad=3)
    save(figure, path)


def risk_coverage(evaluation: Evaluation, path: Path) -> None:
    """Draw the share of wrong answers among the surest ones, against how many of them are given.

    Args:
        evaluation: of a task whose answers come with confidence.
        path: the PNG file.
    """
    report = evaluation.risk_coverage
    assert report is not None
    figure, axes = sheet(5.4, 3.8)
    axes.plot(report["curve"]["coverage"], report["curve"]["risk"], color=BLUE, linewidth=1.8)
    if report["abstain_below"] is not None and report["risk"] is not None:
        _mark(axes, report["coverage"], report["risk"], "chosen")
        title = f"{report['coverage']:.0%} are at least {report['abstain_below']:.0%} sure; wrong: {report['risk']:.1%}"
    else:
        title = f"Wrong answers as the least sure are left out; mean {report['aurc']:.1%}"
    axes.set(xlim=(-0.02, 1.02), ylim=(0, max(0.01, 1.1 * max(report["curve"]["risk"]))))
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=None))
    name_axes(axes, "examples that get an answer, surest first", "answers that are wrong")
    entitle(axes, title)
    save(figure, path)


def _mark(axes: Axes, x: float | None, y: float | None, label: str) -> None:
    if x is not None and y is not None:
        axes.scatter([x], [y], s=60, color=ORANGE, zorder=4, label=label)
