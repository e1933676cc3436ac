"""Records → validated examples, and the problems met on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from platform_core.sdk import (
    BadRecord,
    Category,
    ColumnMapping,
    DataError,
    Example,
    FieldMarker,
    Number,
    Place,
    Record,
    Solution,
    Text,
    field_markers,
)
from platform_core.sdk.adapters import MAX_FIELD

LISTED_PROBLEMS = 20
SKIP_HINT = "correct it, or skip such rows with --skip-bad"


@dataclass(frozen=True, slots=True)
class LabeledExample:
    """One validated row of a dataset.

    Attributes:
        example: the input.
        target: the label, where the row has one.
        split: ``train``, ``validation`` or ``test``; empty where nothing was split.
        group: rows of one group are never in different splits.
        place: where it was read.
        time: its moment as written in the file, where a time column was named.
    """

    example: Example
    target: str | None
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
        self._markers = field_markers(solution.example)
        self._columns = mapping.columns
        self._needed = tuple(
            name for name in ("label", "time") if name in mapping.columns and (labelled or name != "label")
        )

    def check(self, record: Record) -> LabeledExample | BadRecord:
        """Return the example, or why there is none."""
        try:
            values = {name: _prepared(marker, record.values.get(name)) for name, marker in self._markers.items()}
            reserved = {name: as_text(record.values.get(name)) for name in ("label", "group", "time")}
            example = self._type.model_validate({name: v for name, v in values.items() if v is not None})
        except _Unfit as unfit:
            return BadRecord(record.place, str(unfit), column=self._column_of(record, unfit.value))
        except ValidationError as error:
            return self._explained(record.place, error)
        for name in self._needed:
            if reserved[name] is None:
                return BadRecord(record.place, f"the row has no {name}", column=self._columns[name])
        return LabeledExample(example, reserved["label"], "", reserved["group"], record.place, reserved["time"])

    def _column_of(self, record: Record, value: Any) -> str | None:
        field_name = next((name for name, other in record.values.items() if other is value), None)
        return self._columns.get(field_name) if field_name else None

    def _explained(self, place: Place, error: ValidationError) -> BadRecord:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        column = self._columns.get(name, name or None)
        if first["type"] == "missing":
            is_text = isinstance(self._markers.get(name), Text)
            return BadRecord(place, "the text is empty" if is_text else "the value is missing", column=column)
        message = str(first["msg"]).removeprefix("Value error, ")
        return BadRecord(place, message[:1].lower() + message[1:], column=column)


class _Unfit(ValueError):
    """A value that no field can take."""

    def __init__(self, message: str, value: Any) -> None:
        super().__init__(message)
        self.value = value


def _prepared(marker: FieldMarker, value: Any) -> Any:
    """Return ``value`` as its field wants it, ``None`` where it is missing."""
    if isinstance(marker, Number):
        return _number(value)
    if isinstance(marker, Text | Category):
        return as_text(value)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "":
        return None
    try:
        finite = math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return value
    if not finite:
        raise _Unfit(f"{value!r} is no finite number", value)
    return value


def as_text(value: Any) -> str | None:
    """Return ``value`` as stripped text: ``1.0`` → ``"1"``; ``None`` for blanks and NaN.

    Raises:
        ValueError: it is a list or an object, holds a NUL, or is too long.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, Mapping | list | tuple | set | bytes):
        raise _Unfit(f"the value is a {type(value).__name__}, not text", value)
    text = str(value).strip()
    if len(text) > MAX_FIELD:
        raise _Unfit(f"the value has {len(text):,} characters; {MAX_FIELD:,} is the most", value)
    if "\0" in text:
        raise _Unfit("the value holds a NUL character", value)
    return text or None


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
        others = f" (and {self.count - 1:,} more bad rows)" if self.count > 1 else ""
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
        return f"{self.count:,} bad rows were skipped: {shown}{more}"


def _with_skip(hint: str | None) -> str:
    if not hint:
        return SKIP_HINT
    return hint if "--skip-bad" in hint else f"{hint}; or skip such rows with --skip-bad"


def _where(bad: BadRecord) -> str:
    return f"{bad.place}, column {bad.column!r}" if bad.column else str(bad.place)


def _as_dict(bad: BadRecord) -> dict[str, Any]:
    place = {"file": bad.place.file, "row": bad.place.row, "column": bad.column}
    return {**place, "message": bad.message, "hint": bad.hint}
