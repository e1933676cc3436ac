"""Rows that were gathered one by one, in the shape of those of a dataset: the same columns of the same kinds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from platform_core.datasets.cells import as_text
from platform_core.datasets.records import LabeledExample
from platform_core.sdk import Cell, open_field

Kinds = Mapping[str, type[str] | type[float]]
"""Column → whether it holds categories or numbers, in the order of the dataset."""


def align(rows: Sequence[LabeledExample], like: Sequence[LabeledExample]) -> list[LabeledExample]:
    """Return ``rows`` with the columns that the open field has in ``like``, and no others.

    A column that a row lacks is missing; a number among categories is text, and a text that is no number is missing
    among numbers.

    Args:
        rows: of the same example type.
        like: rows of the dataset; without any, or without an open field, nothing changes.
    """
    opened = open_field(type(like[0].example)) if like else None
    if opened is None:
        return list(rows)
    name = opened[0]
    kinds = _kinds([getattr(row.example, name) for row in like])
    aligned = []
    for row in rows:
        given: Mapping[str, Cell] = getattr(row.example, name)
        cells = {column: _as_kind(given.get(column), kind) for column, kind in kinds.items()}
        aligned.append(replace(row, example=row.example.model_copy(update={name: cells})))
    return aligned


def _kinds(rows: Sequence[Mapping[str, Cell]]) -> Kinds:
    kinds: dict[str, type[str] | type[float]] = {}
    for cells in rows:
        for column, cell in cells.items():
            kinds.setdefault(column, float)
            if isinstance(cell, str):
                kinds[column] = str
    return kinds


def _as_kind(cell: Cell, kind: type[str] | type[float]) -> Cell:
    if cell is None or isinstance(cell, kind):
        return cell
    if kind is str:
        return as_text(cell)
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
