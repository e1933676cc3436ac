"""Columns of a model that a file lacks: which of the file's own they may be."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence

from platform_core.sdk import ColumnMissing
from platform_core.sdk.names import simple_name

_SHOWN = 20
_ALIKE = 0.6


def absent_columns(absent: Sequence[str], spare: Sequence[str], *, field: str, where: str, whose: str) -> ColumnMissing:
    """Return the error for columns that a file lacks; it names likely renames and how to tell of them.

    Args:
        absent: the columns that are not in the file.
        spare: columns of the file that are not asked for.
        field: the field that they feed.
        whose: who asks for them: ``the model``.
        where: the file, for the message.
    """
    renames = likely_renames(absent, spare)
    if renames:
        words = " ".join(f"--map {shlex.quote(f'{field}.{old}={new}')}" for old, new in list(renames.items())[:_SHOWN])
        looks = "; ".join(f"{new!r} may be {old!r}" for old, new in list(renames.items())[:_SHOWN])
        hint = f"{looks}; if so: {words}"
    else:
        hint = f"columns that feed nothing yet: {_listed(spare) or 'none'}; tell of renames: --map {field}.OLD=NEW"
    what = "the column" if len(absent) == 1 else f"{len(absent)} columns"
    return ColumnMissing(
        f"the data lacks {what} of {whose}: {_listed(absent)}",
        where=where,
        hint=hint,
        details={"field": field, "absent": list(absent), "renamed": renames, "columns": list(spare[:100])},
    )


def likely_renames(absent: Sequence[str], spare: Sequence[str]) -> dict[str, str]:
    """Return absent column → the spare one whose name is most like its own, the surest pairs first, none twice."""
    likeness = {
        (old, new): difflib.SequenceMatcher(None, simple_name(old), simple_name(new)).ratio()
        for old in absent[:100]
        for new in spare[:1000]
    }
    found: dict[str, str] = {}
    for (old, new), alike in sorted(likeness.items(), key=lambda item: -item[1]):
        if alike >= _ALIKE and old not in found and new not in found.values():
            found[old] = new
    return {old: found[old] for old in absent if old in found}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_SHOWN])) + (", …" if len(names) > _SHOWN else "")
