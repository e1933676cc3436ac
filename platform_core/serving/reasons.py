"""Reason codes: the few parts of an example that moved its answer most, in words that stay the same.

A code is ``amount:high`` or ``amount:low`` of a number against its median in training, ``amount:missing``,
``region=north`` of a category, and ``complaint=chest`` of a word in a text. A number that is the median is no reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from platform_core.modeling.spec import TableRecord
from platform_core.sdk import Cell

MOST_REASONS = 5


def direction_of(weight: float) -> dict[str, str]:
    """Return whether a part raises what is explained or lowers it; nothing where it does neither."""
    return {"direction": "raises" if weight > 0 else "lowers"} if weight else {}


def reasons_of(
    words: Sequence[Mapping[str, Any]], columns: Sequence[Mapping[str, Any]], table: TableRecord
) -> list[dict[str, Any]]:
    """Return ``{"code", "value", "direction"}`` of the parts that moved an answer most, the strongest first.

    Args:
        words: parts of texts, with ``field``, ``word``, ``weight`` and ``direction``.
        columns: cells of the table, with ``column``, ``value``, ``weight`` and ``direction``.
        table: knows the medians of numbers.
    """
    medians = {column.place.name: column.center for column in table.columns.numbers}
    found = [(part, f"{part['field']}={part['word'].casefold()}", part["word"]) for part in words]
    found += [(part, _cell_code(part["column"], part["value"], medians), part["value"]) for part in columns]
    moving = [entry for entry in found if entry[0]["weight"]]
    moving.sort(key=lambda entry: -abs(entry[0]["weight"]))
    return [
        {"code": code, "value": value, "direction": part["direction"]} for part, code, value in moving[:MOST_REASONS]
    ]


def _cell_code(name: str, value: Cell, medians: Mapping[str, float]) -> str:
    if value is None:
        return f"{name}:missing"
    if name not in medians:
        return f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
    return f"{name}:{'high' if float(value) > medians[name] else 'low'}"
