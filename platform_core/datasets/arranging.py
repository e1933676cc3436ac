"""Whether rows are split by time, by whom they are about, or by chance, where the user leaves it open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from platform_core.datasets.options import ImportOptions
from platform_core.datasets.reading import ReadResult
from platform_core.datasets.records import LabeledExample, count_of
from platform_core.datasets.roles import Roles
from platform_core.sdk import read_moment


@dataclass(frozen=True)
class Arrangement:
    """How the rows of an import are split.

    Attributes:
        reads: what was read, by role, with groups and moments as they are used.
        time_column: the column of the moments, where rows are split by time.
        notes: what people should know of it.
    """

    reads: dict[str, ReadResult]
    time_column: str | None
    notes: tuple[str, ...]


def arrange(reads: Mapping[str, ReadResult], options: ImportOptions, roles: Roles) -> Arrangement:
    """Choose how the rows are split.

    By time, where the user names a column of moments, or where the solution has a moment that all rows tell and the
    user names no groups; else such that rows of one group stay together. Rows of one identity are a group. Where rows
    are split by time they are one only if the solution wants them together: then all rows of earlier times train.
    """
    data = reads["data"]
    asked = data.column_of("time")
    column = asked or _own_time(data, options, roles)
    if column is None:
        return Arrangement(dict(reads), None, (*_unreadable(data, options, roles), *_together(data, roles)))
    alone = "group" not in data.mapping and not roles.together
    kept = {role: _in_time(read, roles, own=asked is None, alone=alone) for role, read in reads.items()}
    how = "" if asked else "; --map time= splits by chance"
    notes = (f"rows are split by time, by the column {column!r}{how}",)
    return Arrangement(kept, column, notes if alone else (*notes, *_together(data, roles)))


def _own_time(data: ReadResult, options: ImportOptions, roles: Roles) -> str | None:
    """Return the column of the solution's moment, where rows may be split by it."""
    if not _is_open(data, options, roles):
        return None
    moments = [read_moment(text) for text in _moments(data.examples, roles)]
    return data.column_of(roles.moment or "") if None not in moments and len(set(moments)) > 1 else None


def _is_open(data: ReadResult, options: ImportOptions, roles: Roles) -> bool:
    said = options.get("mapping") or {}
    return roles.moment in data.mapping and not {"time", "group"} & {*said, *data.mapping}


def _moments(rows: Sequence[LabeledExample], roles: Roles) -> list[str | None]:
    return [getattr(row.example, roles.moment or "") for row in rows]


def _in_time(read: ReadResult, roles: Roles, *, own: bool, alone: bool) -> ReadResult:
    times = _moments(read.examples, roles) if own else [row.time for row in read.examples]
    rows = [
        replace(row, time=time, group=None if alone else row.group)
        for row, time in zip(read.examples, times, strict=True)
    ]
    return replace(read, examples=rows)


def _unreadable(data: ReadResult, options: ImportOptions, roles: Roles) -> list[str]:
    if not _is_open(data, options, roles):
        return []
    missing = sum(read_moment(text) is None for text in _moments(data.examples, roles))
    if not missing:
        return []
    column = data.column_of(roles.moment or "")
    return [f"rows are not split by time: the column {column!r} tells no moment in {count_of(missing, 'row')}"]


def _together(data: ReadResult, roles: Roles) -> list[str]:
    column = data.column_of(roles.identity or "")
    if column is None or all(row.group is None for row in data.examples) or data.mapping.get("group", column) != column:
        return []
    return [f"rows with the same value in the column {column!r} are kept in one split"]
