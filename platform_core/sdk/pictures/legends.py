"""How the marks of series look, and the legend that says what they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from platform_core.sdk.pictures.canvas import BLUE, DASHED, INK, ORANGE, WINE, drawable
from platform_core.sdk.pictures.panels import AlertLevel, Panel

Mark = Literal["values", "baseline", "band", "limit", "alerts", "critical"]
"""What a panel may show; ``alerts`` are those of the level ``warning``."""

VALUES: dict[str, Any] = {"color": BLUE, "linewidth": 1.1, "markersize": 4}
BASELINE: dict[str, Any] = {"color": INK, "linewidth": 0.9, "linestyle": DASHED}
BAND: dict[str, Any] = {"color": BLUE, "alpha": 0.13, "linewidth": 0}
LIMIT: dict[str, Any] = {"color": INK, "linewidth": 0.8, "alpha": 0.6, "marker": "_", "markersize": 4}
"""With a marker, for a limit between two gaps is a place without a line."""
ALERTS: dict[AlertLevel, dict[str, Any]] = {
    "warning": {"color": ORANGE, "marker": "o", "markersize": 5, "linestyle": ""},
    "critical": {"color": WINE, "marker": "D", "markersize": 5.5, "linestyle": ""},
}

_WORDS: dict[Mark, str] = {
    "values": "value",
    "baseline": "expected",
    "band": "usual range",
    "limit": "limit",
    "alerts": "alert",
    "critical": "critical alert",
}
_LEVELS: dict[Mark, AlertLevel] = {"alerts": "warning", "critical": "critical"}
_WIDEST = 60
"""Characters from which the words of a mark are cut."""
_LINE = 105
"""Characters of all words that fit on a line beside their marks; more of them stand on two."""


def add_legend(figure: Figure, panels: Sequence[Panel], title: str, words: Mapping[Mark, str]) -> None:
    """Write above the panels a title, and what the marks that occur in them mean.

    Args:
        figure: with a constrained layout, which makes room.
        panels: those that are drawn.
        title: stands first.
        words: of marks that mean something special.
    """
    marks = [mark for mark in _WORDS if any(_occurs(mark, panel) for panel in panels)]
    labels = [drawable([words.get(mark, _WORDS[mark])], mark, _WIDEST)[0] for mark in marks]
    legend = figure.legend(
        [_handle(mark) for mark in marks],
        labels,
        title=title or None,
        title_fontsize=11,
        alignment="left",
        loc="outside upper left",
        ncols=len(marks) if sum(map(len, labels)) <= _LINE else (len(marks) + 1) // 2,
        fontsize=8,
        labelcolor=INK,
        frameon=False,
        borderpad=0,
        columnspacing=1.6,
    )
    for text in (legend.get_title(), *legend.get_texts()):
        text.set_parse_math(False)


def _occurs(mark: Mark, panel: Panel) -> bool:
    if mark in _LEVELS:
        return any(alert.level == _LEVELS[mark] for alert in panel.alerts)
    match mark:
        case "band":
            return bool(len(panel.low) and len(panel.high))
        case "limit":
            return bool(len(panel.low)) != bool(len(panel.high))
        case _:
            return bool(len(getattr(panel, mark)))


def _handle(mark: Mark) -> Artist:
    if mark == "band":
        return Patch(**BAND)
    if mark == "values":
        return Line2D([], [], **VALUES, marker=".")
    if mark in _LEVELS:
        return Line2D([], [], **ALERTS[_LEVELS[mark]])
    return Line2D([], [], **{"baseline": BASELINE, "limit": LIMIT}[mark])
