"""Results of operations, of any shape, as people read them: values as lines, lists of objects as tables."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from platform_core.cli.door import Door

SHOWN_ROWS = 20
SHOWN_COLUMNS = 10
SHOWN_CHARACTERS = 60
"""The most of one value in a table; --output has all."""
SHOWN_VALUES = 10
"""The most of a list of plain values that stand in one line."""


def show_result(door: Door, output: Mapping[str, Any], *, passed_on: Collection[str] = ()) -> None:
    """Show a result: its values first, then the objects and lists in it, each cut to what a screen takes.

    Args:
        door: the command's context.
        output: the result as JSON types.
        passed_on: fields of the operation's input; an object of the result that has such a name is for the next call,
            not for people.
    """
    state = [name for name, value in output.items() if name in passed_on and isinstance(value, Mapping)]
    output = {name: value for name, value in output.items() if name not in state}
    inner = {name: value for name, value in output.items() if _is_table(value) or _is_object(value)}
    _show_values(door, {_words(name): value for name, value in output.items() if name not in inner})
    for name, value in inner.items():
        if isinstance(value, Mapping):
            door.say("")
            _show_values(door, {f"{_words(name)} · {_words(part)}": held for part, held in value.items()})
        else:
            _show_table(door, _words(name), value)
    for name in state:
        door.say("", f"For the next call: {name!r}, in --output FILE.json and --json")


def _show_values(door: Door, values: Mapping[str, Any]) -> None:
    shown = {name: _line(value) for name, value in list(values.items())[:SHOWN_ROWS]}
    width = max((len(name) for name in shown), default=0)
    door.say(*(f"{name:<{width}}  {value}".rstrip() for name, value in shown.items()))
    _say_left_out(door, len(values) - len(shown), "values")


def _show_table(door: Door, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    shown = columns[:SHOWN_COLUMNS]
    # Not as the table's own title, which would be broken to the width of a narrow table.
    door.say("", title[:1].upper() + title[1:], style="bold")
    door.table([_words(name) for name in shown], [[_cut(row.get(name)) for name in shown] for row in rows[:SHOWN_ROWS]])
    more = [f"the columns {', '.join(columns[SHOWN_COLUMNS:])}"] if len(columns) > SHOWN_COLUMNS else []
    _say_left_out(door, len(rows) - SHOWN_ROWS, "rows", *more)


def _say_left_out(door: Door, count: int, what: str, *more: str) -> None:
    parts = [*([f"{count:,} more {what}"] if count > 0 else []), *more]
    if parts:
        door.say(f"… and {' and '.join(parts)}; --output FILE.json writes all")


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _is_object(value: Any) -> bool:
    """Tell objects that hold more than plain values, which a line can show."""
    return isinstance(value, Mapping) and (
        len(value) > SHOWN_VALUES or any(isinstance(inner, Mapping | list) for inner in value.values())
    )


def _line(value: Any) -> str:
    from platform_core.cli.output import cell

    if _is_table(value) or _is_object(value):
        return "1 entry" if len(value) == 1 else f"{len(value):,} entries"
    if isinstance(value, list):
        if not value:
            return "(none)"
        more = f", … {len(value) - SHOWN_VALUES:,} more" if len(value) > SHOWN_VALUES else ""
        return ", ".join(map(cell, value[:SHOWN_VALUES])) + more
    return cell(value)


def _cut(value: Any) -> Any:
    """Return numbers as they are, so that they stand right, of lists of objects how many, all else as a short text."""
    if _is_table(value):
        return len(value)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    text = _line(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def _words(name: str) -> str:
    return name.replace("_", " ")
