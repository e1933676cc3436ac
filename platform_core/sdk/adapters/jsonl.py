"""JSON Lines: one object per line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from platform_core.sdk.adapters.decoding import MAX_FIELD, Decoded, decode_file
from platform_core.sdk.adapters.json_text import DamagedJson, parse_json
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
    lines = ((place, line) for place, line in enumerate(decoded.text.split("\n"), 1) if line.strip())
    for number, (place, line) in enumerate(lines, 1):
        yield _row(number, place, line, decoded)


def _row(number: int, place: int, line: str, decoded: Decoded) -> RawRow:
    if len(line) > MAX_FIELD:
        return RawRow(number, {}, f"the line has more than {MAX_FIELD:,} characters", hint="write one object per line")
    if decoded.is_damaged(line):
        shown = Decoded.clean(line)[:60]
        return RawRow(number, {}, f"the file mixes encodings: {shown!r} is not UTF-8", hint="save the file as UTF-8")
    try:
        value = parse_json(line, line=place)
    except DamagedJson as damage:
        return RawRow(number, {}, str(damage), hint=damage.hint)
    if not isinstance(value, dict):
        return RawRow(number, {}, f"the line holds a {type(value).__name__}, not an object", hint='write {"column": …}')
    return RawRow(number, value)
