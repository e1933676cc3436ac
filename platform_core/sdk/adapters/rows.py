"""Rows as they stand in a file, before any mapping: what all readers of tables produce."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

from platform_core.sdk.errors import ColumnMissing
from platform_core.sdk.reading import BadRecord, ColumnMapping, Place, RawTable, Record


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of a file.

    Attributes:
        row: its number; 1 is the first row of data.
        values: by column, as far as they could be read.
        problem: why the row cannot be used, or nothing.
        column: the column at fault, where one is.
        hint: what to do about it.
    """

    row: int
    values: Mapping[str, Any]
    problem: str | None = None
    column: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class TableFile:
    """An open table.

    Attributes:
        name: the file as messages show it.
        columns: the names, in order.
        rows: the rows; can be walked through once.
        notes: what people should know about how the file was read.
    """

    name: str
    columns: tuple[str, ...]
    rows: Iterator[RawRow]
    notes: tuple[str, ...] = field(default=())


def raw_table(tables: Iterable[TableFile], limit: int | None = None) -> RawTable:
    """Return the columns of all ``tables`` under each other, at most ``limit`` rows; absent values are ``None``."""
    columns: dict[str, list[Any]] = {}
    notes: list[str] = []
    count = 0
    for table in tables:
        notes.extend(table.notes)
        for name in table.columns:
            columns.setdefault(name, [None] * count)
        rows = [raw.values for raw in islice(table.rows, None if limit is None else max(0, limit - count))]
        for name, values in columns.items():
            values.extend(row.get(name) for row in rows)
        count += len(rows)
    return RawTable(columns=columns, rows=count, notes=tuple(notes))


def to_records(table: TableFile, mapping: ColumnMapping) -> Iterator[Record | BadRecord]:
    """Yield the rows of ``table`` with values by field.

    Raises:
        ColumnMissing: the table lacks a mapped column; one of which no row can be read has none, and yields why.
    """
    known = set(table.columns)
    opened = ((f"{mapping.open_field}.{name}", column) for name, column in mapping.open.items())
    for field_name, column in chain(mapping.columns.items(), opened):
        if known and column not in known:
            raise ColumnMissing.of(column, table.columns, where=table.name, field=field_name)
    for raw in table.rows:
        place = Place(table.name, raw.row)
        if raw.problem:
            yield BadRecord(place, raw.problem, column=raw.column, hint=raw.hint)
        else:
            yield Record(place, mapping.value_of(raw.values))
