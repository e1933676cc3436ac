"""Tables: what is learned of columns, rows as arrays, and the arithmetic in front of networks."""

import math
from typing import Annotated

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.modeling.table_encoder import TableEncoder, TablePreprocessor
from platform_core.modeling.table_schema import FIRST_KNOWN, MISSING, UNSEEN, TableSchema
from platform_core.sdk import Category, Cells, Columns, Derived, Example, Number, PluginError, TableSettings, Text

SETTINGS = TableSettings(bins=4, embedding=4, width=8, rare=2)


class Visit(Example):
    """Fields of all kinds."""

    note: Annotated[str, Text()] = ""
    age: Annotated[float | None, Number()] = None
    ward: Annotated[str | None, Category()] = None
    columns: Annotated[Cells, Columns()] = {}


def visits() -> list[Visit]:
    return [
        Visit(age=float(i), ward="AB"[i % 2] if i else "rare", columns={"dose": i / 2 if i % 5 else None, "unit": "mg"})
        for i in range(41)
    ]


def test_columns_and_their_places() -> None:
    schema = TableSchema.fit(visits(), SETTINGS)
    assert schema is not None
    assert schema.names == ["age", "dose", "ward", "unit"]
    age = schema.numbers[0]
    assert age.edges == (0.0, 10.0, 20.0, 30.0, 40.0)
    assert age.center == 20.0
    assert schema.categories[0].values == ("A", "B"), "what is rare counts as unseen"
    assert TableSchema.model_validate_json(schema.model_dump_json()) == schema


def test_the_usual_category_is_the_most_frequent_one_and_none_where_most_are_missing() -> None:
    seen = [Visit(ward=ward, columns={"unit": unit}) for ward, unit in [("A", "mg"), ("B", None), ("B", None)]]
    schema = TableSchema.fit(seen, SETTINGS)
    assert schema is not None
    assert [column.usual for column in schema.categories] == ["B", None]


def test_rows_as_arrays() -> None:
    schema = TableSchema.fit(visits(), SETTINGS)
    assert schema is not None
    rows = schema.encode(
        [Visit(age=7, ward="B", columns={"dose": None, "unit": "g"}), Visit(columns={"dose": 1.0, "unit": None})]
    )
    np.testing.assert_array_equal(rows.numbers, [[7, math.nan], [math.nan, 1]])
    np.testing.assert_array_equal(rows.categories, [[FIRST_KNOWN + 1, UNSEEN], [MISSING, MISSING]])
    assert schema.unseen(rows) == {"unit": 1}


def test_a_type_without_columns_has_no_schema() -> None:
    class Note(Example):
        note: Annotated[str, Text()]

    assert TableSchema.fit([Note(note="x")], SETTINGS) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50), st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=9))
@settings(max_examples=60)
def test_quantiles_rise_with_the_number_and_stay_in_bounds(seen: list[float], asked: list[float]) -> None:
    schema = TableSchema.fit([Visit(age=value) for value in seen], SETTINGS)
    assert schema is not None
    preprocessor = TablePreprocessor(schema)
    numbers = torch.tensor(sorted(asked), dtype=torch.float64).unsqueeze(-1)
    steps, missing = preprocessor.ramps(numbers)
    dense = preprocessor.dense(numbers, torch.zeros(len(asked), 0, dtype=torch.int64))
    assert not missing.any()
    assert ((steps >= 0) & (steps <= 1)).all()
    assert (steps.sum(-1).squeeze(-1).diff() >= -1e-6).all()
    assert dense.isfinite().all()
    assert (dense.abs() <= 3.0 + 1e-6).all()


@pytest.mark.parametrize("kind", ["piecewise", "periodic", "plain"])
def test_every_column_moves_the_vector(kind: str) -> None:
    torch.manual_seed(0)
    examples = visits()
    schema = TableSchema.fit(examples, SETTINGS)
    assert schema is not None
    encoder = TableEncoder(schema, SETTINGS.model_copy(update={"numbers": kind})).eval()
    rows = schema.encode(examples)
    numbers, categories = torch.from_numpy(rows.numbers), torch.from_numpy(rows.categories)
    with torch.no_grad():
        encoder.missing.normal_()
    vector, columns = encoder(numbers, categories)
    assert vector.shape == (41, 8)
    assert columns.shape == (41, 4, 4)
    for column in range(2):
        changed = numbers.clone()
        changed[:, column] = math.nan
        assert not torch.allclose(encoder(changed, categories)[0], vector)
        changed = categories.clone()
        changed[:, column] = UNSEEN
        assert not torch.allclose(encoder(numbers, changed)[0], vector)


