"""What a Parquet file holds when it is unpacked: a few kilobytes may be more than the memory of the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from platform_core.api.problems import BodyTooLarge, TooManyExamples
from platform_core.sdk import Progress, UsageError

if TYPE_CHECKING:
    import polars as pl

MOST_CELLS = 100_000_000
SLICE = 1_000
"""Rows that are unpacked at a time; the reader passes over pages that hold none of them."""

_HINT = "split it, or use 'verticore predict'"


def is_parquet(path: Path) -> bool:
    """Tell whether a file says so, whatever it is called."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def check_unpacked(path: Path, most: int, progress: Progress) -> None:
    """Refuse a file that holds too much; one that cannot be read is left to whoever reads it.

    Args:
        path: the file.
        most: bytes that its texts may have together.
        progress: may end this between slices.

    Raises:
        TooManyExamples: it has more than :data:`MOST_CELLS` cells.
        BodyTooLarge: its texts are longer than ``most``.
        UsageError: a column holds lists; one row of a small file may hold any number of values.
    """
    import polars as pl

    try:
        frame = pl.scan_parquet(path)
        leaves = [leaf for name, kind in frame.collect_schema().items() for leaf in _leaves(pl.col(name), kind, name)]
        rows = frame.select(pl.len()).collect().item()
        _check_cells(rows * len(leaves), path.name)
        texts = [size for size in leaves if size is not None]
        total = 0
        for start in range(0, rows if texts else 0, SLICE):
            progress.advance(0)
            total += sum(frame.slice(start, SLICE).select(texts).collect().row(0))
            _check_bytes(total, most, path.name)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
        return


def _leaves(column: pl.Expr, kind: pl.DataType, name: str) -> Iterator[pl.Expr | None]:
    """Yield for each cell of a row the bytes in its column, ``None`` where it is no text."""
    import polars as pl

    if isinstance(kind, pl.Struct):
        for field in kind.fields:
            yield from _leaves(column.struct.field(field.name), field.dtype, f"{name}.{field.name}")  # type: ignore[arg-type]
    elif kind.is_nested():
        raise UsageError(f"the column {name[:80]!r} holds lists", where=name[:80], hint="leave it out of the file")
    elif isinstance(kind, pl.Binary):
        yield column.bin.size().cast(pl.UInt64).sum().alias(name)
    elif isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        yield column.cast(pl.String).str.len_bytes().cast(pl.UInt64).sum().alias(name)
    else:
        yield None


def _check_cells(cells: int, name: str) -> None:
    if cells > MOST_CELLS:
        message = f"the file holds {cells:,} cells, {MOST_CELLS:,} are allowed"
        raise TooManyExamples(message, where=name, hint=_HINT, details={"limit": MOST_CELLS})


def _check_bytes(size: int, most: int, name: str) -> None:
    if size > most:
        message = f"the texts of the file are longer than {most:,} bytes"
        raise BodyTooLarge(message, where=name, hint=_HINT, details={"limit": most})
