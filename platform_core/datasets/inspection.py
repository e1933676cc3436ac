"""What a file holds, before anything is imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from platform_core.datasets.cells import is_missing
from platform_core.datasets.column_styles import read_column, style_of
from platform_core.datasets.describing import label_warnings
from platform_core.datasets.duplicates import cluster
from platform_core.datasets.likeness import count_conflicts, count_linked, duplicates_of
from platform_core.datasets.reading import ReadResult
from platform_core.datasets.screening import Suspect, screen
from platform_core.datasets.targets import count_targets, describe_numbers
from platform_core.sdk import RawTable, Target

_SHOWN_EXAMPLES = 3
_SHOWN_CHARACTERS = 80
_TEXT_WORDS = 3.0


@dataclass(frozen=True)
class Column:
    """A column of the raw files.

    Attributes:
        name: its name.
        type: ``text``, ``category``, ``integer``, ``number``, ``boolean``, ``other`` or ``empty``.
        missing: rows without a value.
        distinct: how many different values there are.
        examples: a few values, shortened.
        field: the field that it feeds, or nothing.
    """

    name: str
    type: str
    missing: int
    distinct: int
    examples: tuple[str, ...]
    field: str | None


@dataclass(frozen=True)
class Inspection:
    """What would be read.

    Attributes:
        adapter: the adapter that fits.
        rows: usable rows.
        bad_rows: rows that an import would refuse, or skip with ``--skip-bad``.
        unlabelled: usable rows without a target, which an import treats likewise; all, where no column is the label.
        columns: all columns.
        mapping: the proposed mapping, field → column, and of an open field its columns.
        labels: rows per label.
        target: quantiles of a target that is a number.
        duplicates: ``exact``: rows that repeat another; ``near``: rows nearly like another; ``clusters``: groups of
            rows that stay together; ``conflicts``: inputs that appear with different labels.
        suspects: columns that should not be learned from; those of an open field are left out of it.
        ignored_files: files that the adapter does not know.
        warnings: what people should know.
    """

    adapter: str
    rows: int
    bad_rows: int
    unlabelled: int
    columns: tuple[Column, ...]
    mapping: dict[str, str | tuple[str, ...]]
    labels: dict[str, int]
    target: dict[str, float]
    duplicates: dict[str, int]
    suspects: tuple[Suspect, ...]
    ignored_files: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def inspect_examples(read: ReadResult, target: Target) -> Inspection:
    """Look at everything that was read for a solution that predicts ``target``."""
    examples = read.examples
    found = duplicates_of(examples)
    clusters = cluster(len(examples), found.exact + found.near)
    fields = _fields_by_column(read)
    return Inspection(
        adapter=read.adapter,
        rows=len(examples),
        bad_rows=read.bad_rows,
        unlabelled=sum(example.target is None for example in examples),
        columns=tuple(_column(name, values, fields.get(name)) for name, values in read.raw.columns.items()),
        mapping=read.mapping,
        labels=count_targets(examples),
        target=describe_numbers(examples),
        duplicates={
            "exact": len(found.exact),
            "near": count_linked(found.near),
            "clusters": len(set(clusters)),
            "conflicts": count_conflicts(examples),
        },
        suspects=tuple(suspects_of(read)),
        ignored_files=read.ignored_files,
        warnings=(*read.warnings, *label_warnings(examples, target)),
    )


def suspects_of(read: ReadResult) -> list[Suspect]:
    """Return the suspects among the columns that feed no field, those that were kept out of the open field first.

    Columns that the format itself needs, such as the names of files, are none.
    """
    known = {suspect.column for suspect in read.dropped}
    raw: RawTable = read.raw
    own = getattr(read.reader.adapter, "own_columns", ())  # adapters need not have them
    names = [name for name in read.unused if name in raw.columns and name not in known and name not in own]
    unused = {name: [raw.columns[name][row] for row in read.rows] for name in names}
    found = screen(unused, [example.target for example in read.examples]) if unused else []
    return [*read.dropped, *(suspect for suspect in found if suspect.sure and suspect.kind in ("leak", "identifier"))]


def _fields_by_column(read: ReadResult) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, columns in read.mapping.items():
        fields |= dict.fromkeys([columns] if isinstance(columns, str) else columns, name)
    return fields


def _column(name: str, values: Sequence[Any], field: str | None) -> Column:
    present = [value for value in values if not is_missing(value)]
    distinct = dict.fromkeys(map(str, present))
    shown = tuple(_shortened(value) for value in list(distinct)[:_SHOWN_EXAMPLES])
    return Column(name, _type_of(present), len(values) - len(present), len(distinct), shown, field)


def _type_of(present: Sequence[Any]) -> str:
    if not present:
        return "empty"
    style = style_of(present)
    if style.kind == "boolean":
        return "boolean"
    if style.kind == "number":
        numbers = [cell for cell in read_column(present, style) if isinstance(cell, float)]
        return "integer" if all(number.is_integer() for number in numbers) else "number"
    if not all(isinstance(value, str) for value in present):
        return "other"
    words = sum(len(value.split()) for value in present) / len(present)
    return "text" if words >= _TEXT_WORDS else "category"


def _shortened(value: str) -> str:
    return value if len(value) <= _SHOWN_CHARACTERS else value[: _SHOWN_CHARACTERS - 1] + "…"
