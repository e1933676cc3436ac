import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_core.datasets.cells import Unfit
from platform_core.datasets.column_styles import number_style, read_column, style_of
from platform_core.datasets.reading import read_examples
from platform_core.datasets.versions import read_version, write_version
from platform_core.sdk import Solution
from tests.unit.datasets.conftest import Row, Tables

NUMBERS = [str(number) for number in range(100)]


def read(*values: Any) -> list[Any]:
    return read_column(values, style_of(values))


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (["1", " 2.5 ", "-.5", "1e3", "+4"], [1.0, 2.5, -0.5, 1000.0, 4.0]),
        ([1, 2.5, None, float("nan")], [1.0, 2.5, None, None]),
        (["7", "", "?", "??", "NA", "n/a", "NaN", "null", "#N/A", "#NULL!", None], [7.0, *[None] * 10]),
        (["none", "-", "3"], [None, None, 3.0]),
        (["none", "1", "2 to 4"], ["none", "1", "2 to 4"]),
        (["none", "some", "?"], ["none", "some", None]),
        ([True, "false", None], [1.0, 0.0, None]),
        ([True, "maybe"], ["true", "maybe"]),
        ([1.0, "1.0", "01", "x"], ["1", "1", "01", "x"]),
        (["5,00", "3,95", "12"], [5.0, 3.95, 12.0]),
        (["1,234", "999", "1,234,567"], [1234.0, 999.0, 1234567.0]),
        (["1,234", "2,5"], [1.234, 2.5]),
        (["1.234,50", "12,5", "1.000"], [1234.5, 12.5, 1000.0]),
        (["1,234.50", "1,234"], [1234.5, 1234.0]),
        (["1,2,3", "4"], ["1,2,3", "4"]),
        (["inf", "1", "1e999"], ["inf", "1", "1e999"]),
        (["1_000", "٣"], ["1_000", "٣"]),
        (["", None], [None, None]),
    ],
)
def test_what_cells_mean_is_told_by_their_column(values: list[Any], cells: list[Any]) -> None:
    assert read(*values) == cells


def test_a_few_strays_among_many_numbers_are_missing() -> None:
    style = style_of([*NUMBERS, "12o"])
    assert (style.kind, style.stray) == ("number", ("12o",))
    assert style.read("12o") is None
    assert style_of([*NUMBERS[:9], "10+"]).kind == "text"
    assert style_of([*NUMBERS, *["unsure"] * 5]).kind == "text"


def test_fields_of_numbers_read_commas_by_their_column() -> None:
    assert number_style(["1,234", "x", "2,5"]).parse("1,234") == 1.234
    assert number_style(["1,234", None, 5]).parse("1,234") == 1234.0


@pytest.mark.parametrize("value", [["a"], {"a": 1}, "a\0b"])
def test_what_no_cell_can_hold_says_why(value: Any) -> None:
    found = read("a", value)
    assert found[0] == "a"
    assert isinstance(found[1], Unfit)


words = st.sampled_from(
    ["red", "green", "None", "none", "NA", "?", "TRUE", "false", "2 to 4", " blue ", "1", "007", "é"]
)
numbers = st.floats(-1e6, 1e6, allow_nan=False, width=32) | st.integers(-(10**6), 10**6)
columns = st.one_of(
    st.lists(numbers | st.none(), min_size=6, max_size=6),
    st.lists(words | st.none(), min_size=6, max_size=6),
    st.lists(st.booleans() | st.none(), min_size=6, max_size=6),
    st.lists(st.integers(0, 9).map(str) | st.sampled_from(["3,5", "1,250"]), min_size=6, max_size=6),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(columns, min_size=1, max_size=4))
def test_all_formats_of_a_table_give_the_same_rows_and_are_stored_exactly(
    tmp_path: Path, tables: Tables, table: list[list[Any]]
) -> None:
    rows = [dict(zip([f"c {i}" for i in range(len(table))], row, strict=True)) for row in zip(*table, strict=True)]
    found = [_read_as(suffix, rows, tmp_path, tables()) for suffix in ("csv", "jsonl", "parquet")]
    assert found[0] == found[1] == found[2]
    examples = found[0]
    write_version(tmp_path, examples, {})
    stored = read_version(tmp_path, Row, None)
    assert [repr(row) for row in stored] == [repr(row) for row in examples]


def _read_as(suffix: str, rows: list[dict[str, Any]], folder: Path, solution: Solution) -> list[Any]:
    rows = [{"label": "ab"[i % 2], **row} for i, row in enumerate(rows)]
    path = folder / f"a.{suffix}"
    if suffix == "parquet":
        polars.DataFrame(rows, infer_schema_length=None, strict=False).write_parquet(path)
    elif suffix == "jsonl":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    read = read_examples(solution, path, keep=[name for name in rows[0] if name != "label"])
    return [replace(row, place=replace(row.place, file="a")) for row in read.examples]
