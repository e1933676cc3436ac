"""What a file holds, before anything is imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from platform_core.datasets.duplicates import cluster, find_duplicates
from platform_core.datasets.reading import ReadResult
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.screening import Suspect, as_numbers, is_missing, screen
from platform_core.sdk import Example, RawTable, Text, field_markers

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
        columns: all columns.
        mapping: the proposed mapping, field → column.
        labels: rows per label.
        duplicates: ``exact``: rows that repeat another; ``near``: rows nearly like another; ``clusters``: groups of
            rows that stay together; ``conflicts``: inputs that appear with different labels.
        suspects: columns that should not be learned from.
        ignored_files: files that the adapter does not know.
        warnings: what people should know.
    """

    adapter: str
    rows: int
    bad_rows: int
    columns: tuple[Column, ...]
    mapping: dict[str, str]
    labels: dict[str, int]
    duplicates: dict[str, int]
    suspects: tuple[Suspect, ...]
    ignored_files: tuple[str, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        return asdict(self)


def inspect_examples(read: ReadResult) -> Inspection:
    """Look at everything that was read."""
    examples = read.examples
    found = find_duplicates([row.example for row in examples], texts_of(examples))
    clusters = cluster(len(examples), found.exact + found.near)
    counts = Counter(row.target for row in examples if row.target is not None)
    fields = {column: name for name, column in read.mapping.items()}
    return Inspection(
        adapter=read.adapter,
        rows=len(examples),
        bad_rows=read.bad_rows,
        columns=tuple(_column(name, values, fields.get(name)) for name, values in read.raw.columns.items()),
        mapping=read.mapping,
        labels=dict(counts.most_common()),
        duplicates={
            "exact": len(found.exact),
            "near": count_linked(found.near),
            "clusters": len(set(clusters)),
            "conflicts": count_conflicts(examples),
        },
        suspects=tuple(suspects_of(read)),
        ignored_files=read.ignored_files,
        warnings=tuple(read.warnings),
    )


def suspects_of(read: ReadResult) -> list[Suspect]:
    """Return the suspects among the columns that feed no field."""
    raw: RawTable = read.raw
    unused = {name: [raw.columns[name][row] for row in read.rows] for name in read.unused if name in raw.columns}
    return screen(unused, [example.target for example in read.examples])


def texts_of(examples: Sequence[LabeledExample]) -> list[str] | None:
    """Return the text of each example, its text fields joined; ``None`` where the type has none."""
    if not examples:
        return None
    markers = field_markers(type(examples[0].example))
    names = [name for name, marker in markers.items() if isinstance(marker, Text)]
    return [_joined(row.example, names) for row in examples] if names else None


def count_linked(links: Sequence[tuple[int, int]]) -> int:
    """Return how many rows have a link."""
    return len({row for link in links for row in link})


def count_conflicts(examples: Sequence[LabeledExample]) -> int:
    """Return how many inputs appear with different labels."""
    labels: dict[Example, set[str | None]] = {}
    for row in examples:
        labels.setdefault(row.example, set()).add(row.target)
    return sum(len(found) > 1 for found in labels.values())


def _joined(example: Example, names: Sequence[str]) -> str:
    return "\n".join(str(getattr(example, name) or "") for name in names)


def _column(name: str, values: Sequence[Any], field: str | None) -> Column:
    present = [value for value in values if not is_missing(value)]
    distinct = dict.fromkeys(map(str, present))
    shown = tuple(_shortened(value) for value in list(distinct)[:_SHOWN_EXAMPLES])
    return Column(name, _type_of(present, distinct), len(values) - len(present), len(distinct), shown, field)


def _type_of(present: Sequence[Any], distinct: dict[str, None]) -> str:
    if not present:
        return "empty"
    if {value.casefold() for value in distinct} <= {"true", "false"}:
        return "boolean"
    numbers = as_numbers(present)
    if numbers is not None:
        return "integer" if all(number.is_integer() for number in numbers) else "number"
    if not all(isinstance(value, str) for value in present):
        return "other"
    words = sum(len(value.split()) for value in present) / len(present)
    return "text" if words >= _TEXT_WORDS else "category"


def _shortened(value: str) -> str:
    return value if len(value) <= _SHOWN_CHARACTERS else value[: _SHOWN_CHARACTERS - 1] + "…"
