"""What an operation returned, with what people should know about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, kw_only=True)
class OperationResult:
    """The result of one run of an operation.

    Attributes:
        operation: id of the operation.
        output: its result, of the operation's own type.
        models: the models that were asked: the reference as given → the version that answered.
        rows: how many rows were read from a file.
        bad_rows: how many of its rows were skipped.
        skipped: these rows: file, row, column, message and hint.
        warnings: what people should know.
        seconds: how long it took.
    """

    operation: str
    output: BaseModel
    models: Mapping[str, str]
    rows: int
    bad_rows: int
    skipped: Sequence[Mapping[str, Any]]
    warnings: Sequence[str]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "operation": self.operation,
            "output": self.output.model_dump(mode="json"),
            "models": dict(self.models),
            "rows": self.rows,
            "bad_rows": self.bad_rows,
            "skipped": [dict(row) for row in self.skipped],
            "warnings": list(self.warnings),
            "seconds": round(self.seconds, 3),
        }
