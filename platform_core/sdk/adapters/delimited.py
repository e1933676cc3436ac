"""CSV and its relatives, row by row. The standard reader is used because it tells exactly where a row starts."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from platform_core.sdk.adapters.decoding import MAX_FIELD, Decoded, decode_file
from platform_core.sdk.adapters.rows import RawRow, TableFile
from platform_core.sdk.errors import DataError, EmptyData

MAX_COLUMNS = 10_000
MAX_COLUMN_NAME = 1_000
_DELIMITERS = ",;\t|"
_ENCODING_HINT = "save the whole file as UTF-8, or skip such rows with --skip-bad"


def open_delimited(path: Path, shown: str) -> TableFile:
    """Open a CSV or TSV file; the first line names the columns.

    The delimiter of ``.tsv`` files is the tab, that of others the one of ``, ; tab |`` that gives even rows.

    Raises:
        FileMissing: there is no such file.
        FileUnreadable: it is no text.
        EmptyData: it holds nothing.
        DataError: the header cannot be used.
    """
    decoded = decode_file(path, shown)
    if not decoded.text.strip():
        raise EmptyData("the file is empty", where=shown)
    csv.field_size_limit(max(csv.field_size_limit(), MAX_FIELD))
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _find_delimiter(decoded.text)
    lines = _Lines(decoded.text)
    if delimiter == "\t" and not _is_even(decoded.text, delimiter):
        reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=delimiter)
    columns = _header(reader, decoded, shown)
    notes = (decoded.note,) if decoded.note else ()
    return TableFile(shown, columns, _rows(reader, lines, columns, decoded), notes)


class _Lines:
    """The lines of a text. A reader that asks for a line after the last one while inside a row is inside a quote."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._lines.readline()
        if not line:
            self.ended = True
            raise StopIteration
        return line


def _find_delimiter(text: str) -> str:
    """Choose by the first rows: the delimiter that splits most of them into as many fields as the header."""
    head = text[:20_000]
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), 50) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        even = Counter(len(row) for row in rows)[width] / len(rows)
        if (even, width) > best_score:
            best, best_score = delimiter, (even, width)
    return best


def _is_even(text: str, delimiter: str) -> bool:
    """Tell whether all rows are of one width when quotes are honoured; stray quotes swallow line ends."""
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return len({len(row) for row in rows if row}) <= 1
    except csv.Error:
        return False


def _header(reader: Iterator[list[str]], decoded: Decoded, shown: str) -> tuple[str, ...]:
    where = f"{shown}, line 1"
    try:
        cells = next(row for row in reader if row)
    except csv.Error:
        raise DataError(f"the first line has a value of more than {MAX_FIELD:,} characters", where=where) from None
    hint = "the first line must name the columns"
    if len(cells) > MAX_COLUMNS:
        raise DataError(f"the first line has {len(cells):,} fields", where=where, hint=hint)
    names = [cell.strip() or f"unnamed_{i}" for i, cell in enumerate(cells, 1)]
    longest = max(names, key=len)
    if len(longest) > MAX_COLUMN_NAME:
        raise DataError(f"a column name has {len(longest):,} characters", where=where, hint=hint)
    if any(map(decoded.is_damaged, names)):
        raise DataError("the file mixes encodings, its header is not UTF-8", where=where, hint="save it as UTF-8")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"the column {twice[0]!r} appears {names.count(twice[0])} times",
            where=where,
            hint="give each column its own name",
            details={"duplicates": twice},
        )
    return tuple(names)


def _rows(reader: Iterator[list[str]], lines: _Lines, columns: tuple[str, ...], decoded: Decoded) -> Iterator[RawRow]:
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield _refused(number, error)
            continue
        if not cells:
            continue
        number += 1
        if lines.ended:
            yield RawRow(number, {}, "the row opens a quote that is never closed", hint="close it, or double it")
        else:
            yield _row(number, cells, columns, decoded)


def _row(number: int, cells: list[str], columns: tuple[str, ...], decoded: Decoded) -> RawRow:
    if len(cells) != len(columns):
        return RawRow(
            number,
            {name: Decoded.clean(cell) for name, cell in zip(columns, cells, strict=False)},
            f"the row has {len(cells)} fields, the header has {len(columns)}",
            hint="put values that hold the delimiter or a line end in double quotes",
        )
    if decoded.mixed:
        for name, cell in zip(columns, cells, strict=True):
            if decoded.is_damaged(cell):
                return RawRow(
                    number,
                    {n: Decoded.clean(c) for n, c in zip(columns, cells, strict=True)},
                    f"the file mixes encodings: {Decoded.clean(cell)[:60]!r} is not UTF-8 as the rows before or after",
                    column=name,
                    hint=_ENCODING_HINT,
                )
    return RawRow(number, dict(zip(columns, cells, strict=True)))


def _refused(number: int, error: csv.Error) -> RawRow:
    if "field larger" in str(error):
        return RawRow(
            number, {}, f"a value has more than {MAX_FIELD:,} characters", hint="look for a quote that is never closed"
        )
    return RawRow(number, {}, f"the row cannot be read: {error}")
