"""What a model knows of a table: its columns, the quantiles of numbers, the categories; and rows as arrays by it.

It is fitted on the training part alone and kept in the model version: later rows are read by the same schema, whatever
they hold. A missing value is ordinary; a column that is absent altogether is an error, because a model that was
trained on it would only guess.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from platform_core.datasets.cells import Unfit, word_of
from platform_core.sdk import (
    BadInput,
    Category,
    Cell,
    ColumnMissing,
    Columns,
    Derived,
    Example,
    Number,
    PluginError,
    TableSettings,
    field_markers,
)

MISSING, UNSEEN, FIRST_KNOWN = 0, 1, 2
"""Codes of categories."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Place(_Part):
    """Where a column's values are in an example: a field, or a column of the open field or of derived ones."""

    field: str
    column: str | None = None

    @property
    def name(self) -> str:
        """The name that people know."""
        return self.column or self.field


class NumberColumn(_Part):
    """A column of numbers."""

    place: Place
    edges: tuple[float, ...] = Field(description="Rising bounds of its quantile bins, two at least.")
    center: float = Field(description="Median.")
    spread: float = Field(description="Inter-quartile range over 1.349, as of a normal distribution.")
    low: float | None = Field(None, description="The least value that can be; what is less is missing.")
    high: float | None = Field(None, description="The greatest value that can be; what is more is missing.")


class CategoryColumn(_Part):
    """A column of categories."""

    place: Place
    values: tuple[str, ...] = Field(description="Known values; their codes count from 2.")
    usual: str | None = Field(None, description="The most frequent value; none where most are missing.")


@dataclass(frozen=True)
class TableRows:
    """Rows as arrays: numbers float64 [rows, columns] with NaN where missing, category codes int64 [rows, columns]."""

    numbers: np.ndarray
    categories: np.ndarray


class TableSchema(_Part):
    """The columns that a model reads."""

    numbers: tuple[NumberColumn, ...] = ()
    categories: tuple[CategoryColumn, ...] = ()

    @classmethod
    def fit(cls, examples: Sequence[Example], settings: TableSettings) -> TableSchema | None:
        """Learn the columns of ``examples``, all of one type; ``None`` where the type has none."""
        numbers, categories = [], []
        bounds = _bounds_of(type(examples[0])) if examples else {}
        for place, values in _columns_of(examples):
            present = [value for value in values if value is not None and value == value]  # NaN is missing, too
            if present and all(isinstance(value, float) for value in present):
                numbers.append(_number_column(place, np.array(present), settings.bins, bounds.get(place.field)))
            elif present:
                categories.append(_category_column(place, present, settings.rare, len(values) - len(present)))
        return cls(numbers=tuple(numbers), categories=tuple(categories)) if numbers or categories else None

    def encode(self, examples: Sequence[Example]) -> TableRows:
        """Return ``examples`` as arrays.

        Raises:
            ColumnMissing: an example lacks a column.
            BadInput: an example holds text where numbers were.
        """
        numbers = np.empty((len(examples), len(self.numbers)), np.float64)
        categories = np.empty((len(examples), len(self.categories)), np.int64)
        codes: list[dict[Cell, int]] = [
            {value: code for code, value in enumerate(c.values, FIRST_KNOWN)} for c in self.categories
        ]
        for row, example in enumerate(examples):
            for index, number in enumerate(self.numbers):
                numbers[row, index] = self._number(number.place, example, row)
            for index, category in enumerate(self.categories):
                categories[row, index] = _code(self._value(category.place, example, row), codes[index])
        for index, number in enumerate(self.numbers):
            low = -math.inf if number.low is None else number.low
            high = math.inf if number.high is None else number.high
            numbers[(numbers[:, index] < low) | (numbers[:, index] > high), index] = math.nan
        return TableRows(numbers, categories)

    @property
    def names(self) -> list[str]:
        """Names of all columns, numbers first."""
        return [c.place.name for c in self.numbers] + [c.place.name for c in self.categories]

    def unseen(self, rows: TableRows) -> dict[str, int]:
        """Return how many rows hold a category that training never or hardly saw, by column; only columns with some."""
        counts = (rows.categories == UNSEEN).sum(0).tolist()
        return {c.place.name: count for c, count in zip(self.categories, counts, strict=True) if count}

    def _number(self, place: Place, example: Example, row: int) -> float:
        value = self._value(place, example, row)
        if value is None:
            return math.nan
        try:
            number = float(value)
        except ValueError:
            number = math.inf
        if math.isinf(number):
            raise BadInput(
                f"{value!r} is no number",
                where=f"examples[{row}], column {place.name!r}",
                hint="the model was trained on numbers here; give a finite one, or nothing where it is unknown",
            )
        return number

    def _value(self, place: Place, example: Example, row: int) -> Cell:
        value = getattr(example, place.field)
        if place.column is None:
            return value  # type: ignore[no-any-return]
        try:
            cell: Cell = value[place.column]
        except KeyError:
            raise self._absent(example, place.field, row) from None
        return cell

    def _absent(self, example: Example, field: str, row: int) -> ColumnMissing | PluginError:
        cells: Mapping[str, Cell] = getattr(example, field)
        places = [c.place for c in self.numbers] + [c.place for c in self.categories]
        columns = [place.column for place in places if place.field == field and place.column is not None]
        absent = [name for name in columns if name not in cells]
        if isinstance(field_markers(type(example))[field], Derived):
            return PluginError(
                f"the plugin no longer derives the columns {', '.join(map(repr, absent[:10]))}, which the model was "
                "trained on",
                where=f"examples[{row}]",
                hint="import the data again and train a new version, or install the plugin that it was trained with",
            )
        spare = [name for name in cells if name not in columns]
        likely = {name: found[0] for name in absent if (found := difflib.get_close_matches(name, spare, n=1))}
        renamed = "".join(f"; {new!r} may be {old!r}" for old, new in likely.items())
        return ColumnMissing(
            f"the columns {', '.join(map(repr, absent[:10]))} are missing, which the model was trained on",
            where=f"examples[{row}]",
            hint=f"give them all, null where a value is unknown{renamed}",
            details={"absent": absent, "renamed": likely},
        )


