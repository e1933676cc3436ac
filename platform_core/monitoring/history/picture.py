"""A picture of a model's history: requests, latency and errors over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
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
        at, steps = _places(history, version), _steps(history, version)
        style: dict[str, Any] = {"color": color, "linewidth": 1.1, "marker": "." if len(at) <= _DOTS_UP_TO else ""}
        minutes = history.step_seconds / 60
        requests.plot(at, [s.requests / minutes if s else 0 for s in steps], **style, label=_name(version))
        latency.plot(at, _milliseconds([s.p95 if s else None for s in steps]), **style)
        latency.plot(at, _milliseconds([s.p50 if s else None for s in steps]), **(style | {"linestyle": DASHED}))
        errors.plot(at, [s.error_share if s else np.nan for s in steps], **style)
    _finish(requests, "Requests per minute")
    _finish(latency, "Milliseconds to the answer: 95th percentile, and dashed the median")
    _finish(errors, "Share of errors")
    _finish_errors(errors)
    figure.legend(title=history.model, loc="outside upper left", ncols=MOST_VERSIONS, fontsize=8, frameon=False)
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
    axes.set_xlabel("UTC", fontsize=8, color=INK)


def _steps(history: ModelHistory, version: VersionHistory) -> list[Summary | None]:
    known = dict(version.points)
    return [known.get(at) for at in _moments(history, version)]


def _places(history: ModelHistory, version: VersionHistory) -> np.ndarray:
    return np.array([mdates.date2num(at) for at in _moments(history, version)], dtype=float)


def _moments(history: ModelHistory, version: VersionHistory) -> Sequence[datetime]:
    """Return all steps from the first to the last with requests: those between them had none."""
    first, last = version.points[0][0], version.points[-1][0]
    step = timedelta(seconds=history.step_seconds)
    return [first + step * index for index in range(int((last - first) / step) + 1)]


def _milliseconds(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else 1000 * value for value in values])


def _name(version: VersionHistory) -> str:
    return f"version {version.version}" + (f", {version.role}" if version.role != "stable" else "")
