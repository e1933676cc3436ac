"""Curves made of letters: bars in eighths of a line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def bars(values: Sequence[float], width: int, height: int = 1) -> list[str]:
    """Return a bar chart of finite values, top line first.

    Args:
        values: in order; more than ``width`` are averaged in groups, the least is the lowest bar.
        width: most letters in a line.
        height: lines.
    """
    columns = min(width, len(values))
    edges = [index * len(values) // max(1, columns) for index in range(columns + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means, default=0.0), max(means, default=0.0)
    most = height * 8
    levels = [1 + round((mean - low) / (high - low) * (most - 1)) if high > low else most // 2 for mean in means]
    return ["".join(_EIGHTHS[min(8, max(0, level - 8 * line))] for level in levels) for line in reversed(range(height))]


def chart(steps: Sequence[int], values: Sequence[float], width: int = 64, height: int = 12) -> list[str]:
    """Return lines of a chart with the range of both axes written at them; needs at least one value."""
    lines = bars(values, width, height)
    marks = [f"{max(values):.4g}", *[""] * (height - 2), f"{min(values):.4g}"]
    room = max(map(len, marks))
    first, last = f"{steps[0]:,}", f"{steps[-1]:,}"
    gap = max(1, len(lines[0]) - len(first) - len(last))
    axis = f"{'':{room}} └{'─' * len(lines[0])}"
    return [
        *(f"{mark:>{room}} │{line}" for mark, line in zip(marks, lines, strict=True)),
        axis,
        f"{'':{room}}  {first}{' ' * gap}{last}  step",
    ]