def test_a_large_number_keeps_its_digits() -> None:
    """Moments in seconds differ in digits that 32 bits do not have."""
    start = 1.7e9
    examples = [Visit(age=start + i) for i in range(100)]
    schema = TableSchema.fit(examples, SETTINGS)
    assert schema is not None
    steps, _ = TablePreprocessor(schema).ramps(torch.from_numpy(schema.encode(examples).numbers))
    assert len(steps.sum(-1).unique()) > 90


def test_what_is_missing_is_missing_when_columns_are_learned_and_when_they_are_read() -> None:
    nan = math.nan
    rows = [
        Visit(age=nan if i % 4 == 0 else float(i), columns={"unit": nan if i % 3 == 0 else "mg"}) for i in range(30)
    ]
    schema = TableSchema.fit(rows, SETTINGS)
    assert schema is not None
    assert all(map(math.isfinite, (*schema.numbers[0].edges, schema.numbers[0].center, schema.numbers[0].spread)))
    assert schema.categories[0].values == ("mg",)
    found = schema.encode(rows[:2])
    np.testing.assert_array_equal(found.numbers[:, 0], [nan, 1])
    np.testing.assert_array_equal(found.categories[:, 0], [MISSING, FIRST_KNOWN])


class Bounded(Example):
    pulse: Annotated[float | None, Number(low=20, high=300)] = None
    derived: Annotated[Cells, Derived()] = {}


def test_what_cannot_be_is_missing_when_columns_are_learned_and_when_they_are_read() -> None:
    rows = [Bounded(pulse=60.0 + i) for i in range(20)] + [Bounded(pulse=999.0)] * 20
    schema = TableSchema.fit(rows, SETTINGS)
    assert schema is not None
    assert schema == TableSchema.fit(rows[:20], SETTINGS)
    again = TableSchema.model_validate_json(schema.model_dump_json())
    given = [Bounded(pulse=value) for value in (19.9, 20.0, 300.0, 300.1, None)]
    np.testing.assert_array_equal(again.encode(given).numbers[:, 0], [math.nan, 20, 300, math.nan, math.nan])
    assert TableSchema.fit(rows[20:], SETTINGS) is None


def test_derived_columns_are_columns() -> None:
    rows = [Bounded(derived={"count": float(i), "kind": "ab"[i % 2]}) for i in range(20)]
    schema = TableSchema.fit(rows, SETTINGS)
    assert schema is not None
    assert [(c.place.field, c.place.column) for c in (*schema.numbers, *schema.categories)] == [
        ("derived", "count"),
        ("derived", "kind"),
    ]
    with pytest.raises(PluginError, match="no longer derives the columns 'kind'"):
        schema.encode([Bounded(derived={"count": 1.0})])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("B", FIRST_KNOWN + 1),
        (" B ", FIRST_KNOWN + 1),
        (2.0, FIRST_KNOWN),
        ("2.0", FIRST_KNOWN),
        ("True", FIRST_KNOWN + 2),
        ("NA", MISSING),
        ("", MISSING),
        ("b", UNSEEN),
        ("B\0", UNSEEN),
    ],
)
def test_categories_in_requests_are_read_as_those_in_files(cell: str | float, code: int) -> None:
    schema = TableSchema.fit([Visit(columns={"kind": value}) for value in ("2", "B", "true") * 2], SETTINGS)
    assert schema is not None
    assert schema.categories[0].values == ("2", "B", "true")
    assert schema.encode([Visit(columns={"kind": cell})]).categories[0, 0] == code


@pytest.mark.parametrize("value", [0.0, 7.0, 1e17, -1e300])
def test_a_column_of_one_number_is_finite(value: float) -> None:
    schema = TableSchema.fit([Visit(age=value)] * 5, SETTINGS)
    assert schema is not None
    numbers = torch.tensor([[value], [value + 1], [math.nan]], dtype=torch.float64)
    assert TablePreprocessor(schema).dense(numbers, torch.zeros(3, 0, dtype=torch.int64)).isfinite().all()
