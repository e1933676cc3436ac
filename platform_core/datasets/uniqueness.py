"""Columns that tell rows apart, such as the number of a transaction: no value may stand there twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from platform_core.datasets.cells import Unfit, as_text, is_missing
from platform_core.sdk import BadRecord, ColumnMapping, Place, Record


def with_columns(mapping: ColumnMapping, columns: Sequence[str]) -> ColumnMapping:
    """Return the mapping such that the open field of records holds ``columns``, too, under their own names."""
    return replace(mapping, open={**{column: column for column in columns}, **mapping.open})


def refuse_repeats(
    records: Iterable[Record | BadRecord], field: str, columns: Sequence[str]
) -> Iterator[Record | BadRecord]:
    """Yield the records; one that repeats a value of another in one of ``columns`` as bad.

    Args:
        records: as the adapter read them.
        field: the open field, which holds the columns.
        columns: those that tell rows apart.
    """
    seen: dict[tuple[str, str], Place] = {}
    for record in records:
        yield _checked(record, field, columns, seen) if isinstance(record, Record) else record


def _checked(
    record: Record, field: str, columns: Sequence[str], seen: dict[tuple[str, str], Place]
) -> Record | BadRecord:
    for column in columns:
        value = _word(record.values[field].get(column))
        first = record.place if value is None else seen.setdefault((column, value), record.place)
        if first is not record.place:  # the value itself may tell who it is
            return BadRecord(record.place, f"it repeats the value of {first}", column, "every row needs its own")
    return record


def _word(value: Any) -> str | None:
    try:
        return None if is_missing(value) else as_text(value)
    except Unfit:
        return None
