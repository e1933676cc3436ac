"""The rows of a file as part of an operation's input: read, mapped and checked as the examples of a solution are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platform_core.datasets.mapping import MappedColumns
from platform_core.datasets.reading import ReadResult, read_examples
from platform_core.sdk import CardNotes, NumberTarget, Operation, Progress, Sample, Solution, UsageError, row_type
from platform_core.sdk.adapters import TableAdapter


def read_rows(
    operation: Operation[Any, Any],
    path: str | Path,
    *,
    mapping: MappedColumns | None = None,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> ReadResult:
    """Read a file or folder of tables for the field :attr:`Operation.rows`.

    Values that cannot be right are for the operation to tell: it gets them as they are.

    Args:
        operation: whose rows they are.
        path: CSV, TSV, JSON Lines or Parquet.
        mapping: field → column, for fields that should not be guessed.
        skip_bad: skip and count rows that cannot be used, instead of refusing all.
        progress: is told the rows.

    Raises:
        UsageError: the operation takes no rows.
        DataError: the file or a row cannot be used; names the place.
    """
    example = row_type(operation)
    if example is None:
        raise UsageError(
            f"{operation.id} takes no rows of a file", where="--data", hint="give its input with --input or --set"
        )
    reader = Solution(
        id=operation.id,
        title=operation.title,
        summary=operation.summary,
        example=example,
        target=NumberTarget(aliases=()),
        adapters=(TableAdapter(),),
        head="",
        recipes={},
        default_method="head",
        sample=Sample(write=lambda _: None, description="", requests=()),
        notes=CardNotes(intended_use=""),
    )
    return read_examples(
        reader,
        path,
        mapping=mapping,
        labelled=False,
        skip_bad=skip_bad,
        warn_of_values=False,
        progress=progress,
    )
