"""Which columns feed the open field of an example, and what their cells mean.

All columns that feed no other field do, but for those that are declared as known later, as meaningless or as unique,
those that the screening refuses, and those that the user drops. ``keep`` overrides all but ``drop``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from platform_core.datasets.cells import Style, Unfit
from platform_core.datasets.column_styles import read_column, style_of
from platform_core.datasets.open_warnings import doubt_warning, dropped_warning, later_warning, stray_warnings
from platform_core.datasets.outcome_names import sounds_later
from platform_core.datasets.screening import Kind, Suspect, screen
from platform_core.datasets.target_reading import read_target
from platform_core.datasets.targets import ordered_labels
from platform_core.sdk import (
    RESERVED_FIELDS,
    BadRecord,
    ColumnMapping,
    Columns,
    DataError,
    NotFound,
    OrdinalTarget,
    Record,
    Target,
    TargetValue,
    UsageError,
)
from platform_core.sdk.names import simple_name

Basis = Literal["all", "listed", "model"]
"""Why columns are taken: all that are free, those that the user listed, or those that a model was trained on."""


@dataclass(frozen=True)
class Choice:
    """What the user says of single columns.

    Attributes:
        drop: columns that must not feed the open field.
        keep: columns that must feed it, whatever speaks against them.
    """

    drop: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()

    def check(self, columns: Collection[str], *, has_open_field: bool, solution: str) -> None:
        """Refuse words on columns that there are not, and where there is no open field.

        Raises:
            UsageError: a column is both dropped and kept, or the solution has no open field.
            NotFound: there is no such column.
        """
        for option, names in (("--drop", self.drop), ("--keep", self.keep)):
            if names and not has_open_field:
                hint = "say with --map which column feeds which field"
                raise UsageError(f"{solution} has no field that takes all columns", where=option, hint=hint)
            for name in sorted(names - set(columns)):
                raise NotFound.of("column", name, columns)
        both = sorted(self.drop & self.keep)
        if both:
            raise UsageError(f"the column {both[0]!r} is both dropped and kept", where="--drop", hint="say one of them")


@dataclass(frozen=True)
class OpenTable:
    """Records with their open field read.

    Attributes:
        records: the cells of the open field are typed; a record with one that cannot be read is bad.
        mapping: with the columns that feed the open field.
        styles: how their cells were read.
        dropped: columns that do not feed it and why, but for those that the user dropped.
        warnings: what people should know.
    """

    records: Iterable[Record | BadRecord]
    mapping: ColumnMapping
    styles: Mapping[str, Style] = field(default_factory=dict)
    dropped: tuple[Suspect, ...] = ()
    warnings: tuple[str, ...] = ()


def without_declared(
    mapping: ColumnMapping, marker: Columns, choice: Choice, basis: Basis
) -> tuple[ColumnMapping, list[Suspect]]:
    """Return the mapping without the columns that the user drops or the solution refuses, and the latter."""
    declared: list[Suspect] = []
    if basis == "all":
        refused: Mapping[Kind, tuple[str, ...]] = {
            "later": marker.known_later,
            "ignored": marker.ignored,
            "unique": marker.unique,
        }
        for name in (name for name in mapping.open if name not in choice.keep | choice.drop):
            kind = next((kind for kind, names in refused.items() if named_in(name, names)), None)
            if kind is not None:
                declared.append(Suspect(name, kind, "the solution says so"))
    dropped = choice.drop | {suspect.column for suspect in declared}
    return _without(mapping, dropped), declared


def named_in(column: str, names: Iterable[str]) -> bool:
    """Tell whether ``column`` has one of ``names``, as names of columns are compared."""
    return simple_name(column) in {simple_name(name) for name in names}


def read_open_field(
    records: Iterable[Record | BadRecord],
    mapping: ColumnMapping,
    target: Target,
    *,
    choice: Choice,
    basis: Basis,
    declared: Sequence[Suspect] = (),
    styles: Mapping[str, Style] | None = None,
) -> OpenTable:
    """Choose the columns of the open field, and read their cells.

    Args:
        records: as the adapter read them.
        mapping: with all columns that may feed the open field.
        target: what they must not give away.
        choice: the user's word.
        basis: why these columns; those of a model are not screened.
        declared: columns that were left out before.
        styles: how cells are read, where it is known.
    """
    found = list(records)
    good = [record for record in found if isinstance(record, Record)]
    raw = {name: [record.values[mapping.open_field][name] for record in good] for name in mapping.open}
    suspects = [] if basis == "model" else _suspects(raw, good, target)
    asked = frozenset(raw) if basis == "listed" else choice.keep
    dropped = [suspect for suspect in suspects if suspect.sure and suspect.column not in asked]
    left = _without(mapping, frozenset(suspect.column for suspect in dropped))
    used = {name: (styles or {}).get(name) or style_of(raw[name]) for name in left.open}
    doubts = [suspect for suspect in suspects if suspect.kind == "leak" and suspect not in dropped]
    told = [doubt_warning(suspect, asked=suspect.column in asked) for suspect in doubts]
    doubted = {suspect.column for suspect in doubts}
    later = [name for name in left.open if sounds_later(name) and name not in asked | doubted]
    if later and basis == "all":
        told.append(later_warning(later))
    return OpenTable(
        records=_typed(found, left, {name: read_column(raw[name], style) for name, style in used.items()}),
        mapping=left,
        styles=used,
        dropped=(*declared, *dropped),
        warnings=(*map(dropped_warning, (*declared, *dropped)), *told, *stray_warnings(used)),
    )


def check_not_empty(table: OpenTable, where: str) -> None:
    """Refuse an open field that no column feeds, where no other field is fed.

    Raises:
        DataError: all columns were dropped.
    """
    fields = table.mapping.columns.keys() - set(RESERVED_FIELDS)
    if table.mapping.open_field and not table.mapping.open and not fields:
        why = f"; {dropped_warning(table.dropped[0])}" if table.dropped else ""
        raise DataError(f"no column is left to learn from{why}", where=where, hint="keep some with --keep COLUMN")


def _suspects(columns: Mapping[str, Sequence[Any]], records: Sequence[Record], target: Target) -> list[Suspect]:
    targets = [_target_or_none(target, record.values.get("label")) for record in records]
    return screen(columns, targets, ordered_labels(targets, target) if isinstance(target, OrdinalTarget) else ())


def _target_or_none(target: Target, value: Any) -> TargetValue | None:
    try:
        return read_target(target, value)
    except Unfit:
        return None


def _without(mapping: ColumnMapping, names: frozenset[str]) -> ColumnMapping:
    return replace(mapping, open={name: column for name, column in mapping.open.items() if name not in names})


def _typed(
    records: Sequence[Record | BadRecord], mapping: ColumnMapping, columns: Mapping[str, Sequence[Any]]
) -> list[Record | BadRecord]:
    """Return the records with the cells of ``columns``, which hold a value for each record that is not bad."""
    row = 0
    typed: list[Record | BadRecord] = []
    for record in records:
        if isinstance(record, Record):
            cells = {name: values[row] for name, values in columns.items()}
            row += 1
            record = _with_cells(record, mapping, cells)
        typed.append(record)
    return typed


def _with_cells(record: Record, mapping: ColumnMapping, cells: Mapping[str, Any]) -> Record | BadRecord:
    for name, cell in cells.items():
        if isinstance(cell, Unfit):
            return BadRecord(record.place, str(cell), column=mapping.open[name], hint=cell.hint)
    return Record(record.place, {**record.values, mapping.open_field: cells})
