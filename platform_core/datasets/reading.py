"""Reading users' files into validated examples; nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from platform_core.datasets.mapping import complete_mapping
from platform_core.datasets.records import LabeledExample, Problems, RecordChecker
from platform_core.datasets.sources import Reader, choose_reader, guarded, open_source
from platform_core.sdk import (
    BadRecord,
    ColumnMapping,
    EmptyData,
    Progress,
    RawTable,
    Record,
    Silent,
    Solution,
)

PEEKED_ROWS = 2_000
"""Rows that the proposal of a mapping looks at."""

_ADVANCE_EVERY = 1_000


@dataclass(frozen=True)
class Memory:
    """How a model's training data was read; used where the user says nothing and the new files fit."""

    adapter: str
    mapping: Mapping[str, str]


@dataclass(frozen=True)
class ReadResult:
    """What was read.

    Attributes:
        examples: the usable rows.
        rows: for each example, the row of :attr:`raw` that it was read from.
        warnings: what people should know.
        mapping: the mapping that was used.
        unused: columns that feed no field.
        bad_rows: how many rows were skipped.
        reader: the adapter at its files.
    """

    examples: list[LabeledExample]
    rows: list[int]
    warnings: list[str]
    mapping: dict[str, str]
    unused: tuple[str, ...]
    bad_rows: int
    reader: Reader

    @property
    def adapter(self) -> str:
        """Name of the adapter that was used."""
        return self.reader.adapter.name

    @property
    def ignored_files(self) -> tuple[str, ...]:
        """Files that the adapter does not know."""
        return self.reader.ignored

    @cached_property
    def raw(self) -> RawTable:
        """All columns as they stand in the files, read again on first use; see :attr:`rows`."""
        with guarded(self.reader.adapter):
            return self.reader.adapter.raw(self.reader.source)


def read_examples(
    solution: Solution,
    path: str | Path,
    *,
    adapter: str | None = None,
    mapping: Mapping[str, str] | None = None,
    remembered: Memory | None = None,
    labelled: bool | None = True,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> ReadResult:
    """Read and validate all rows of a file or folder.

    Args:
        solution: whose examples they are.
        path: file or folder.
        adapter: name of the adapter; the most specific that fits if left out.
        mapping: field → column, for fields that should not be guessed.
        remembered: adapter and mapping of a model, preferred to guesses.
        labelled: whether rows need a label (true), have none (false), or may have one (none).
        skip_bad: skip and count rows that cannot be used, instead of refusing all.
        progress: is told the rows.

    Raises:
        FileMissing, FileUnreadable, EmptyData, ColumnMissing: the data as a whole cannot be used.
        DataError: rows cannot be used; shows the first, counts the others.
        UsageError: the mapping names an unknown field.
        NotFound: there is no such adapter.
    """
    memory = remembered or Memory("", {})
    reader = choose_reader(solution, open_source(path), adapter, memory.adapter)
    with guarded(reader.adapter):
        table = reader.adapter.raw(reader.source, PEEKED_ROWS)
        proposed = reader.adapter.propose(table, solution).columns
    if not table.rows:
        raise EmptyData("there are no rows of data", where=str(path), hint="is there more than the header?")
    columns = ColumnMapping()
    if table.columns:  # where no row can be read, there are none, and the rows say why
        columns = complete_mapping(
            solution,
            table.columns,
            user=mapping or {},
            remembered=memory.mapping,
            proposed=proposed,
            labelled=labelled,
            where=str(path),
        )
    checker = RecordChecker(solution, columns, labelled=labelled is True)
    examples, rows, problems = _check_all(_records(reader, columns), checker, progress or Silent())
    if problems.count and not skip_bad:
        raise problems.error()
    if not examples:
        reason = problems.listed[0].message if problems.count else "there are none"
        raise EmptyData(f"none of the {problems.count:,} rows can be used: {reason}", where=str(path))
    return ReadResult(
        examples=examples,
        rows=rows,
        warnings=[*table.notes, *_ignored_warning(reader), *([problems.warning()] if problems.count else [])],
        mapping=dict(columns.columns),
        unused=tuple(name for name in table.columns if name not in columns.columns.values()),
        bad_rows=problems.count,
        reader=reader,
    )


def _records(reader: Reader, mapping: ColumnMapping) -> Iterator[Record | BadRecord]:
    with guarded(reader.adapter):
        yield from reader.adapter.read(reader.source, mapping)


def _check_all(
    records: Iterator[Record | BadRecord], checker: RecordChecker, progress: Progress
) -> tuple[list[LabeledExample], list[int], Problems]:
    examples: list[LabeledExample] = []
    rows: list[int] = []
    problems = Problems()
    for number, record in enumerate(records):
        checked = record if isinstance(record, BadRecord) else checker.check(record)
        if isinstance(checked, BadRecord):
            problems.add(checked)
        else:
            examples.append(checked)
            rows.append(number)
        if number % _ADVANCE_EVERY == _ADVANCE_EVERY - 1:
            progress.advance(_ADVANCE_EVERY)
    return examples, rows, problems


def _ignored_warning(reader: Reader) -> list[str]:
    ignored = reader.ignored
    if not ignored:
        return []
    shown = ", ".join(ignored[:5]) + (", …" if len(ignored) > 5 else "")
    count = "1 file was" if len(ignored) == 1 else f"{len(ignored):,} files were"
    return [f"{count} ignored, unknown to the adapter {reader.adapter.name!r}: {shown}"]
