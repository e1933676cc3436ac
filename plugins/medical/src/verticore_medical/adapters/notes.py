"""Plain-text notes: ``.txt`` files with a labels file, in a folder per class, or without labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from platform_core.sdk import ColumnMapping, ColumnMissing, DataError, FileUnreadable, RawTable, Solution, Source
from platform_core.sdk.adapters import (
    MAX_FIELD,
    Decoded,
    FormatAdapter,
    RawRow,
    TableAdapter,
    TableFile,
    decode_file,
)
from platform_core.sdk.errors import EmptyData

_LABEL_FILES = ("labels.csv", "labels.tsv")
_FILE_NAMES = ("file", "filename", "file_name", "path", "note", "document", "id")
_UNTOLD = ("patient", "date")
"""Columns of notes of which nothing is said: missing, so that models that know them can be used."""

_TEXT, _FILE = "text", "file"


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the labels file: the note that it names, and its further columns."""

    row: int
    name: str
    values: dict[str, object]


class NotesAdapter(FormatAdapter):
    """Reads a note per ``.txt`` file.

    What is known of each stands in ``labels.csv`` beside them (``file,label`` and, if you like, ``patient``, ``date``,
    …), where ``file`` is the path below the folder, with or without ``.txt``. Without a labels file the name of the
    folder that a note lies in is its label. For predictions notes need no label.
    """

    name = "notes"
    description = (
        "a folder of .txt notes with labels.csv (file,label,patient: 0017.txt,cardiology,P-1042) or a folder per label"
    )
    specificity = 5
    own_columns = (_FILE,)
    known_by = "are notes, or their labels file"
    label_hint = "labels stand in labels.csv (file,label) beside the notes, or are the names of their folders"

    def files(self, source: Source) -> list[Path]:
        """Return the ``.txt`` files, where they are the data and no remark on other files, and the labels file."""
        notes = _notes(source)
        labels = _labels_file(source)
        sorted_by_folder = any(len(file.relative_to(source.root).parts) > 1 for file in notes)
        mostly_notes = 2 * len(notes) > len(source.files)
        if not notes or not (labels or sorted_by_folder or mostly_notes):
            return []
        return [*notes, *([labels] if labels else [])]

    def tables(self, source: Source) -> Iterator[TableFile]:
        """Yield the notes with what is known of them; one that is empty, damaged or not there has a problem."""
        labels = _labels_file(source)
        notes = {source.name_of(file): file for file in _notes(source)}
        return _by_folder(notes) if labels is None else _by_labels(labels, source.name_of(labels), notes)

    def propose(self, table: RawTable, solution: Solution) -> ColumnMapping:
        """Guess by name, then by content; the name of a file feeds nothing."""
        columns = {name: values for name, values in table.columns.items() if name != _FILE}
        return super().propose(RawTable(columns, table.rows), solution)


def _notes(source: Source) -> list[Path]:
    return [file for file in source.files if file.suffix.lower() == ".txt"]


def _labels_file(source: Source) -> Path | None:
    by_name = {file.name.lower(): file for file in source.files if file.parent == source.root}
    return next((by_name[name] for name in _LABEL_FILES if name in by_name), None)


def _by_folder(notes: dict[str, Path]) -> Iterator[TableFile]:
    labels = {shown: Path(shown).parent.name or None for shown in notes}
    columns = (_FILE, "label", *(() if any(labels.values()) else _UNTOLD), _TEXT)
    for shown, file in notes.items():
        yield TableFile(shown, columns, iter([_row(1, shown, file, {_FILE: shown, "label": labels[shown]})]))


def _by_labels(labels: Path, shown: str, notes: dict[str, Path]) -> Iterator[TableFile]:
    """Yield the rows of the labels file, in order, then the notes that it does not name."""
    lines, bad, columns = _read_lines(labels, shown)
    named = Counter(_key(line.name) for line in lines)
    by_key = {_key(name): name for name in notes}
    rows = [_labelled(line, shown, named, by_key, notes) for line in lines]
    all_columns = (_FILE, *columns, _TEXT)
    yield TableFile(shown, all_columns, iter(sorted([*rows, *bad], key=lambda row: row.row)))
    for key, name in by_key.items():
        if key not in named:
            yield TableFile(name, all_columns, iter([_row(1, name, notes[name], {_FILE: name})]))


def _labelled(line: _Line, shown: str, named: Counter[str], by_key: dict[str, str], notes: dict[str, Path]) -> RawRow:
    key = _key(line.name)
    if not line.name:
        return RawRow(line.row, line.values, "the row names no file", column=_FILE)
    if named[key] > 1:
        return RawRow(line.row, line.values, f"{line.name!r} is named {named[key]} times in {shown}", column=_FILE)
    if key not in by_key:
        hint = "names are paths below the folder, with or without .txt"
        return RawRow(line.row, line.values, f"there is no note {line.name!r}", column=_FILE, hint=hint)
    name = by_key[key]
    return _row(line.row, name, notes[name], {_FILE: name, **line.values})


def _row(number: int, shown: str, file: Path, values: dict[str, object]) -> RawRow:
    """Return the row of a note, with its text."""
    try:
        decoded = decode_file(file, shown)
    except EmptyData:
        return RawRow(number, values, f"the note {shown!r} is empty")
    except FileUnreadable as error:
        return RawRow(number, values, f"the note {shown!r} cannot be read: {error.message}")
    if decoded.mixed:
        problem = f"the note {shown!r} mixes encodings"
        return RawRow(number, {**values, _TEXT: Decoded.clean(decoded.text)}, problem, hint="save it as UTF-8")
    if not decoded.text.strip():
        return RawRow(number, values, f"the note {shown!r} is empty")
    if len(decoded.text) > MAX_FIELD:
        return RawRow(number, values, f"the note {shown!r} has more than {MAX_FIELD:,} characters")
    return RawRow(number, {**values, _TEXT: decoded.text})


def _read_lines(labels: Path, shown: str) -> tuple[list[_Line], list[RawRow], list[str]]:
    """Return the rows of the labels file, those that cannot be read, and its columns other than the file's name.

    Raises:
        ColumnMissing: no column names files.
        DataError: the file cannot be read.
    """
    (table,) = TableAdapter().tables(Source(labels, (labels,)))
    by_name = {name.lower(): name for name in table.columns}
    column = next((by_name[name] for name in _FILE_NAMES if name in by_name), None)
    if column is None:
        raise ColumnMissing.of(_FILE, table.columns, where=shown, field=_FILE)
    if _TEXT in by_name:
        raise DataError(
            "the labels file has texts of its own", where=shown, hint="point at the file, not at the folder"
        )
    others = [name for name in table.columns if name != column]
    lines, bad = [], []
    for raw in table.rows:
        if raw.problem:
            bad.append(raw)
        else:
            values = {other: raw.values[other] for other in others}
            lines.append(_Line(raw.row, str(raw.values[column]).strip(), values))
    return lines, bad, others


def _key(name: str) -> str:
    """Return ``name`` as files are compared: with forward slashes, without ``.txt``."""
    return name.replace("\\", "/").removeprefix("./").removesuffix(".txt").removesuffix(".TXT")
