"""What adapters of all formats have in common: a format is opened as tables, the rest follows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from platform_core.sdk.adapters.proposing import propose_columns
from platform_core.sdk.adapters.rows import TableFile, raw_table, to_records
from platform_core.sdk.reading import BadRecord, ColumnMapping, Probe, RawTable, Record, Source
from platform_core.sdk.solutions import Solution


class FormatAdapter(ABC):
    """An adapter that says which files are in its format, and opens them as tables.

    Attributes:
        name: how ``--adapter`` calls it.
        description: one line on the format, with an example row.
        specificity: the greatest that fits is used; a general table is 0.
        known_by: by what files are told, as people read it after "3 of 5 files …".
        label_hint: where labels stand in this format, for people whose rows lack one where the core needs it.
        columns: all that the format can carry, where that is fixed; what else a model reads is then missing.
        own_columns: those that the format itself needs, such as the name of a file; they are no identifiers.
    """

    name: str
    description: str
    specificity: int = 10
    known_by: str = "are in this format"
    label_hint: str = ""
    columns: Sequence[str] = ()
    own_columns: Sequence[str] = ()

    @abstractmethod
    def files(self, source: Source) -> Iterable[Path]:
        """Return the files of ``source`` in this format; look at names and first bytes only."""

    @abstractmethod
    def tables(self, source: Source) -> Iterable[TableFile]:
        """Open those files, in order; a row that cannot be used is a ``RawRow`` with a problem.

        Raises:
            DataError: a file as a whole cannot be read.
        """

    def probe(self, source: Source) -> Probe:
        """Take the files in this format."""
        files = tuple(self.files(source))
        return Probe(files, f"{len(files)} of {len(source.files)} files {self.known_by}")

    def raw(self, source: Source, limit: int | None = None) -> RawTable:
        """Return the columns of all files under each other.

        Raises:
            DataError: a file as a whole cannot be read.
        """
        return raw_table(self.tables(source), limit)

    def read(self, source: Source, mapping: ColumnMapping) -> Iterator[Record | BadRecord]:
        """Yield the rows of all files.

        Raises:
            DataError: a file as a whole cannot be read, or lacks a mapped column.
        """
        for table in self.tables(source):
            yield from to_records(table, mapping)

    def propose(self, table: RawTable, solution: Solution) -> ColumnMapping:
        """Guess by name, then by content."""
        return ColumnMapping(propose_columns(table, solution))
