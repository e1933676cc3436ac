from dataclasses import replace
from typing import Annotated, Any

import pytest

from platform_core.sdk import (
    CardNotes,
    Category,
    Cells,
    ClassTarget,
    Columns,
    Derived,
    Example,
    History,
    Identity,
    Moment,
    NonBlank,
    Number,
    NumberTarget,
    Past,
    RawTable,
    Recipe,
    Sample,
    Solution,
    Text,
)
from platform_core.sdk.adapters import propose_columns


class Note(Example):
    text: Annotated[NonBlank, Text(aliases=("sentence", "headline"))]


SOLUTION = Solution(
    id="toy.notes",
    title="Notes",
    summary="Notes.",
    example=Note,
    target=ClassTarget(aliases=("label", "sentiment"), order=("bad", "good")),
    adapters=(),
    head="platform_core.sdk.heads:ClassificationHead",
    recipes={"head": Recipe()},
    default_method="head",
    sample=Sample(write=lambda folder: None, description="Sample data.", requests=()),
    notes=CardNotes(intended_use="Tests."),
)
SENTENCES = [f"this is the sentence with number {i} in it" for i in range(30)]
MOODS = ["good", "bad", "good"] * 10


def propose(**columns: list[Any]) -> dict[str, str]:
    return propose_columns(RawTable(columns=columns, rows=30), SOLUTION)


def test_names_decide_first_case_blind() -> None:
    found = propose(HEADLINE=["a"] * 30, Sentiment=["b"] * 30, other=SENTENCES)
    assert found == {"text": "HEADLINE", "label": "Sentiment"}


def test_earlier_aliases_win() -> None:
    assert propose(headline=SENTENCES, sentence=SENTENCES, label=MOODS)["text"] == "sentence"


def test_contents_decide_where_names_do_not() -> None:
    numbers = [str(i % 4) for i in range(30)]
    found = propose(a=[str(i) for i in range(30)], b=SENTENCES, c=MOODS, agree=numbers)
    assert found == {"text": "b", "label": "c"}


def test_words_win_over_numbers_as_labels() -> None:
    assert propose(body=SENTENCES, kind=["x", "y", "y"] * 10, agree=[50, 66, 75] * 10)["label"] == "kind"


@pytest.mark.parametrize("second", [SENTENCES, SENTENCES[::-1]])
def test_what_cannot_be_told_is_left_out(second: list[str]) -> None:
    found = propose(a=SENTENCES, b=second, c=["x", "y", "y"] * 10, d=["u", "v", "v"] * 10)
    assert found == {}


def test_a_column_named_exactly_group_is_the_group() -> None:
    assert propose(text=SENTENCES, label=MOODS, group=[1] * 30)["group"] == "group"
    assert "group" not in propose(text=SENTENCES, label=MOODS, Group=[1] * 30)


def test_an_identifier_is_no_label_however_few_rows_there_are() -> None:
    columns = {"id": ["1", "2"], "text": SENTENCES[:2]}
    assert propose_columns(RawTable(columns=columns, rows=2), SOLUTION) == {"text": "text"}


def test_known_labels_are_recognised_in_a_few_rows() -> None:
    columns = {"a": SENTENCES[:2], "b": [" Good", "bad"]}
    assert propose_columns(RawTable(columns=columns, rows=2), SOLUTION) == {"text": "a", "label": "b"}


def test_an_open_field_is_not_proposed_and_numbers_are_told_by_name_only() -> None:
    class Table(Example):
        columns: Annotated[Cells, Columns()]

    table = RawTable(columns={"columns": MOODS, "kind": ["x", "y", "y"] * 10}, rows=30)
    open_table = replace(SOLUTION, example=Table, target=NumberTarget())
    assert propose_columns(table, open_table) == {}
    assert propose_columns(RawTable(columns={"y": MOODS}, rows=30), open_table) == {"label": "y"}


class Claim(Example):
    account: Annotated[str | None, Identity(aliases=("card", "account_id"))] = None
    at: Annotated[str | None, Moment(aliases=("time", "date"))] = None
    amount: Annotated[float | None, Number(aliases=("amt", "target"))] = None
    kind: Annotated[str | None, Category(aliases=("class", "type"))] = None
    history: Annotated[Past, History(aliases=("past",))] = ()
    derived: Annotated[Cells, Derived(aliases=("velocity",))] = {}


CLAIMS = replace(SOLUTION, example=Claim, target=ClassTarget(order=("fraud", "genuine")))


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (("Card", "DATE", "amt", "type"), {"account": "Card", "at": "DATE", "amount": "amt", "kind": "type"}),
        (("history", "derived", "past", "velocity"), {}),
        (("class", "type"), {"label": "class", "kind": "type"}),
        (("Class", "kind", "target"), {"label": "Class", "kind": "kind", "amount": "target"}),
        (("label", "class"), {"label": "label", "kind": "class"}),
    ],
)
def test_a_name_that_means_the_label_is_the_label(names: tuple[str, ...], wanted: dict[str, str]) -> None:
    table = RawTable(columns={name: list(range(30)) for name in names}, rows=30)
    assert propose_columns(table, CLAIMS) == wanted


def test_known_labels_are_told_however_they_are_written() -> None:
    columns = {"a": ["FRAUD", "genuine.", "genuine."] * 10, "b": ["x", "y", "y"] * 10}
    assert propose_columns(RawTable(columns=columns, rows=30), CLAIMS) == {"label": "a"}
