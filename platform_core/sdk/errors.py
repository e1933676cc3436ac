"""The errors of Verticore, as one tree.

VerticoreError
├── BadInput                    what the caller gave cannot be used (exit 2, HTTP 422)
│   ├── UsageError              an option or a request is wrong
│   ├── DataError               a file, a row or a column is wrong
│   │   ├── FileMissing
│   │   ├── FileUnreadable
│   │   ├── EmptyData
│   │   └── ColumnMissing
│   ├── NotFound                a reference names nothing (HTTP 404)
│   └── Conflict                the state forbids it (HTTP 409)
├── PluginError                 a plugin cannot be used
├── IntegrityError              stored bytes are not the bytes that were published
├── UnsafeArtifact              a file format or a setting that could run code
├── StorageFull                 no room to write
├── WorkspaceTooNew             the workspace was written by a newer release
├── TrainingFailed              the optimisation cannot go on
├── Interrupted                 work stopped on request; its checkpoint is kept
├── Overloaded                  the server has more work than it can take (HTTP 503)
├── MemoryFull                  a model does not fit into the memory for models (HTTP 503)
├── DeadlineExceeded            the answer did not come in time (HTTP 504)
└── ModelFailed                 a model's own networks fail

Every error says *what* is wrong, *where*, and *what to do*; ``code`` is stable across releases.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, ClassVar, Self


class VerticoreError(Exception):
    """Something that Verticore can explain.

    Args:
        message: what is wrong, one sentence.
        where: the place: a file, a row, a column, an option, a name.
        hint: what the user can do about it.
        details: machine-readable facts (JSON types only).
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.details = details or {}

    def __str__(self) -> str:
        place = f", at {self.where}" if self.where else ""
        remedy = f", {self.hint}" if self.hint else ""
        return f"{self.code}: {self.message}{place}{remedy}"

    def to_dict(self) -> dict[str, Any]:
        """Return the error as JSON types: ``code``, ``message``, and the parts that are set."""
        parts = {"where": self.where, "hint": self.hint, "details": self.details or None}
        return {"code": self.code, "message": self.message} | {k: v for k, v in parts.items() if v is not None}


class BadInput(VerticoreError):
    """What the caller gave cannot be used."""

    code = "input.invalid"
    status = 422
    exit_code = 2


class UsageError(BadInput):
    """An option or a request is wrong."""

    code = "usage.invalid"


class DataError(BadInput):
    """A file, a row or a column is wrong."""

    code = "data.invalid"


class FileMissing(DataError):
    """The path does not exist."""

    code = "data.file-missing"


class FileUnreadable(DataError):
    """The file is not of the format that its name promises, or is damaged."""

    code = "data.file-unreadable"


class EmptyData(DataError):
    """There are no examples to work on."""

    code = "data.empty"


class ColumnMissing(DataError):
    """A column that is needed is not in the file."""

    code = "data.column-missing"

    @classmethod
    def of(cls, column: str, columns: Iterable[str], *, where: str, field: str) -> Self:
        """Build the error for ``column``, which should feed ``field``; it lists the ``columns`` that there are."""
        names = list(columns)
        nearest = difflib.get_close_matches(column, names, n=1, cutoff=0.5)
        suggestion = f"did you mean {nearest[0]!r}? " if nearest else ""
        shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
        return cls(
            f"there is no column {column!r} for {field!r}",
            where=where,
            hint=f"{suggestion}columns found: {shown}; choose with --map {field}=COLUMN",
            details={"column": column, "field": field, "columns": names[:100]},
        )


class NotFound(BadInput):
    """A reference names nothing."""

    code = "reference.not-found"
    status = 404

    @classmethod
    def of(cls, kind: str, name: str, known: Iterable[str] = (), *, hint: str | None = None) -> Self:
        """Build the error for ``name``, suggesting the nearest of the ``known`` names."""
        names = sorted(set(known))
        nearest = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        if nearest:
            advice = f"did you mean {' or '.join(repr(n) for n in nearest)}?"
        elif names:
            shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
            advice = f"known: {shown}"
        else:
            advice = hint or f"there is no {kind} yet"
        return cls(
            f"there is no {kind} {name!r}",
            hint=advice,
            details={"kind": kind, "name": name, "nearest": nearest},
        )


class Conflict(BadInput):
    """The present state forbids it."""

    code = "state.conflict"
    status = 409


class PluginError(VerticoreError):
    """A plugin cannot be used."""

    code = "plugin.failed"
    exit_code = 2


class IntegrityError(VerticoreError):
    """Stored bytes are not the bytes that were published."""

    code = "artifact.tampered"
    exit_code = 2


class UnsafeArtifact(VerticoreError):
    """A file format or a setting that could run code was refused."""

    code = "artifact.unsafe"
    exit_code = 2


class StorageFull(VerticoreError):
    """There is no room to write."""

    code = "storage.full"
    status = 507
    exit_code = 2


class WorkspaceTooNew(VerticoreError):
    """The workspace was written by a newer release."""

    code = "workspace.too-new"
    exit_code = 2


class TrainingFailed(VerticoreError):
    """The optimisation cannot go on."""

    code = "training.failed"


class Interrupted(VerticoreError):
    """Work stopped on request; its checkpoint is kept."""

    code = "run.interrupted"


class Overloaded(VerticoreError):
    """The server has more work than it can take."""

    code = "server.overloaded"
    status = 503


class MemoryFull(VerticoreError):
    """A model does not fit into the memory for models."""

    code = "memory.full"
    status = 503


class DeadlineExceeded(VerticoreError):
    """The answer did not come in time."""

    code = "server.deadline"
    status = 504


class ModelFailed(VerticoreError):
    """A model's own networks fail; those of others do not."""

    code = "model.failed"
    status = 500
