from collections import Counter

import pytest

from platform_core.datasets.records import LabeledExample
from platform_core.datasets.slicing import slice_values
from platform_core.sdk import Example, NotFound, Place, UsageError
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


def test_refuses_what_is_no_slice() -> None:
    examples = rows(Visit(columns={"sex": "f"}))
    with pytest.raises(NotFound, match="no field or column 'sexx'") as caught:
        slice_values(examples, ["sexx"])
    assert "did you mean 'sex'" in str(caught.value)
    with pytest.raises(UsageError, match="'complaint' is a text"):
        slice_values(examples, ["complaint"])
    assert slice_values([], ["sex"]) == {"sex": []}
