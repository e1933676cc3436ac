"""The picture of a training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from platform_core.evaluation.names import sign_of
from platform_core.sdk.pictures.canvas import (
    BLUE,
    DASHED,
    GREEN,
    GRID,
    INK,
    ORANGE,
    entitle,
    hide_frame,
    save,
    sheet,
)


def training_curve(history: Sequence[Mapping[str, float]], path: Path, *, metric: str = "score") -> None:
    """Draw training loss and validation score by epoch, the best epoch marked.

    Args:
        history: one entry per epoch: ``epoch``, ``loss`` and, where validation data exist, ``score``; of a metric of
            which less is better, its negative.
        path: the PNG file.
        metric: name of the validation score.
    """
    figure, loss_axes = sheet(6.4, 3.6)
    epochs = [entry["epoch"] for entry in history]
    loss_axes.plot(epochs, [entry["loss"] for entry in history], color=BLUE, marker="o", markersize=4)
    _name_axis(loss_axes, "training loss", BLUE)
    loss_axes.set_ylim(bottom=0)
    loss_axes.set_xlabel("epoch", color=INK)
    loss_axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    loss_axes.grid(color=GRID, linewidth=0.6)
    sign = sign_of(metric)
    scored = [(e["epoch"], sign * e["score"]) for e in history if not math.isnan(e.get("score", math.nan))]
    title = "Training loss; there were no validation data"
    if scored:
        best_epoch, best = max(scored, key=lambda point: sign * point[1])
        title = f"Best validation {metric} {best:.3f}, after epoch {best_epoch:.0f}"
        _draw_scores(loss_axes, scored, best_epoch, best, metric)
    entitle(loss_axes, title)
    save(figure, path)


def _draw_scores(
    loss_axes: Axes, scored: Sequence[tuple[float, float]], best_epoch: float, best: float, metric: str
) -> None:
    axes = loss_axes.twinx()
    hide_frame(axes)
    axes.tick_params(labelsize=8, length=2)
    axes.plot(*zip(*scored, strict=True), color=ORANGE, marker="s", markersize=4)
    axes.scatter([best_epoch], [best], s=130, facecolors="none", edgecolors=GREEN, linewidths=2, zorder=4)
    axes.axvline(best_epoch, color=GREEN, linewidth=1, linestyle=DASHED)
    low, high = min(score for _, score in scored), max(score for _, score in scored)
    margin = max(0.1 * (high - low), 0.01 * max(abs(low), abs(high)), 1e-6)
    axes.set_ylim(low - margin, high + margin)
    _name_axis(axes, f"validation {metric}", ORANGE)


def _name_axis(axes: Axes, name: str, color: str) -> None:
    axes.set_ylabel(name, color=color, parse_math=False)
    axes.tick_params(axis="y", labelcolor=color)