def _code(value: Cell, known: Mapping[Cell, int]) -> int:
    code = known.get(value)
    if code is not None:
        return code
    name = _category(value)
    return MISSING if name is None else known.get(name, UNSEEN)


def _category(value: Cell) -> str | None:
    """Return a cell as the name of a category, by the rules of files: ``2.0`` is ``"2"``, ``NA`` is missing."""
    try:
        return word_of(value)
    except Unfit:  # no file that was trained on holds it
        return str(value)


def _columns_of(examples: Sequence[Example]) -> Iterator[tuple[Place, list[Cell]]]:
    """Yield each column of the marked fields with its values; numbers as floats."""
    for name, marker in field_markers(type(examples[0])).items() if examples else ():
        if isinstance(marker, Number):
            values = [getattr(example, name) for example in examples]
            possible = (None if value is None or not marker.is_possible(value) else float(value) for value in values)
            yield Place(field=name), list(possible)
        elif isinstance(marker, Category):
            values = [getattr(example, name) for example in examples]
            yield Place(field=name), [None if value is None else str(value) for value in values]
        elif isinstance(marker, Columns | Derived):
            tables: list[Mapping[str, Cell]] = [getattr(example, name) for example in examples]
            for column in dict.fromkeys(column for table in tables for column in table):
                yield Place(field=name, column=column), [table.get(column) for table in tables]


Bounds = tuple[float | None, float | None]


def _bounds_of(example_type: type[Example]) -> dict[str, Bounds]:
    """Return the least and the greatest value of each field of numbers."""
    markers = field_markers(example_type)
    return {name: (marker.low, marker.high) for name, marker in markers.items() if isinstance(marker, Number)}


def _number_column(place: Place, values: np.ndarray, bins: int, bounds: Bounds | None) -> NumberColumn:
    edges = np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)))
    if len(edges) < 2:
        # A step that also the largest numbers can take.
        edges = np.array([edges[0], edges[0] + max(1.0, abs(edges[0]))])
    low, center, high = np.quantile(values, (0.25, 0.5, 0.75))
    spread = (high - low) / 1.349 or float(values.std()) or 1.0
    return NumberColumn(
        place=place,
        edges=tuple(edges.tolist()),
        center=float(center),
        spread=float(spread),
        low=bounds[0] if bounds else None,
        high=bounds[1] if bounds else None,
    )


def _category_column(place: Place, values: Sequence[Cell], rare: int, missing: int) -> CategoryColumn:
    counts: Counter[str] = Counter()
    for value, count in Counter(values).items():
        name = _category(value)
        if name is None:
            missing += count
        else:
            counts[name] += count
    usual = max(sorted(counts), key=counts.__getitem__, default=None)
    return CategoryColumn(
        place=place,
        values=tuple(sorted(v for v, count in counts.items() if count >= rare)),
        usual=usual if usual is not None and counts[usual] >= missing else None,
    )
