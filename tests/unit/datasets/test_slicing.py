from collections import Counter

import pytest

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.slicing import slice_values
from platform_core.sdk import Example, Place, PluginError
from tests.unit.datasets.conftest import Ticket, Visit


def rows(*examples: Example) -> list[LabeledExample]:
    return [LabeledExample(example, "a", "", None, Place("a.csv", 1)) for example in examples]


def test_numbers_are_cut_into_quartiles() -> None:
    examples = rows(*(Ticket(text="a", age=age, channel="mail") for age in [*range(100), None]))
    found = slice_values(examples, ["age", "channel"])
    assert Counter(found["age"]) == {
        "up to 24.75": 25, "24.75 to 49.5": 25, "49.5 to 74.25": 25, "over 74.25": 25, None: 1,
    }  # fmt: skip
    assert set(found["channel"]) == {"mail"}


def test_columns_of_the_open_field_are_slices_and_few_numbers_are_themselves() -> None:
    examples = rows(*(Visit(columns={"sex": "f", "level": float(i % 3)}) for i in range(9)), Visit(columns={}))
    assert slice_values(examples, ["sex", "level"]) == {
        "sex": ["f"] * 9 + [None],
        "level": [*["0", "1", "2"] * 3, None],
    }


def test_large_numbers_that_are_near_each_other_stay_apart() -> None:
    seconds = 1_600_000_000.0
    examples = rows(*(Visit(columns={"moment": seconds + i, "batch": seconds + i % 2}) for i in range(100)))
    found = slice_values(examples, ["moment", "batch"])
    assert sorted(Counter(found["moment"]).values()) == [25, 25, 25, 25]
    assert set(found["batch"]) == {"1600000000", "1600000001"}


def test_names_that_a_table_lacks_are_left_out() -> None:
    examples = rows(Visit(columns={"Sex": "f"}), Visit(columns={"Sex": "m"}))
    assert slice_values(examples, ["sex", "age", "columns"]) == {"sex": ["f", "m"]}
    assert slice_values([], ["sex"]) == {"sex": []}
    assert slice_values(rows(Ticket(text="a")), ["sex"]) == {}


def test_a_text_has_no_slices() -> None:
    with pytest.raises(PluginError, match="'complaint' is a text"):
        slice_values(rows(Visit(columns={})), ["complaint"])
