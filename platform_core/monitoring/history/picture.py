"""A picture of a model's history: requests, latency and errors over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from platform_core.monitoring.history.schemas import ModelHistory, Summary, VersionHistory
from platform_core.sdk.pictures.canvas import BLUE, DASHED, GREEN, INK, ORANGE, entitle, name_axes, save, stack

MOST_VERSIONS = 4
"""Lines in a panel: those with the most requests."""

_COLORS = (BLUE, ORANGE, GREEN, INK)
_WIDTH, _HEIGHT = 9.0, 6.2
_DOTS_UP_TO = 120


def draw_history(history: ModelHistory, path: Path) -> None:
    """Draw requests, latency and share of errors of the versions of a model.

    Args:
        history: with requests.
        path: the PNG file.
    """
    busiest = sorted(history.versions, key=lambda version: -version.total.requests)[:MOST_VERSIONS]
    shown = [version for version in history.versions if version in busiest]
    figure, (requests, latency, errors) = stack(_WIDTH, _HEIGHT, 3)
    for version, color in zip(shown, _COLORS, strict=False):
        moments, steps = zip(*history.steps_of(version), strict=True)
        at = np.array([mdates.date2num(moment) for moment in moments], dtype=float)
        style: dict[str, Any] = {"color": color, "linewidth": 1.1, "marker": "." if len(at) <= _DOTS_UP_TO else ""}
        dashed = style | {"linestyle": DASHED, "marker": ""}
        requests.plot(at, _rates(history, moments, steps), **style, label=_name(version))
        latency.plot(at, _milliseconds([step.p95 for step in steps]), **style)
        latency.plot(at, _milliseconds([step.p50 for step in steps]), **dashed)
        errors.plot(at, [step.error_share if step.requests else np.nan for step in steps], **style)
    _finish(requests, "Requests per minute")
    _finish(latency, "Milliseconds to the answer: 95th percentile, and dashed the median")
    _finish(errors, "Share of errors")
    _finish_errors(errors)
    figure.legend(
        title=history.model,
        title_fontsize=11,
        alignment="left",
        loc="outside upper left",
        ncols=MOST_VERSIONS,
        fontsize=8,
        labelcolor=INK,
        frameon=False,
        borderpad=0,
    )
    save(figure, path)


def _finish(axes: Axes, title: str) -> None:
    entitle(axes, title)
    name_axes(axes, "", "")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))


def _finish_errors(axes: Axes) -> None:
    axes.set_ylim(0, max(0.01, axes.get_ylim()[1]))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    locator = mdates.AutoDateLocator(maxticks=10)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
    axes.xaxis.get_offset_text().set_fontsize(8)
    axes.set_xlabel("UTC", fontsize=8, color=INK)


def _rates(history: ModelHistory, moments: Sequence[datetime], steps: Sequence[Summary]) -> list[float]:
    """Return requests per minute; the last step may not be over."""
    lengths = [min(history.step_seconds, max(60.0, (history.until - at).total_seconds())) for at in moments]
    return [60 * step.requests / seconds for step, seconds in zip(steps, lengths, strict=True)]


def _milliseconds(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else 1000 * value for value in values])


def _name(version: VersionHistory) -> str:
    return f"version {version.version}" + (f", {version.role}" if version.role != "stable" else "")
