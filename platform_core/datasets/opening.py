"""From files to records: which column feeds which field, and how the cells of an open field are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from platform_core.datasets.cells import Style
from platform_core.datasets.mapping import MappedColumns, complete_mapping
from platform_core.datasets.open_columns import (
    Basis,
    Choice,
    OpenTable,
    named_in,
    read_open_field,
    without_declared,
)
from platform_core.datasets.sources import Reader, guarded
from platform_core.datasets.uniqueness import refuse_repeats, with_columns
from platform_core.sdk import (
    RESERVED_FIELDS,
    BadRecord,
    ColumnMapping,
    EmptyData,
    RawTable,
    Record,
    Solution,
    open_field,
)

PEEKED_ROWS = 2_000
"""Rows that the proposal of a mapping looks at."""


@dataclass(frozen=True)
class Memory:
    """How a model's training data was read; used where the user says nothing and the new files fit.

    Attributes:
        adapter: name of the adapter.
        mapping: field → column, and of the open field the columns, which must all be there.
        styles: how the cells of the open field were read, where it is known.
        labels: the labels of the training data, where they are known: a solution of two classes knows no others.
    """

    adapter: str
    mapping: MappedColumns
    styles: Mapping[str, Style] = field(default_factory=dict)
    labels: Sequence[str] = ()

    @property
    def columns(self) -> set[str]:
        """What files like those of the training data have besides label, group and time."""
        fed = (column for field, column in self.mapping.items() if field not in RESERVED_FIELDS)
        return {name for column in fed for name in ([column] if isinstance(column, str) else column)}


def map_columns(
    solution: Solution,
    reader: Reader,
    where: str,
    said: MappedColumns,
    memory: Memory,
    choice: Choice,
    labelled: bool | None,
) -> tuple[ColumnMapping, RawTable]:
    """Return the mapping to read with, and the first rows of all columns.

    Args:
        solution: whose fields are fed.
        reader: the adapter at its files.
        where: the place that errors name.
        said: what the user said.
        memory: how a model's training data was read.
        choice: columns to drop and to keep.
        labelled: as for :func:`platform_core.datasets.reading.read_examples`.

    Raises:
        EmptyData, ColumnMissing: the data as a whole cannot be used.
        UsageError: the mapping names an unknown field.
        NotFound: there is no column to drop or to keep.
    """
    with guarded(reader.adapter):
        table = reader.adapter.raw(reader.source, PEEKED_ROWS)
        proposed = reader.adapter.propose(table, solution).columns
    if not table.rows:
        raise EmptyData("there are no rows of data", where=where, hint="is there more than the header?")
    if not table.columns:  # no row can be read, and the rows say why
        return ColumnMapping(), table
    choice.check(table.columns, has_open_field=open_field(solution.example) is not None, solution=solution.id)
    columns = complete_mapping(
        solution,
        table.columns,
        user=said,
        remembered=memory.mapping,
        proposed={name: column for name, column in proposed.items() if column not in choice.drop},
        labelled=labelled,
        where=where,
        keep=choice.keep,
        fixed=_is_fixed(reader),
    )
    return columns, replace(table, notes=(*table.notes, *_uncarried(reader, columns, said, memory)))


def _is_fixed(reader: Reader) -> bool:
    return bool(getattr(reader.adapter, "columns", ()))  # adapters need not have them


def _uncarried(reader: Reader, columns: ColumnMapping, said: MappedColumns, memory: Memory) -> list[str]:
    """Return a sentence on the fields of a model that a format with fixed columns cannot carry."""
    if not _is_fixed(reader):
        return []
    fields = [
        name
        for name, column in memory.mapping.items()
        if isinstance(column, str) and not {name} & {*RESERVED_FIELDS, *columns.columns, *said}
    ]
    named = ", ".join(map(repr, fields))
    return [f"the format {reader.adapter.name} cannot carry {named}: missing in all rows"] if fields else []


def _basis(columns: ColumnMapping, said: MappedColumns, memory: Memory) -> Basis:
    if memory.mapping.get(columns.open_field):
        return "model"
    return "listed" if said.get(columns.open_field) else "all"


def open_records(
    reader: Reader,
    columns: ColumnMapping,
    table: RawTable,
    solution: Solution,
    said: MappedColumns,
    memory: Memory,
    choice: Choice,
) -> OpenTable:
    """Return the records of the files, with the open field read, where there is one.

    Args:
        reader: the adapter at its files.
        columns: the mapping, see :func:`map_columns`.
        table: the first rows of all columns.
        solution: whose fields are fed.
        said: what the user said.
        memory: how a model's training data was read.
        choice: columns to drop and to keep.

    Raises:
        FileUnreadable: a file cannot be read.
        PluginError: the adapter failed.
    """
    opened = open_field(solution.example)
    if opened is None or not columns.open_field:
        return OpenTable(_records(reader, columns), columns)
    basis = _basis(columns, said, memory)
    columns, declared = without_declared(columns, opened[1], choice, basis)
    unique = [column for column in table.columns if named_in(column, opened[1].unique)]
    return read_open_field(
        refuse_repeats(_records(reader, with_columns(columns, unique)), columns.open_field, unique),
        columns,
        solution.target,
        choice=choice,
        basis=basis,
        declared=declared,
        styles=memory.styles,
    )


def _records(reader: Reader, mapping: ColumnMapping) -> Iterator[Record | BadRecord]:
    with guarded(reader.adapter):
        yield from reader.adapter.read(reader.source, mapping)
