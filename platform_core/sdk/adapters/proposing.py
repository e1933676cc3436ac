"""Guessing which column feeds which field: by name first, then by content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from platform_core.sdk.examples import Columns, Derived, History, Text, field_markers
from platform_core.sdk.names import places_among, simple_name
from platform_core.sdk.reading import RawTable
from platform_core.sdk.solutions import Solution
from platform_core.sdk.targets import ClassTarget, OrdinalTarget

_MIN_WORDS = 3.0
_MAX_LABELS = 100
_LABEL_REPEATS = 3
_NEIGHBOUR_RATIO = 1.5


def propose_columns(table: RawTable, solution: Solution) -> dict[str, str]:
    """Return field → column for what can be told; a field that cannot is left out.

    Names decide first: the field's own name, then its aliases, case-blind; a name that means the label as well as a
    field that is called otherwise is the label's. What is left is told by content: the column with clearly the longest
    texts feeds the only text field; the only column with few, repeated, short values is the label, where labels are
    classes. A column named exactly ``group`` is the group. Histories, derived columns and open fields, which take what
    is left, are not proposed.
    """
    free = dict.fromkeys(table.columns)
    chosen: dict[str, str] = {}
    markers = field_markers(solution.example)
    fields = {name: m for name, m in markers.items() if not isinstance(m, Columns | History | Derived)}
    for name, names in (
        ("label", ("label",)),
        *((name, (name,)) for name in fields),
        ("label", solution.target.aliases),
        *((name, marker.aliases) for name, marker in fields.items()),
    ):
        if name not in chosen:
            _take(chosen, free, name, _by_name(free, names))
    if "group" in free:
        _take(chosen, free, "group", "group")
    texts = [name for name, marker in markers.items() if isinstance(marker, Text) and name not in chosen]
    if len(texts) == 1:
        _take(chosen, free, texts[0], _longest_text({c: table.columns[c] for c in free}))
    if "label" not in chosen and isinstance(solution.target, ClassTarget | OrdinalTarget):
        _take(chosen, free, "label", _label_like({c: table.columns[c] for c in free}, solution.target.order))
    return chosen


def _take(chosen: dict[str, str], free: dict[str, None], field: str, column: str | None) -> None:
    if column is not None:
        chosen[field] = column
        del free[column]


def _by_name(columns: Iterable[str], aliases: Iterable[str]) -> str | None:
    by_simple_name: dict[str, str] = {}
    for column in columns:
        by_simple_name.setdefault(simple_name(column), column)
    return next((by_simple_name[simple_name(a)] for a in aliases if simple_name(a) in by_simple_name), None)


def _longest_text(columns: Mapping[str, list[Any]]) -> str | None:
    """Return the column whose values have the most words, if it leads clearly and reads like text."""
    words: dict[str, float] = {}
    for name, values in columns.items():
        texts = [value for value in values if isinstance(value, str) and value.strip()]
        if texts:
            words[name] = sum(len(text.split()) for text in texts) / len(texts)
    ranked = sorted(words, key=words.__getitem__, reverse=True)
    if not ranked or words[ranked[0]] < _MIN_WORDS:
        return None
    if len(ranked) > 1 and words[ranked[0]] < _NEIGHBOUR_RATIO * words[ranked[1]]:
        return None
    return ranked[0]


def _label_like(columns: Mapping[str, list[Any]], order: tuple[str, ...]) -> str | None:
    """Return the only column with few, repeated values; those of the known labels win, then words over numbers."""
    candidates = {name: present for name, values in columns.items() if _has_few_values(present := _present(values))}
    by_labels = [name for name, values in columns.items() if _holds_labels(values, order)]
    by_words = [name for name, present in candidates.items() if not all(map(_is_number, present))]
    for group in (by_labels, by_words, list(candidates)):
        if group:
            return group[0] if len(group) == 1 else None
    return None


def _present(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None and value != ""]


def _holds_labels(values: list[Any], order: tuple[str, ...]) -> bool:
    found = {str(value).strip().casefold() for value in _present(values)}
    return 1 < len(found) <= _MAX_LABELS and len(places_among(found, order)) == len(found)


def _has_few_values(present: list[Any]) -> bool:
    distinct = {str(value) for value in present}
    return 2 <= len(distinct) <= min(_MAX_LABELS, len(present) // _LABEL_REPEATS) and max(map(len, distinct)) <= 60


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
