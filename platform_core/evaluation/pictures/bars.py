"""Bars: one metric on several parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from platform_core.evaluation.evaluation import Evaluation
from platform_core.sdk.pictures.canvas import BLUE, GRID, INK, ORANGE, drawable, entitle, name_axes, save, sheet

_MOST_BARS = 40


class _Bar(NamedTuple):
    name: str
    value: float
    interval: tuple[float, float] | None
    faint: bool


def slices(evaluation: Evaluation, path: Path, *, metric: str) -> None:
    """Draw a metric on each value of each field, with intervals; pale where examples are few.

    Args:
        evaluation: with slices.
        path: the PNG file.
        metric: the metric; where the slices lack it, their first.
    """
    shown = sliced_metric(evaluation, metric)
    bars = [
        _Bar(f"{part['field']}: {v['value']} ({v['n']:,})", v["metrics"][shown], v["intervals"].get(shown), v["small"])
        for part in evaluation.slices
        for v in part["values"]
        if shown in v["metrics"]
    ]
    _draw(bars, shown, "part", evaluation.metrics.get(shown), path)


def sliced_metric(evaluation: Evaluation, metric: str) -> str:
    """Return the metric if any slice has it, else the first that one has; empty where none has any."""
    measured = [name for part in evaluation.slices for value in part["values"] for name in value["metrics"]]
    return metric if metric in measured else next(iter(measured), "")


def labels(evaluation: Evaluation, path: Path) -> None:
    """Draw the F1 of each label of sets, those with most examples first.

    Args:
        evaluation: of sets of labels.
        path: the PNG file.
    """
    ordered = sorted(evaluation.per_class, key=lambda row: -row["support"])
    bars = [_Bar(f"{row['label']} ({row['support']:,})", row["f1"], None, row["support"] == 0) for row in ordered]
    _draw(bars, "F1", "label", evaluation.metrics.get("macro_f1"), path)


def _draw(bars: Sequence[_Bar], metric: str, kind: str, overall: float | None, path: Path) -> None:
    bars = bars[:_MOST_BARS]
    figure, axes = sheet(5.4, 0.6 + 0.26 * len(bars))
    places = range(len(bars))
    colours = [GRID if bar.faint else BLUE for bar in bars]
    axes.barh(places, [bar.value for bar in bars], color=colours, height=0.7)
    for place, bar in enumerate(bars):
        if bar.interval is not None:
            axes.plot(bar.interval, [place, place], color=INK, linewidth=1.2)
    if overall is not None:
        axes.axvline(overall, color=ORANGE, linewidth=1.2)
    axes.set_yticks(places, drawable([bar.name for bar in bars], kind), fontsize=8, parse_math=False)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    name_axes(axes, metric, "")
    axes.grid(visible=False, axis="y")
    entitle(axes, f"{metric} by {kind}; line: all of them" if overall is not None else f"{metric} by {kind}")
    save(figure, path)
