"""The values by which evaluations are sliced."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from platform_core.datasets.records import LabeledExample
from platform_core.sdk import Category, Cell, Columns, Derived, Number, PluginError, Text, field_markers
from platform_core.sdk.names import simple_name

_FEW_NUMBERS = 5
_ALL_DIGITS = 17


def slice_values(examples: Sequence[LabeledExample], names: Sequence[str]) -> dict[str, list[str | None]]:
    """Return for each of ``names`` the slice of each row, ``None`` where the value is missing.

    Args:
        examples: the rows, all of one type.
        names: fields, or columns of the open field or derived ones, compared as column names are. Numbers are cut
            into quartiles, unless they are few. Names that the rows do not know are left out: tables differ.

    Raises:
        PluginError: a field is a text.
    """
    if not examples:
        return {name: [] for name in names}
    found = {name: _values(examples, name) for name in names}
    return {name: _slices(values) for name, values in found.items() if values is not None}


def _values(examples: Sequence[LabeledExample], name: str) -> list[Cell] | None:
    markers = field_markers(type(examples[0].example))
    marker = markers.get(name)
    if isinstance(marker, Text):
        raise PluginError(f"the field {name!r} is a text, which has no slices", hint="name numbers and categories")
    if isinstance(marker, Number | Category):
        return [getattr(row.example, name) for row in examples]
    tables = [field for field, marker in markers.items() if isinstance(marker, Columns | Derived)]
    rows = [
        {column: cell for field in tables for column, cell in getattr(row.example, field).items()} for row in examples
    ]
    columns = {simple_name(column): column for row in rows for column in row}
    column = columns.get(simple_name(name))
    return None if column is None else [row.get(column) for row in rows]


def _slices(values: Sequence[Cell]) -> list[str | None]:
    numbers = [float(value) for value in values if isinstance(value, int | float)]
    if any(isinstance(value, str) for value in values) or len(set(numbers)) <= _FEW_NUMBERS:
        digits = _telling_digits(numbers)
        return [None if value is None else _shown(value, digits) for value in values]
    edges = np.unique(np.quantile(numbers, (0.25, 0.5, 0.75))).tolist()
    digits = _telling_digits(edges)
    ends = [_shown(edge, digits) for edge in edges]
    names = [f"up to {ends[0]}", *(f"{low} to {high}" for low, high in pairwise(ends)), f"over {ends[-1]}"]
    return [None if value is None else names[int(np.searchsorted(edges, value))] for value in values]


def _telling_digits(numbers: Sequence[float]) -> int:
    """Return how many digits it takes to write different numbers differently, six at least."""
    distinct = set(numbers)
    enough = (digits for digits in range(6, _ALL_DIGITS) if len({f"{x:.{digits}g}" for x in distinct}) == len(distinct))
    return next(enough, _ALL_DIGITS)


def _shown(value: str | float, digits: int) -> str:
    return value if isinstance(value, str) else f"{value:.{digits}g}"
