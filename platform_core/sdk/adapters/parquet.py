"""Parquet, by polars."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from platform_core.sdk.adapters.decoding import read_bytes
from platform_core.sdk.adapters.rows import RawRow, TableFile
from platform_core.sdk.errors import FileUnreadable

_MAGIC = b"PAR1"


def open_parquet(path: Path, shown: str) -> TableFile:
    """Open a Parquet file.

    Raises:
        FileMissing: there is no such file.
        FileUnreadable: it is damaged, cut off or no Parquet.
        EmptyData: it has no bytes.
    """
    data = read_bytes(path, shown)
    if not data.startswith(_MAGIC):
        raise FileUnreadable("the file is no Parquet, whatever its name says", where=shown)
    if not data.endswith(_MAGIC):
        raise FileUnreadable("the Parquet file is cut off: its end is missing", where=shown, hint="copy it again")
    import polars

    try:
        frame = polars.read_parquet(data)
    except (Exception, polars.exceptions.PanicException) as error:  # a panic of its Rust code is no Exception
        raise FileUnreadable(
            f"the Parquet file is damaged ({str(error).splitlines()[0][:200]})", where=shown, hint="write it again"
        ) from error
    return TableFile(shown, tuple(frame.columns), _rows(frame.iter_rows(named=True)))


def _rows(rows: Iterator[dict[str, object]]) -> Iterator[RawRow]:
    for number, values in enumerate(rows, 1):
        yield RawRow(number, values)
