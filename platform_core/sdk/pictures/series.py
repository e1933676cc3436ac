"""Series over time: one panel for each entity or vital sign, with what is usual behind it and alerts marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from platform_core.sdk.errors import UsageError
from platform_core.sdk.pictures.canvas import INK, drawable, entitle, name_axes, png, stack
from platform_core.sdk.pictures.legends import ALERTS, BAND, BASELINE, LIMIT, VALUES, Mark, add_legend
from platform_core.sdk.pictures.panels import Instant, Panel

MOST_PANELS = 8
"""More panels would be a picture that nobody takes in: the first are drawn, the others counted."""

_WIDTH, _PANEL_HEIGHT, _AIR = 9.0, 1.7, 0.7
_TALLEST = 9.6
"""Inches that all panels take at most: more of them are lower."""
_DOTS_UP_TO = 120
"""Values up to which each gets a dot."""
_WIDEST_TITLE = 90
_BELOW_WORDS = 0.88
"""Part of the height that the lines of alerts take, so that none runs through the words of another."""
_TURN = 0.8
"""Part of the width from which words stand to the left of their mark."""
_CHARACTER = 0.008
"""Width of a character beside a mark, as a part of the axis: words that would run into others are left out."""


def draw_series(
    panels: Sequence[Panel], *, title: str = "", axis: str = "", legend: Mapping[Mark, str] | None = None
) -> bytes:
    """Return a PNG with the panels under each other, on one axis of time, and a legend of the marks that occur.

    Args:
        panels: at least one; the first :data:`MOST_PANELS` are drawn.
        title: stands above all.
        axis: names the axis, e.g. ``hours since admission``; dates need no name.
        legend: what marks mean here, e.g. ``{"limit": "NEWS2 of 5: urgent review"}``; those left out have plain words.

    Raises:
        UsageError: there is no panel, a panel's parts differ in length, a place is no date, or dates and numbers are
            mixed.
    """
    if not panels:
        raise UsageError("there is nothing to draw", hint="give at least one panel")
    shown = panels[:MOST_PANELS]
    places, dated = _places(shown)
    for panel in shown:
        _check(panel)
    figure, plots = stack(_WIDTH, min(_PANEL_HEIGHT * len(shown), _TALLEST) + _AIR, len(shown))
    titles = drawable([panel.title for panel in shown], "series", _WIDEST_TITLE)
    for axes, panel, heading, xs in zip(plots, shown, titles, places, strict=True):
        entitle(axes, heading)
        _draw(axes, panel, xs)
    for axes, panel, xs in zip(plots, shown, places, strict=True):  # now that the axis of all is as long as it gets
        _draw_alerts(axes, panel, xs)
    _finish_axis(plots[-1], dated, _more(len(panels) - len(shown), axis))
    add_legend(figure, shown, title, legend or {})
    return png(figure)


def _draw(axes: Axes, panel: Panel, places: np.ndarray) -> None:
    _draw_usual(axes, panel, places)
    if len(panel.baseline):
        axes.plot(places, _numbers(panel.baseline), **BASELINE)
    marker = "." if len(places) <= _DOTS_UP_TO else ""
    axes.plot(places, _numbers(panel.values), **VALUES, marker=marker)
    name_axes(axes, "", "")
    axes.margins(y=0.25)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
    if panel.bounds is not None:
        _bound(axes, *panel.bounds)


def _bound(axes: Axes, least: float, most: float) -> None:
    """Let the axis show values from ``least`` to ``most``, with room above for the words of alerts."""
    room = 0.25 * (most - least)
    axes.set_ylim(least - 0.04 * (most - least), most + room)
    axes.yaxis.set_major_locator(FixedLocator(np.linspace(least, most, 3).tolist()))


def _draw_usual(axes: Axes, panel: Panel, places: np.ndarray) -> None:
    low, high = _numbers(panel.low), _numbers(panel.high)
    if len(low) and len(high):
        axes.fill_between(places, low, high, **BAND)
        return
    for limit in (low, high):
        if len(limit):
            axes.plot(places, limit, **LIMIT)


def _draw_alerts(axes: Axes, panel: Panel, places: np.ndarray) -> None:
    values, words = _numbers(panel.values), drawable([alert.text for alert in panel.alerts], "alert")
    left, right = axes.get_xlim()
    axes.set_xlim(left, right)
    free_from = -np.inf
    marked = [(_place(alert.at), text, ALERTS[alert.level]) for alert, text in zip(panel.alerts, words, strict=True)]
    for place, text, style in sorted(marked, key=lambda mark: mark[:2]):
        axes.axvline(place, ymax=_BELOW_WORDS, color=style["color"], linewidth=0.8, alpha=0.5)
        axes.plot([place], [_height(place, places, values)], **style, zorder=5)
        leftward = (place - left) > _TURN * (right - left)
        width = len(text) * _CHARACTER * (right - left)
        start, end = (place - width, place) if leftward else (place, place + width)
        if text and start >= free_from:
            _write(axes, text, place, style["color"], leftward=leftward)
            free_from = end


def _write(axes: Axes, text: str, place: float, color: str, *, leftward: bool) -> None:
    """Write beside a mark, at the upper edge, where no line runs through the words."""
    axes.annotate(
        text,
        (place, 1.0),
        xycoords=axes.get_xaxis_transform(),
        xytext=(-4 if leftward else 4, -2),
        textcoords="offset points",
        horizontalalignment="right" if leftward else "left",
        verticalalignment="top",
        fontsize=7,
        color=color,
        parse_math=False,
    )


def _height(place: float, places: np.ndarray, values: np.ndarray) -> float:
    """Return the value that stands at ``place``, or the last known one before it; NaN where there is none."""
    known = values[(places <= place) & np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def _places(panels: Sequence[Panel]) -> tuple[list[np.ndarray], bool]:
    """Return the places of each panel as numbers, and whether they are dates."""
    everywhere = [at for panel in panels for at in (*panel.at, *(alert.at for alert in panel.alerts))]
    kinds = {isinstance(at, int | float) for at in everywhere}
    if len(kinds) > 1:
        raise UsageError("the panels mix dates and numbers", hint="give either everywhere")
    return [np.array([_place(at) for at in panel.at], dtype=float) for panel in panels], kinds == {False}


def _place(at: Instant) -> float:
    if isinstance(at, int | float):
        return float(at)
    try:
        moment: Any = datetime.fromisoformat(at) if isinstance(at, str) else at
    except ValueError:
        raise UsageError(f"{at!r} is no date", hint="write it as in ISO 8601: 2024-05-31 or 2024-05-31T14:00") from None
    # Without its zone: matplotlib would move it to UTC, and people read their own clock.
    return float(mdates.date2num(moment.replace(tzinfo=None) if isinstance(moment, datetime) else moment))


def _check(panel: Panel) -> None:
    for name in ("values", "baseline", "low", "high"):
        count = len(getattr(panel, name))
        if count != len(panel.at) and (count or name == "values"):
            raise UsageError(f"{count} {name} stand at {len(panel.at)} places", where=f"the panel {panel.title!r}")


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _finish_axis(axes: Axes, dated: bool, name: str) -> None:
    if dated:
        locator = mdates.AutoDateLocator(maxticks=10)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
        axes.xaxis.get_offset_text().set_fontsize(8)
    axes.set_xlabel(name, fontsize=8, color=INK, parse_math=False)


def _more(left_out: int, axis: str) -> str:
    return " · ".join(filter(None, (axis, f"{left_out} more not shown" if left_out else "")))
