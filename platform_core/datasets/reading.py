"""Reading users' files into validated examples; nothing is stored."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from platform_core.datasets.cells import Style
from platform_core.datasets.checking import RecordChecker
from platform_core.datasets.finishing import Finisher, finish_rows
from platform_core.datasets.mapping import MappedColumns, kept_mapping
from platform_core.datasets.open_columns import Choice, check_not_empty
from platform_core.datasets.opening import Memory, map_columns, open_records
from platform_core.datasets.plausibility import implausible_warnings
from platform_core.datasets.records import LabeledExample, Problems
from platform_core.datasets.screening import Suspect
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

__all__ = ["Memory", "ReadResult", "files_of", "read_examples"]

_ADVANCE_EVERY = 1_000
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")


@dataclass(frozen=True)
class ReadResult:
    """What was read.

    Attributes:
        examples: the usable rows.
        rows: for each example, the row of :attr:`raw` that it was read from.
        warnings: what people should know.
        mapping: the mapping that was used: field → column, and of the open field the columns.
        unused: columns that feed no field.
        skipped: the rows that could not be used.
        reader: the adapter at its files.
        dropped: columns that were kept out of the open field, and why.
        styles: how the cells of the open field were read.
    """

    examples: list[LabeledExample]
    rows: list[int]
    warnings: list[str]
    mapping: dict[str, str | tuple[str, ...]]
    unused: tuple[str, ...]
    skipped: tuple[BadRecord, ...]
    reader: Reader
    dropped: tuple[Suspect, ...] = ()
    styles: Mapping[str, Style] = field(default_factory=dict)

    @property
    def bad_rows(self) -> int:
        """How many rows were skipped."""
        return len(self.skipped)

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

    def column_of(self, name: str) -> str | None:
        """Return the column that feeds the field ``name``, which is not the open one."""
        column = self.mapping.get(name)
        return column if isinstance(column, str) else None


def files_of(reads: Iterable[ReadResult]) -> set[str]:
    """Return the names of the files that the examples of ``reads`` stand in."""
    return {row.place.file for read in reads for row in read.examples}


def read_examples(
    solution: Solution,
    path: str | Path,
    *,
    finisher: Finisher | None = None,
    adapter: str | None = None,
    mapping: MappedColumns | None = None,
    remembered: Memory | None = None,
    labelled: bool | None = True,
    skip_bad: bool = False,
    drop: Iterable[str] = (),
    keep: Iterable[str] = (),
    warn_of_values: bool = True,
    progress: Progress | None = None,
) -> ReadResult:
    """Read and validate all rows of a file or folder.

    Args:
        solution: whose examples they are.
        path: file or folder.
        finisher: masks, hashes and derives; without it examples are as they stand in the files.
        adapter: name of the adapter; the most specific that fits if left out.
        mapping: field → column, for fields that should not be guessed; of the open field the columns, or
            ``<open field>.<column of the model>`` → column for one that the file calls otherwise.
        remembered: adapter and mapping of a model, preferred to guesses.
        labelled: whether rows need a label (true), have none (false), or may have one (none).
        skip_bad: skip and count rows that cannot be used, instead of refusing all.
        drop: columns that must not feed the open field.
        keep: columns that must feed it, whatever the screening finds.
        warn_of_values: tell values that cannot be right; not where who gets the examples does so.
        progress: is told the rows.

    Raises:
        FileMissing, FileUnreadable, EmptyData, ColumnMissing: the data as a whole cannot be used.
        DataError: rows cannot be used; shows the first, counts the others.
        UsageError: the mapping names an unknown field.
        NotFound: there is no such adapter, or no column to drop or to keep.
    """
    memory = remembered or Memory("", {})
    choice = Choice(frozenset(drop), frozenset(keep))
    reader = choose_reader(solution, open_source(path), adapter, memory.adapter, memory.columns)
    said = mapping or {}
    columns, unread = map_columns(solution, reader, str(path), said, memory, choice, labelled)
    opened = open_records(reader, columns, unread, solution, said, memory, choice)
    hint = getattr(reader.adapter, "label_hint", "")  # adapters need not have one
    checker = RecordChecker(solution, opened.mapping, labelled=labelled is True, labels=memory.labels, label_hint=hint)
    records = list(opened.records)
    checker.look_at([record for record in records if isinstance(record, Record)])
    examples, rows, problems = _check_all(records, checker, progress or Silent())
    if problems.count and not skip_bad:
        raise problems.error()
    if not examples:
        reason = problems.listed[0].message if problems.count else "there are none"
        raise EmptyData(f"none of the {problems.count:,} rows can be used: {reason}", where=str(path))
    check_not_empty(opened, str(path))
    told = [problems.warning()] if problems.count else []
    told += implausible_warnings(examples, opened.mapping.columns) if warn_of_values else []
    told += opened.warnings
    skipped = problems.listed
    if solution.masker is not None:
        told = [_without_values(warning, unread.columns) for warning in told]
        skipped = [replace(bad, message=_without_values(bad.message, unread.columns)) for bad in skipped]
    if finisher is not None:
        whole = _groups_are_identities(finisher, opened.mapping, said)
        examples = finish_rows(finisher, examples, grouped_by_identity=whole)
    used = {*opened.mapping.columns.values(), *opened.mapping.open.values()}
    return ReadResult(
        examples=examples,
        rows=rows,
        warnings=[*unread.notes, *reader.warnings, *told],
        mapping=kept_mapping(opened.mapping),
        unused=tuple(name for name in unread.columns if name not in used),
        skipped=tuple(skipped),
        reader=reader,
        dropped=opened.dropped,
        styles=opened.styles,
    )


def _without_values(warning: str, columns: Collection[str]) -> str:
    """Return a warning that quotes names of columns only: it is kept, and cells may hold what is masked elsewhere."""
    return _QUOTED.sub(lambda found: found[0] if found[0][1:-1] in columns else "'…'", warning)


def _groups_are_identities(finisher: Finisher, columns: ColumnMapping, said: MappedColumns) -> bool:
    """Tell whether rows of one identity are a group: their column is that of the groups, or nothing else is."""
    identity = columns.columns.get(finisher.roles.identity or "")
    return identity is not None and columns.columns.get("group", said.get("group", identity)) == identity


def _check_all(
    records: Iterable[Record | BadRecord], checker: RecordChecker, progress: Progress
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
