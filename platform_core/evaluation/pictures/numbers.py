"""Pictures of predicted numbers."""

from __future__ import annotations

from pathlib import Path

from platform_core.evaluation.evaluation import Evaluation
from platform_core.sdk.pictures.canvas import BLUE, DASHED, INK, ORANGE, entitle, name_axes, save, sheet


def predicted_true(evaluation: Evaluation, path: Path) -> None:
    """Draw predictions against the truth, for some of the examples; on the diagonal they are right.

    Args:
        evaluation: of a regression.
        path: the PNG file.
    """
    curve = evaluation.curves["predicted_true"]
    both = [*curve["true"], *curve["predicted"]]
    ends = [min(both), max(both)]
    figure, axes = sheet(4.6, 4.6)
    axes.plot(ends, ends, color=INK, linewidth=1, linestyle=DASHED)
    axes.scatter(curve["true"], curve["predicted"], s=14, color=BLUE, alpha=0.6, edgecolors="none")
    name_axes(axes, "true", "predicted")
    error = f"Mean absolute error {evaluation.metrics['mae']:.4g}"
    explained = evaluation.metrics.get("r2")
    entitle(axes, error if explained is None else f"{error}, R² {explained:.3f}")
    save(figure, path)


def residuals(evaluation: Evaluation, path: Path) -> None:
    """Draw how often predictions are off by how much.

    Args:
        evaluation: of a regression.
        path: the PNG file.
    """
    curve, report = evaluation.curves["residuals"], evaluation.residuals
    assert report is not None
    figure, axes = sheet(5.4, 3.4)
    widths = [high - low for low, high in zip(curve["low"], curve["high"], strict=True)]
    axes.bar(curve["low"], curve["count"], width=widths, align="edge", color=BLUE, edgecolor="white", linewidth=0.4)
    axes.axvline(0, color=INK, linewidth=1)
    axes.axvline(report["bias"], color=ORANGE, linewidth=1.4, linestyle=DASHED)
    name_axes(axes, "predicted less true", "examples")
    quantiles = report["quantiles"]
    entitle(axes, f"Nine of ten are off by {quantiles['5']:+.3g} to {quantiles['95']:+.3g}; mean {report['bias']:+.3g}")
    save(figure, path)
