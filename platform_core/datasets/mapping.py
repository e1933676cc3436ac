"""Which column feeds which field: the user's word, the memory of a model, and the adapter's guess, in this order."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from platform_core.datasets.renaming import absent_columns, likely_renames
from platform_core.datasets.roles import roles_of
from platform_core.sdk import (
    RESERVED_FIELDS,
    ColumnMapping,
    ColumnMissing,
    Derived,
    History,
    Solution,
    UsageError,
    field_markers,
    open_field,
)

MappedColumns = Mapping[str, str | tuple[str, ...]]
"""A mapping as it is kept: field → column, and of the open field the columns. Given by users, an entry
``<open field>.<name>`` → column says what the file calls the column ``name`` of a model."""

_SHARING = ("group", "time")


def complete_mapping(
    solution: Solution,
    columns: Iterable[str],
    *,
    user: MappedColumns,
    remembered: MappedColumns,
    proposed: Mapping[str, str],
    labelled: bool | None,
    where: str,
    keep: Collection[str] = (),
    fixed: bool = False,
) -> ColumnMapping:
    """Return the mapping to read with.

    Where neither the user nor the memory names the columns of the open field, all that feed no other are taken.

    Args:
        solution: whose fields are fed.
        columns: the columns that there are.
        user: what the user says; it must fit. An empty column name leaves the field without one.
        remembered: what a model was trained with; the label, the group and the time are used as far as the columns
            exist. Those of the model's fields must be there, or others that the adapter proposes, but where the user
            says that there is none; those of the open field must all be there: the user may say what the file calls
            them, but not choose others.
        proposed: the adapter's guess, for what is left.
        labelled: whether the label is needed (true), ignored (false), or taken where found (none).
        where: the data, for messages.
        keep: columns of the open field even if they feed another one.
        fixed: whether the format has the same columns always: fields of a model that it cannot carry are then missing.

    Raises:
        UsageError: the user names a field that there is not.
        ColumnMissing: the user names a column that there is not, or a needed field or one of the model has none.
    """
    known = tuple(columns)
    opened = open_field(solution.example)
    name_of_open = opened[0] if opened else ""
    words = _single_columns(user, name_of_open)
    _check_fields(solution, words)
    if labelled is False:
        words = {name: column for name, column in words.items() if name not in RESERVED_FIELDS}
    for name, column in words.items():
        if column and column not in known:
            raise ColumnMissing.of(column, known, where=where, field=name)
    chosen = {name: column for name, column in words.items() if column}
    for source in (_single_columns(remembered, name_of_open), proposed):
        for name, column in source.items():
            if name not in words and name not in chosen and column in known and not _is_taken(column, name, chosen):
                chosen[name] = column
    roles = roles_of(solution.example)
    identity = roles.identity
    if identity and identity not in words and chosen.get(identity) in remembered.get(name_of_open, ()):
        del chosen[identity]  # the user said of the data of the model that the column holds none
    taken = set(chosen.values()) - set(keep)
    if labelled is False:
        chosen = {name: column for name, column in chosen.items() if name not in RESERVED_FIELDS}
    needed = [name for name, info in solution.example.model_fields.items() if info.is_required()]
    for name in [*needed, *(["label"] if labelled else [])]:
        if name not in chosen and name != name_of_open:
            raise _untold(name, known, where)
    # Where nothing is derived from them, whom and when an example is about makes no difference to a prediction.
    unread = {roles.identity, roles.moment} if solution.derive is None else set()
    settled = {*unread, *words, *chosen, name_of_open}
    absent = [name for name in solution.example.model_fields if name in remembered and name not in settled]
    if absent and not fixed:
        spare = [column for column in known if column not in chosen.values()]
        raise _unlike_training({name: str(remembered[name]) for name in absent}, known, spare, where)
    if not opened:
        return _check_identity(ColumnMapping(chosen), identity, where)
    named = _named_columns(user, remembered, name_of_open, known, where, taken)
    free = {column: column for column in known if column not in taken} if named is None else named
    return _check_identity(ColumnMapping(chosen, name_of_open, free), identity, where)


def _check_identity(mapping: ColumnMapping, identity: str | None, where: str) -> ColumnMapping:
    """Return ``mapping``; refuse one by which identities would be stored as they stand.

    Raises:
        UsageError: their column feeds another field, too.
    """
    column = mapping.columns.get(identity or "")
    if column is None:
        return mapping
    fed = [name for name, fed_by in mapping.columns.items() if fed_by == column and name not in (identity, "group")]
    fed += [mapping.open_field] if column in mapping.open.values() else []
    if fed:
        raise UsageError(
            f"the column {column!r} holds identities, which are kept as hashes only; it cannot feed {fed[0]!r}, too",
            where=where,
            hint=f"if it holds none, say so: --map {identity}=",
        )
    return mapping


def kept_mapping(mapping: ColumnMapping) -> dict[str, str | tuple[str, ...]]:
    """Return the mapping as it is kept with a dataset version or a model."""
    columns: dict[str, str | tuple[str, ...]] = dict(mapping.columns)
    return columns | {mapping.open_field: tuple(mapping.open)} if mapping.open_field else columns


def from_json(mapping: Mapping[str, Any]) -> dict[str, str | tuple[str, ...]]:
    """Return a kept mapping that has been JSON, where columns are a list."""
    return {name: column if isinstance(column, str) else tuple(column) for name, column in mapping.items()}


def _single_columns(mapping: MappedColumns, name_of_open: str) -> dict[str, str]:
    """Return the entries of fields that one column feeds."""
    prefix = f"{name_of_open}."
    return {
        name: column
        for name, column in mapping.items()
        if isinstance(column, str) and not (name_of_open and (name == name_of_open or name.startswith(prefix)))
    }


def _named_columns(
    user: MappedColumns,
    remembered: MappedColumns,
    name: str,
    known: tuple[str, ...],
    where: str,
    taken: Collection[str],
) -> dict[str, str] | None:
    """Return the columns of the open field that were named, name in the example → column of the file; none: all."""
    listed = remembered.get(name) or user.get(name)
    prefix = f"{name}."
    renamed = {key.removeprefix(prefix): str(column) for key, column in user.items() if key.startswith(prefix)}
    if not listed:
        if renamed:
            raise UsageError(
                f"there is no model whose column {next(iter(renamed))!r} could have another name here",
                where="--map",
                hint=f"{name}.COLUMN=… is for models that were trained already; other columns keep their names",
            )
        return None
    columns = [listed] if isinstance(listed, str) else list(listed)
    for old, new in renamed.items():
        if old not in columns:
            raise ColumnMissing.of(old, columns, where="--map", field=name)
        if new not in known:
            raise ColumnMissing.of(new, known, where=where, field=f"{name}.{old}")
    found = {column: renamed.get(column, column) for column in columns}
    absent = [column for column in found.values() if column not in known]
    if absent:
        spare = [column for column in known if column not in found.values() and column not in taken]
        whose = "the model" if remembered.get(name) else "the mapping"
        raise absent_columns(absent, spare, field=name, where=where, whose=whose)
    return found


def _is_taken(column: str, name: str, chosen: Mapping[str, str]) -> bool:
    """Tell whether another field has the column; the group or the time may be told by the column of another field."""
    return any(
        column == other and (name in _SHARING or other_name not in _SHARING) for other_name, other in chosen.items()
    )


def _check_fields(solution: Solution, user: Iterable[str]) -> None:
    markers = field_markers(solution.example)
    computed = [name for name, marker in markers.items() if isinstance(marker, History | Derived)]
    fields = [*(name for name in markers if name not in computed), *RESERVED_FIELDS]
    for name in user:
        if name in computed:
            raise UsageError(f"no column feeds {name!r}: it is computed from other fields and rows", where="--map")
        if name not in fields:
            nearest = difflib.get_close_matches(name, fields, n=1)
            advice = f"did you mean {nearest[0]!r}? " if nearest else ""
            raise UsageError(
                f"{solution.id} has no field {name!r}", where="--map", hint=f"{advice}fields: {', '.join(fields)}"
            )


def _unlike_training(
    absent: Mapping[str, str], columns: tuple[str, ...], spare: Sequence[str], where: str
) -> ColumnMissing:
    """Return the error for all fields of a model, with their columns at its training, that the data has none for.

    Only ``spare`` columns are offered for them: one that feeds another field already holds something else.
    """
    named = ", ".join(f"{column!r} for {field!r}" for field, column in absent.items())
    there_is = "there is no column" if len(absent) == 1 else "there are no columns"
    likely = likely_renames(list(absent.values()), spare)
    fields = {column: field for field, column in absent.items()}
    maps = " ".join(f"--map {shlex.quote(f'{fields[old]}={new}')}" for old, new in likely.items())
    looks = "; ".join(f"{new!r} may be {old!r}" for old, new in likely.items())
    choice = " ".join(f"--map {field}=COLUMN" for field in absent)
    out = " ".join(f"--map {field}=" for field in absent)
    return ColumnMissing(
        f"{there_is} {named}, which the model was trained with",
        where=where,
        hint=(f"{looks}; if so: {maps}; " if likely else "")
        + f"columns found: {_shown(columns)}; choose with {choice}; or with {out} leave "
        + ("it out" if len(absent) == 1 else "them out"),
        details={
            "field": next(iter(absent)),
            "fields": dict(absent),
            "renamed": likely,
            "columns": list(columns[:100]),
        },
    )


def _shown(columns: tuple[str, ...]) -> str:
    return ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")


def _untold(name: str, columns: tuple[str, ...], where: str) -> ColumnMissing:
    return ColumnMissing(
        f"it cannot be told which column is the {name}",
        where=where,
        hint=f"columns found: {_shown(columns)}; name it with --map {name}=COLUMN",
        details={"field": name, "columns": list(columns[:100])},
    )
