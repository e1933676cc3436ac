"""The general adapter: tables of any origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from platform_core.sdk.adapters.delimited import open_delimited
from platform_core.sdk.adapters.jsonl import open_jsonl
from platform_core.sdk.adapters.parquet import open_parquet
from platform_core.sdk.adapters.proposing import propose_columns
from platform_core.sdk.adapters.rows import TableFile, raw_table, to_records
from platform_core.sdk.reading import BadRecord, ColumnMapping, Probe, RawTable, Record, Source
from platform_core.sdk.solutions import Solution

_READERS: Final[dict[str, Callable[[Path, str], TableFile]]] = {
    ".csv": open_delimited,
    ".tsv": open_delimited,
    ".jsonl": open_jsonl,
    ".ndjson": open_jsonl,
    ".parquet": open_parquet,
    ".pq": open_parquet,
}


class TableAdapter:
    """Reads CSV, TSV, JSON Lines and Parquet, alone or together in a folder; the columns are mapped to fields."""

    name = "table"
    description = (
        'CSV, TSV, JSONL or Parquet with a column per field, e.g. {"text": "Profit rose.", "label": "positive"}'
    )
    specificity = 0

    def probe(self, source: Source) -> Probe:
        """Take the files with a known suffix."""
        files = tuple(file for file in source.files if file.suffix.lower() in _READERS)
        known = ", ".join(_READERS)
        return Probe(files, f"{len(files)} of {len(source.files)} files end in {known}")

    def raw(self, source: Source, limit: int | None = None) -> RawTable:
        """Return the columns of all files under each other.

        Raises:
            DataError: a file is damaged.
        """
        return raw_table(self._tables(source), limit)

    def read(self, source: Source, mapping: ColumnMapping) -> Iterator[Record | BadRecord]:
        """Yield the rows of all files, in order of their names.

        Raises:
            DataError: a file is damaged, or lacks a mapped column.
        """
        for table in self._tables(source):
            yield from to_records(table, mapping)

    def propose(self, table: RawTable, solution: Solution) -> ColumnMapping:
        """Guess by name, then by content."""
        return ColumnMapping(propose_columns(table, solution))

    def _tables(self, source: Source) -> Iterator[TableFile]:
        for file in self.probe(source).files:
            yield _READERS[file.suffix.lower()](file, source.name_of(file))
