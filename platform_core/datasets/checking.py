"""Records → validated examples of a solution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from platform_core.datasets.cells import Style, Unfit, as_text, is_missing, is_missing_number
from platform_core.datasets.column_styles import number_style
from platform_core.datasets.label_column import LabelColumn
from platform_core.datasets.records import LabeledExample
from platform_core.sdk import (
    BadRecord,
    Category,
    ColumnMapping,
    Derived,
    FieldMarker,
    History,
    Identity,
    Moment,
    Number,
    Place,
    Record,
    Solution,
    Text,
    field_markers,
)
from platform_core.sdk.moments import is_to_come
from platform_core.sdk.wording import first_complaint


class RecordChecker:
    """Turns records into examples of a solution.

    Args:
        solution: whose example type and target apply.
        mapping: names the columns in messages.
        labelled: a row without a label is bad.
        labels: the two classes of the solution, where they are known already.
        label_hint: where labels stand in the format of the rows, for people whose rows lack one.
    """

    def __init__(
        self,
        solution: Solution,
        mapping: ColumnMapping,
        *,
        labelled: bool,
        labels: Sequence[str] = (),
        label_hint: str = "",
    ) -> None:
        self._solution = solution
        self._type = solution.example
        self._known_labels = labels
        self._labels = LabelColumn(solution, known=labels)
        markers = field_markers(solution.example)
        self._markers = {name: marker for name, marker in markers.items() if not isinstance(marker, History | Derived)}
        self._moments = [name for name, marker in self._markers.items() if isinstance(marker, Moment)]
        self._columns = mapping.columns
        self._hints = {"label": label_hint or None}
        self._styles: dict[str, Style] = {}
        self._needed = tuple(
            name for name in ("label", "time") if name in mapping.columns and (labelled or name != "label")
        )

    def look_at(self, records: Sequence[Record]) -> None:
        """Learn from all records what commas and points mean in fields of numbers, and which labels there are."""
        for name, marker in self._markers.items():
            if isinstance(marker, Number):
                self._styles[name] = number_style(record.values.get(name) for record in records)
        labels = (record.values.get("label") for record in records)
        self._labels = LabelColumn(self._solution, labels, self._known_labels)

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
            reserved[name] = self._labels.read(record.values.get(name))
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
                hint = self._hints.get(name)
                return BadRecord(record.place, f"the row has no {name}", column=self._columns[name], hint=hint)
        return LabeledExample(example, reserved["label"], "", reserved["group"], record.place, reserved["time"])

    def _prepared(self, name: str, marker: FieldMarker, value: Any) -> Any:
        """Return ``value`` as its field wants it, ``None`` where it is missing."""
        if isinstance(marker, Number):
            return _number(value, self._styles.get(name, _ANY_NUMBER))
        if isinstance(marker, Category | Identity | Moment):
            return None if is_missing(value) else as_text(value)
        return as_text(value) if isinstance(marker, Text) else value

    def _explained(self, place: Place, error: ValidationError) -> BadRecord:
        found = first_complaint(error)
        name = str(found.place[0]) if found.place else ""
        column = self._columns.get(name, name or None)
        if found.kind == "missing":
            is_text = isinstance(self._markers.get(name), Text)
            return BadRecord(place, "the text is empty" if is_text else "the value is missing", column=column)
        return BadRecord(place, found.message, column=column)


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
