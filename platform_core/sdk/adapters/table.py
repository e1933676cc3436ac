"""The general adapter: tables of any origin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from platform_core.sdk.adapters.base import FormatAdapter
from platform_core.sdk.adapters.delimited import open_delimited
from platform_core.sdk.adapters.jsonl import open_jsonl
from platform_core.sdk.adapters.parquet import open_parquet
from platform_core.sdk.adapters.rows import TableFile
from platform_core.sdk.reading import Source

_READERS: Final[dict[str, Callable[[Path, str], TableFile]]] = {
    ".csv": open_delimited,
    ".tsv": open_delimited,
    ".jsonl": open_jsonl,
    ".ndjson": open_jsonl,
    ".parquet": open_parquet,
    ".pq": open_parquet,
}


class TableAdapter(FormatAdapter):
    """Reads CSV, TSV, JSON Lines and Parquet, alone or together in a folder; the columns are mapped to fields."""

    name = "table"
    description = "CSV, TSV, JSONL or Parquet with a column per field"
    specificity = 0
    known_by = f"end in {', '.join(_READERS)}"

    def files(self, source: Source) -> list[Path]:
        """Return the files with a known suffix."""
        return [file for file in source.files if file.suffix.lower() in _READERS]

    def tables(self, source: Source) -> Iterator[TableFile]:
        """Open the files, in order of their names."""
        for file in self.files(source):
            yield _READERS[file.suffix.lower()](file, source.name_of(file))
