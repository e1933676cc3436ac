"""Records → validated examples, and the problems met on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from platform_core.datasets.cells import Style, Unfit, as_text, is_missing, is_missing_number
from platform_core.datasets.column_styles import number_style
from platform_core.datasets.target_reading import read_target
from platform_core.sdk import (
    BadRecord,
    Category,
    ColumnMapping,
    DataError,
    Derived,
    Example,
    FieldMarker,
    History,
    Identity,
    Moment,
    Number,
    Place,
    Record,
    Solution,
    TargetValue,
    Text,
    field_markers,
)
from platform_core.sdk.moments import is_to_come

LISTED_PROBLEMS = 20
SKIP_HINT = "correct it, or skip such rows with --skip-bad"


@dataclass(frozen=True, slots=True)
class LabeledExample:
    """One validated row of a dataset.

    Attributes:
        example: the input.
        target: what is predicted, where the row has it: a label, a sorted set of labels, or a number.
        split: ``train``, ``validation`` or ``test``; empty where nothing was split.
        group: rows of one group are never in different splits.
        place: where it was read.
        time: its moment as written in the file, where a time column was named.
    """

    example: Example
    target: TargetValue | None
    split: str
    group: str | None
    place: Place
    time: str | None = None


class RecordChecker:
    """Turns records into examples of a solution.

    Args:
        solution: whose example type and target apply.
        mapping: names the columns in messages.
        labelled: a row without a label is bad.
    """

    def __init__(self, solution: Solution, mapping: ColumnMapping, *, labelled: bool) -> None:
        self._type = solution.example
        self._target = solution.target
        markers = field_markers(solution.example)
        self._markers = {name: marker for name, marker in markers.items() if not isinstance(marker, History | Derived)}
        self._moments = [name for name, marker in self._markers.items() if isinstance(marker, Moment)]
        self._columns = mapping.columns
        self._styles: dict[str, Style] = {}
        self._needed = tuple(
            name for name in ("label", "time") if name in mapping.columns and (labelled or name != "label")
        )

    def look_at(self, records: Sequence[Record]) -> None:
        """Learn from all records what commas and points mean in fields of numbers."""
        for name, marker in self._markers.items():
            if isinstance(marker, Number):
                self._styles[name] = number_style(record.values.get(name) for record in records)

    def check(self, record: Record) -> LabeledExample | BadRecord:
        """Return the example, or why there is none."""
        name = ""
        try:
            values: dict[str, Any] = {}
            for name, marker in self._markers.items():
                values[name] = self._prepared(name, marker, record.values.get(name))
            reserved: dict[str, Any] = {}
            for name in ("group", "time"):
                reserved[name] = as_text(record.values.get(name))
            name = "label"
            reserved[name] = read_target(self._target, record.values.get(name))
            example = self._type.model_validate({name: v for name, v in values.items() if v is not None})
        except Unfit as unfit:
            return BadRecord(record.place, str(unfit), column=self._columns.get(name), hint=unfit.hint)
        except ValidationError as error:
            return self._explained(record.place, error)
        for name in self._moments:
            if is_to_come(getattr(example, name) or ""):
                return BadRecord(record.place, "the date lies in the future", column=self._columns.get(name))
        for name in self._needed:
            if reserved[name] is None:
                return BadRecord(record.place, f"the row has no {name}", column=self._columns[name])
        return LabeledExample(example, reserved["label"], "", reserved["group"], record.place, reserved["time"])

    def _prepared(self, name: str, marker: FieldMarker, value: Any) -> Any:
        """Return ``value`` as its field wants it, ``None`` where it is missing."""
        if isinstance(marker, Number):
            return _number(value, self._styles.get(name, _ANY_NUMBER))
        if isinstance(marker, Category | Identity | Moment):
            return None if is_missing(value) else as_text(value)
        return as_text(value) if isinstance(marker, Text) else value

    def _explained(self, place: Place, error: ValidationError) -> BadRecord:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        column = self._columns.get(name, name or None)
        if first["type"] == "missing":
            is_text = isinstance(self._markers.get(name), Text)
            return BadRecord(place, "the text is empty" if is_text else "the value is missing", column=column)
        message = str(first["msg"]).removeprefix("Value error, ")
        return BadRecord(place, message[:1].lower() + message[1:], column=column)


_ANY_NUMBER = Style("number")


def _number(value: Any, style: Style) -> Any:
    """Return the number, ``None`` where it is missing, or what is no number as it is: the example type refuses it."""
    if is_missing(value) or (isinstance(value, str) and is_missing_number(value.strip())):
        return None
    number = style.parse(value.strip()) if isinstance(value, str) else None
    read = value if number is None else number
    try:
        finite = math.isfinite(float(read))
    except (TypeError, ValueError, OverflowError):
        return value
    if not finite:
        raise Unfit(f"{value!r} is no finite number", value)
    return read


@dataclass
class Problems:
    """The rows that cannot be used; a few are kept whole, all are counted."""

    count: int = 0
    listed: list[BadRecord] = field(default_factory=list)

    def add(self, bad: BadRecord) -> None:
        """Count ``bad``, and keep it if it is among the first."""
        self.count += 1
        if len(self.listed) < LISTED_PROBLEMS:
            self.listed.append(bad)

    def error(self) -> DataError:
        """Return an error that shows the first problem fully and counts the others."""
        first = self.listed[0]
        others = f" (and {count_of(self.count - 1, 'more bad row')})" if self.count > 1 else ""
        return DataError(
            first.message + others,
            where=_where(first),
            hint=_with_skip(first.hint),
            details={"count": self.count, "problems": [_as_dict(bad) for bad in self.listed]},
        )

    def warning(self) -> str:
        """Return one sentence that counts the skipped rows and lists the first."""
        shown = "; ".join(f"{_where(bad)}: {bad.message}" for bad in self.listed[:5])
        more = "; …" if self.count > 5 else ""
        were = "was" if self.count == 1 else "were"
        return f"{count_of(self.count, 'bad row')} {were} skipped: {shown}{more}"


def count_of(count: int, noun: str) -> str:
    """Return ``count`` in words: ``1 row``, ``2,000 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _with_skip(hint: str | None) -> str:
    if not hint:
        return SKIP_HINT
    return hint if "--skip-bad" in hint else f"{hint}; or skip such rows with --skip-bad"


def _where(bad: BadRecord) -> str:
    return f"{bad.place}, column {bad.column!r}" if bad.column else str(bad.place)


def _as_dict(bad: BadRecord) -> dict[str, Any]:
    place = {"file": bad.place.file, "row": bad.place.row, "column": bad.column}
    return {**place, "message": bad.message, "hint": bad.hint}
