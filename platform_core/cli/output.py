"""Results as people and programs read them."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

PIPED_WIDTH = 100
"""Columns of tables and of progress where no terminal says how wide it is."""
_WHOLE, _WIDEST_WORD, _BESIDE = 16, 40, 3
"""Characters up to which a cell is not broken, and after which even a word is; the space beside a column."""
_IN_UNITS = ("mae", "rmse")


def make_console(*, quiet: bool = False, stderr: bool = False) -> Console:
    """Return a console that prints text as it is: users' data may hold what looks like markup."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else PIPED_WIDTH
    return Console(quiet=quiet, stderr=stderr, markup=False, highlight=False, emoji=False, width=width)


def make_tables(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, width: int, title: str | None = None
) -> list[Table]:
    """Return a table, or where it is too wide several under each other, each with the first column.

    Args:
        columns: names, which stand above.
        rows: values of each; columns whose values are all numbers stand right.
        width: columns of the terminal.
        title: stands above the first.
    """
    needed = [_least_width([column, *(cell(row[index]) for row in rows)]) for index, column in enumerate(columns)]
    blocks = [[0]] if columns else []
    for index in range(1, len(columns)):
        if len(blocks[-1]) > 1 and sum(needed[i] for i in [*blocks[-1], index]) > width:
            blocks.append([0])
        blocks[-1].append(index)
    return [
        _make_table(
            [columns[i] for i in block], [[row[i] for i in block] for row in rows], title if not number else None
        )
        for number, block in enumerate(blocks)
    ]


def _least_width(texts: Sequence[str]) -> int:
    """Return the width that a column needs, with the space beside it: long texts may be broken between words."""
    parts = (part for text in texts for part in ([text] if len(text) <= _WHOLE else text.split()))
    return _BESIDE + min(_WIDEST_WORD, max(map(cell_len, parts), default=0))


def _make_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None) -> Table:
    from rich.box import SIMPLE_HEAD

    table = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for index, column in enumerate(columns):
        values = [row[index] for row in rows if row[index] is not None]
        numeric = bool(values) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(cell, row))
    return table


def cell(value: Any) -> str:
    """Return ``value`` as a table shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {cell(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value))
    return str(value)


def number(value: float) -> str:
    """Return a number with as many digits as people compare."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.1f}"


def size(count: int) -> str:
    """Return bytes in the unit that people use, e.g. ``1.4 MB``."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError("unreachable")


def duration(seconds: float) -> str:
    """Return seconds as people say them, e.g. ``2 min 5 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def interval(bounds: Sequence[float] | None) -> str:
    """Return an interval as a table shows it; nothing where there is none."""
    return f"{number(bounds[0])} – {number(bounds[1])}" if bounds else ""


def metric_rows(
    metrics: Mapping[str, float], intervals: Mapping[str, Sequence[float]], *, primary: str = "", unit: str = ""
) -> list[tuple[str, float, str]]:
    """Return name, value and 95 % interval of each metric, the primary one first.

    Args:
        metrics: name → value.
        intervals: name → bounds, as far as there are some.
        primary: the metric that models of the solution are chosen by.
        unit: of predicted numbers, shown behind the errors that have it.
    """
    names = sorted(metrics, key=lambda name: name != primary)
    titles = {name: f"{name} ({unit})" if unit and name in _IN_UNITS else name for name in names}
    return [(titles[name], float(metrics[name]), interval(intervals.get(name))) for name in names]


def to_json(payload: Any) -> str:
    """Return one line of strict JSON: NaN and infinities become null, paths and dates text."""
    return json.dumps(_plain(payload), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | int | bool) or value is None:
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
