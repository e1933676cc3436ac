"""What becomes of further rows: the test split stays as it is, and nothing of it is learned from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.datasets.aligning import align
from platform_core.datasets.extending import Rule, extend
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.splitting import Ratio
from platform_core.sdk import Cells, Columns, Example, NonBlank, Place, Text

RULE = Rule(Ratio.parse("80/10/10"), seed=0, by_time=False)
WORDS = ("valve", "pump", "order", "invoice", "rotor", "cable", "meter", "tower", "bridge", "garden")


class Words(Example):
    text: Annotated[NonBlank, Text()]


class Row(Example):
    columns: Annotated[Cells, Columns()]


def row(text: str, target: str, split: str = "", group: str | None = None, time: str | None = None) -> LabeledExample:
    return LabeledExample(Words(text=text), target, split, group, Place("file", 1), time)


OLD = [
    row("the valve of the north pump leaks since monday", "bad", "train"),
    row("rotor blades were delivered early this week", "good", "train", group="a"),
    row("nobody answered the phone in the garden office", "bad", "validation", group="b"),
    row("a bridge was opened by the mayor on friday", "good", "test", group="c"),
]


def test_splits_stay_and_copies_of_test_rows_are_left_out() -> None:
    further = [
        row(OLD[3].example.text, "bad"),  # type: ignore[attr-defined]
        row("a bridge was opened by the mayor on saturday", "good"),
        row("meter readings of the tower look fine", "good"),
    ]
    found = extend(OLD, further, RULE)
    assert found.examples[:4] == OLD
    assert (found.in_test, found.added) == (2, {"train": 1})
    assert found.duplicates["left_out"] == 2


def test_rows_go_where_their_like_are() -> None:
    further = [
        row("cables of the third floor hum", "bad", group="b"),
        row("invoice twelve is paid at last", "good", group="a"),
        row("the rotor of the mayor is loud", "bad", group="c"),
        row("nobody answered the phone in the garden office today", "bad"),
    ]
    found = extend(OLD, further, RULE)
    assert [(e.group, e.split) for e in found.examples[4:]] == [
        ("b", "validation"),
        ("a", "train"),
        (None, "validation"),
    ]
    assert (found.in_test, found.in_test_groups) == (0, 1)


def test_a_known_input_is_corrected_or_teaches_nothing() -> None:
    text = OLD[0].example.text  # type: ignore[attr-defined]
    same = extend(OLD, [row(text, "bad")], RULE)
    assert (same.known, same.changes, same.examples) == (1, False, OLD)
    other = extend(OLD, [row(text, "bad"), row(text, "good")], RULE)
    assert (other.corrected, other.known, other.changes) == (1, 0, True)
    assert other.examples == [replace(OLD[0], target="good"), *OLD[1:]]


def test_the_newest_rows_validate_where_rows_are_split_by_time() -> None:
    further = [row(f"{w} number {i}", "good", time=str(100 - i)) for i, w in enumerate(WORDS)]
    found = extend([replace(e, time="1") for e in OLD], further, replace(RULE, by_time=True))
    assert [e.time for e in found.examples if e.split == "validation"] == ["1", "100"]


def test_without_a_validation_split_all_rows_train() -> None:
    found = extend(OLD, [row(w, "good") for w in WORDS], replace(RULE, ratio=Ratio.parse("80/0/20")))
    assert found.added == {"train": 10}


@st.composite
def rows(draw: st.DrawFn) -> LabeledExample:
    text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)))
    return row(text, draw(st.sampled_from(["good", "bad"])), group=draw(st.sampled_from([None, *"abcdef"])))


@given(st.lists(rows(), max_size=25))
def test_whatever_comes_the_test_is_frozen_and_told_apart(further: Sequence[LabeledExample]) -> None:
    found = extend(OLD, further, RULE)
    assert [e.split for e in found.examples[:4]] == [e.split for e in OLD]
    assert [e for e in found.examples if e.split == "test"] == [OLD[3]]
    added = found.examples[4:]
    frozen = {OLD[3].example.content_hash()}
    assert all(e.group != "c" and e.example.content_hash() not in frozen for e in added)
    told = sum(found.added.values()) + found.corrected + found.known + found.in_test + found.in_test_groups
    assert told == len({e.example.content_hash() for e in further})
    for group in {e.group for e in added} - {None}:
        assert len({e.split for e in found.examples if e.group == group}) <= 2
    again = extend(found.examples, further, RULE)
    assert again.examples == found.examples


def test_columns_are_those_of_the_dataset() -> None:
    def of(**columns: float | str | None) -> LabeledExample:
        return LabeledExample(Row(columns=columns), 1.0, "", None, Place("f", 1))

    old = [of(age=3.0, site="north", code=None), of(age=None, site="7")]
    found = align([of(site=7.0, age="12", more=1.0), of(age="old", code=2.0)], old)
    assert [e.example.columns for e in found] == [  # type: ignore[attr-defined]
        {"age": 12.0, "site": "7", "code": None},
        {"age": None, "site": None, "code": 2.0},
    ]
    assert align([row("a", "b")], OLD) == [row("a", "b")]


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_lone_row_trains_or_follows_its_group(split: str) -> None:
    old = [*OLD[:1], replace(OLD[1], split=split), *OLD[3:]]
    found = extend(old, [row("garden tower meter cable", "good", group="a")], RULE)
    assert found.added == {split: 1}
