"""What people are told of values that were read but cannot be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platform_core.datasets.records import LabeledExample, count_of
from platform_core.datasets.roles import roles_of
from platform_core.sdk import Category, Number, field_markers, read_moment

_SHOWN = 5


def implausible_warnings(rows: Sequence[LabeledExample], columns: Mapping[str, Any]) -> list[str]:
    """Return a sentence on each field with numbers that cannot be or words that are not known, and on moments that
    cannot be read.

    Args:
        rows: all of one type.
        columns: field → column, for fields that one column feeds.
    """
    if not rows:
        return []
    markers = field_markers(type(rows[0].example))
    warnings: list[str] = []
    for name, marker in markers.items():
        column = columns.get(name, name)
        if isinstance(marker, Number) and not (marker.low is None and marker.high is None):
            warnings += _impossible(rows, name, marker, column)
        elif isinstance(marker, Category) and marker.known:
            warnings += _not_understood(rows, name, marker, column)
    return [*warnings, *_unreadable_moments(rows, columns)]


def bounds_of(marker: Number) -> str:
    """Return the bounds of a number in words, with its unit; nothing where there are none."""
    unit = f" {marker.unit}" if marker.unit else ""
    if marker.low is None:
        return "" if marker.high is None else f"at most {marker.high:g}{unit}"
    return f"at least {marker.low:g}{unit}" if marker.high is None else f"{marker.low:g} to {marker.high:g}{unit}"


def _impossible(rows: Sequence[LabeledExample], name: str, marker: Number, column: str) -> Iterator[str]:
    values = ((row, getattr(row.example, name)) for row in rows)
    found = [(row, value) for row, value in values if value is not None and not marker.is_possible(value)]
    if found:
        shown = "; ".join(f"{row.place}: {value:g}" for row, value in found[:_SHOWN])
        yield (
            f"column {column!r}: {count_of(len(found), 'value')} cannot be ({bounds_of(marker)}) and "
            f"{'is' if len(found) == 1 else 'are'} taken as missing: {shown}{_more(found)}"
        )


def _not_understood(rows: Sequence[LabeledExample], name: str, marker: Category, column: str) -> Iterator[str]:
    words = ((row, getattr(row.example, name)) for row in rows)
    found = [(row, word) for row, word in words if word is not None and word not in marker.known]
    if found:
        shown = "; ".join(f"{row.place}: {word!r}" for row, word in found[:_SHOWN])
        yield (
            f"column {column!r}: {count_of(len(found), 'word')} {'is' if len(found) == 1 else 'are'} not understood "
            f"(known: {', '.join(marker.known)}), by rules taken as missing: {shown}{_more(found)}"
        )


def _unreadable_moments(rows: Sequence[LabeledExample], columns: Mapping[str, Any]) -> Iterator[str]:
    name = roles_of(type(rows[0].example)).moment
    if name is None:
        return
    moments = ((row, getattr(row.example, name)) for row in rows)
    found = [(row, text) for row, text in moments if text is not None and read_moment(text) is None]
    if found:
        shown = "; ".join(f"{row.place}: {text!r}" for row, text in found[:_SHOWN])
        yield (
            f"column {columns.get(name, name)!r}: {count_of(len(found), 'value')} cannot be read as moments, which are "
            f"numbers or dates in ISO 8601, and are not used: {shown}{_more(found)}"
        )


def _more(found: Sequence[Any]) -> str:
    return "; …" if len(found) > _SHOWN else ""
