"""Reading users' files: what goes into a data adapter and what comes out.

An adapter turns a named, public format into records. It reads; it does not judge: the core validates every
record against the solution's example type, so adapters stay small. A row that cannot be read is *yielded* as a
:class:`BadRecord`, not raised, so that ``--skip-bad`` can skip, count and list it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Source:
    """Files that a user points at.

    Attributes:
        root: the file or folder, as given.
        files: the files below ``root`` (or just it), sorted; hidden files are left out.
    """

    root: Path
    files: tuple[Path, ...]

    def name_of(self, file: Path) -> str:
        """Return ``file`` as messages should show it: relative to the folder that the user gave."""
        return file.name if file == self.root else str(file.relative_to(self.root))


@dataclass(frozen=True)
class Place:
    """Where a record stands: the file as shown to people, and the row (1 is the first row of data)."""

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file}, data row {self.row}"


@dataclass(frozen=True)
class Record:
    """One row as read: values by *field* name (mapping applied), the target under ``label``.

    The value of an open field (:class:`Columns`) is a mapping of its own, column → cell as read.
    """

    place: Place
    values: Mapping[str, Any]


@dataclass(frozen=True)
class BadRecord:
    """A row that cannot be used: where, which column, what is wrong, what to do."""

    place: Place
    message: str
    column: str | None = None
    hint: str | None = None


@dataclass(frozen=True)
class ColumnMapping:
    """Which column feeds which field: ``{"text": "headline", "label": "tone", "group": "company"}``.

    Fields are those of the example type plus the reserved ``label``, ``group`` and ``time``.

    Attributes:
        columns: field → column, for fields that one column feeds.
        open_field: the field that many columns feed (:class:`Columns`), where there is one. The core fills it in;
            adapters need not propose it.
        open: its columns, in order: the name in the example → the column of the file; they differ where a file
            calls a column otherwise than the model that reads it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    open_field: str = ""
    open: Mapping[str, str] = field(default_factory=dict)

    def value_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of ``row``, which are by column, by field; a column that the row lacks gives ``None``."""
        values: dict[str, Any] = {name: row.get(column) for name, column in self.columns.items()}
        if self.open_field:
            values[self.open_field] = {name: row.get(column) for name, column in self.open.items()}
        return values


RESERVED_FIELDS = ("label", "group", "time")
"""Fields that every solution has besides those of its example type."""


@dataclass(frozen=True)
class Probe:
    """What an adapter makes of a source.

    Attributes:
        files: the files that the adapter knows; empty when it does not fit.
        reason: one sentence for people, why it fits or not.
    """

    files: tuple[Path, ...]
    reason: str


@dataclass(frozen=True)
class RawTable:
    """Columns of the raw files, for inspection and for writing predictions beside them.

    Attributes:
        columns: name → values as read, ``None`` where missing; value ``i`` stands in the ``i``-th row that
            :meth:`Adapter.read` yields.
        rows: how many rows there are.
        notes: what people should know about how the files were read, e.g. their encoding.
    """

    columns: Mapping[str, list[Any]]
    rows: int
    notes: tuple[str, ...] = ()
