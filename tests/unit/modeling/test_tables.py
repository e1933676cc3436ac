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
from platform_core.sdk import Category, Cells, Columns, Example, Number, TableSettings, Text

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
