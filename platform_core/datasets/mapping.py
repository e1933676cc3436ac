"""Which column feeds which field: the user's word, the memory of a model, and the adapter's guess, in this order."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from platform_core.sdk import RESERVED_FIELDS, ColumnMapping, ColumnMissing, Solution, UsageError

_SHARING = ("group", "time")


def complete_mapping(
    solution: Solution,
    columns: Iterable[str],
    *,
    user: Mapping[str, str],
    remembered: Mapping[str, str],
    proposed: Mapping[str, str],
    labelled: bool | None,
    where: str,
) -> ColumnMapping:
    """Return the mapping to read with.

    Args:
        solution: whose fields are fed.
        columns: the columns that there are.
        user: what the user says; it must fit. An empty column name leaves the field without one.
        remembered: what a model was trained with; used as far as the columns exist.
        proposed: the adapter's guess, for what is left.
        labelled: whether the label is needed (true), ignored (false), or taken where found (none).
        where: the data, for messages.

    Raises:
        UsageError: the user names a field that there is not.
        ColumnMissing: the user names a column that there is not, or a needed field has no column.
    """
    known = tuple(columns)
    _check_fields(solution, user)
    for name, column in user.items():
        if column and column not in known:
            raise ColumnMissing.of(column, known, where=where, field=name)
    chosen = {name: column for name, column in user.items() if column}
    for source in (remembered, proposed):
        for name, column in source.items():
            if name not in user and name not in chosen and column in known and not _is_taken(column, name, chosen):
                chosen[name] = column
    if labelled is False:
        chosen = {name: column for name, column in chosen.items() if name not in RESERVED_FIELDS}
    needed = [name for name, info in solution.example.model_fields.items() if info.is_required()]
    for name in [*needed, *(["label"] if labelled else [])]:
        if name not in chosen:
            raise _untold(name, known, where)
    return ColumnMapping(chosen)


def _is_taken(column: str, name: str, chosen: Mapping[str, str]) -> bool:
    """Tell whether another field has the column; the group or the time may be told by the column of another field."""
    return any(
        column == other and (name in _SHARING or other_name not in _SHARING) for other_name, other in chosen.items()
    )


def _check_fields(solution: Solution, user: Mapping[str, str]) -> None:
    fields = [*solution.example.model_fields, *RESERVED_FIELDS]
    for name in user:
        if name not in fields:
            nearest = difflib.get_close_matches(name, fields, n=1)
            advice = f"did you mean {nearest[0]!r}? " if nearest else ""
            raise UsageError(
                f"{solution.id} has no field {name!r}", where="--map", hint=f"{advice}fields: {', '.join(fields)}"
            )


def _untold(name: str, columns: tuple[str, ...], where: str) -> ColumnMissing:
    shown = ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")
    return ColumnMissing(
        f"it cannot be told which column is the {name}",
        where=where,
        hint=f"columns found: {shown}; name it with --map {name}=COLUMN",
        details={"field": name, "columns": list(columns[:100])},
    )
