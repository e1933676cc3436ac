"""The picture of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from platform_core.evaluation import better
from platform_core.finetune.search.study import TrialInfo
from platform_core.sdk.pictures.canvas import BLUE, GREEN, GRID, INK, ORANGE, entitle, name_axes, save, sheets


def draw_study(trials: Sequence[TrialInfo], importance: Mapping[str, float], path: Path, *, metric: str) -> None:
    """Draw the value of each trial with the best so far, and beside it, where that is known, what mattered.

    Args:
        trials: those that have ended, one complete at least.
        importance: share of each value; may be empty.
        path: the PNG file.
        metric: what the trials were compared by.
    """
    figure, plots = sheets(9.6 if importance else 5.6, 3.4, 2 if importance else 1)
    _draw_values(plots[0], trials, metric)
    if importance:
        _draw_importance(plots[1], importance)
        figure.subplots_adjust(wspace=0.6)
    save(figure, path)


def _draw_values(axes: Axes, trials: Sequence[TrialInfo], metric: str) -> None:
    for state, color, marker in (("complete", BLUE, "o"), ("pruned", ORANGE, "x")):
        shown = {trial.number: trial.value for trial in trials if trial.state == state and trial.value is not None}
        if shown:
            axes.scatter(list(shown), list(shown.values()), s=22, color=color, marker=marker, label=state)
    best: list[tuple[int, float]] = []
    for trial in trials:
        value = trial.value if trial.state == "complete" else None
        if value is not None and (not best or better(metric, value, best[-1][1])):
            best.append((trial.number, value))
    best.append((trials[-1].number, best[-1][1]))
    axes.step(*zip(*best, strict=True), where="post", color=GREEN, label="best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    name_axes(axes, "trial", metric)
    axes.legend(fontsize=8, frameon=False, labelcolor=INK)
    entitle(axes, f"Best {metric} {best[-1][1]:.3f}")


def _draw_importance(axes: Axes, importance: Mapping[str, float]) -> None:
    names = list(importance)[::-1]
    axes.barh(names, [importance[name] for name in names], color=BLUE, height=0.6)
    axes.set_xlim(0, 1)
    axes.grid(axis="x", color=GRID, linewidth=0.6)
    entitle(axes, "Share of each value in the variation")
