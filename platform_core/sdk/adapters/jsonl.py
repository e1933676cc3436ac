"""JSON Lines: one object per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from platform_core.sdk.adapters.decoding import MAX_FIELD, Decoded, decode_file
from platform_core.sdk.adapters.rows import RawRow, TableFile
from platform_core.sdk.errors import EmptyData


def open_jsonl(path: Path, shown: str) -> TableFile:
    """Open a JSON Lines file; its columns are the keys of all objects, in order of appearance.

    Raises:
        FileMissing: there is no such file.
        FileUnreadable: it is no text.
        EmptyData: it holds no line.
    """
    decoded = decode_file(path, shown)
    rows = list(_rows(decoded))
    if not rows:
        raise EmptyData("the file is empty", where=shown)
    columns = dict.fromkeys(name for raw in rows for name in raw.values)
    return TableFile(shown, tuple(columns), iter(rows), (decoded.note,) if decoded.note else ())


def _rows(decoded: Decoded) -> Iterator[RawRow]:
    lines = (line for line in decoded.text.split("\n") if line.strip())
    for number, line in enumerate(lines, 1):
        yield _row(number, line, decoded)


def _row(number: int, line: str, decoded: Decoded) -> RawRow:
    if len(line) > MAX_FIELD:
        return RawRow(number, {}, f"the line has more than {MAX_FIELD:,} characters", hint="write one object per line")
    if decoded.is_damaged(line):
        shown = Decoded.clean(line)[:60]
        return RawRow(number, {}, f"the file mixes encodings: {shown!r} is not UTF-8", hint="save the file as UTF-8")
    try:
        value: Any = json.loads(line)
    except json.JSONDecodeError as error:
        return RawRow(
            number,
            {},
            f"the line is no JSON ({error.msg} at character {error.pos + 1})",
            hint="write one object per line",
        )
    except (ValueError, RecursionError) as error:
        return RawRow(number, {}, f"the line cannot be read ({type(error).__name__})")
    if not isinstance(value, dict):
        return RawRow(number, {}, f"the line holds a {type(value).__name__}, not an object", hint='write {"column": …}')
    return RawRow(number, value)
