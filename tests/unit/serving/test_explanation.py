"""Leaving out words and cells, and what that says of each kind of answer."""

from __future__ import annotations

from typing import Annotated

import pytest
from worlds import make_examples, make_rows

from platform_core.modeling.rows import texts_of
from platform_core.modeling.spec import TableRecord
from platform_core.modeling.table_schema import TableSchema
from platform_core.sdk import Category, Cells, Columns, Example, NonBlank, Number, TableSettings, Text
from platform_core.serving import explanation
from platform_core.serving.explanation import occlude
from platform_core.serving.offline import predict_examples


class Letter(Example):
    subject: Annotated[str | None, Text()] = None
    body: Annotated[NonBlank, Text()]


class Claim(Example):
    note: Annotated[NonBlank, Text()]
    age: Annotated[float | None, Number()] = None
    city: Annotated[str, Category()]
    columns: Annotated[Cells, Columns()]


class Patient(Example):
    heart_rate: Annotated[float | None, Number(low=0, high=300)] = None


CLAIMS = [
    Claim(note="paid late", age=30 + i, city="Oslo", columns={"amount": 10.0 * i, "kind": "glass", "unused": None})
    for i in range(8)
]


UNUSUAL = CLAIMS[3].model_copy(update={"city": "Bergen", "columns": {**CLAIMS[3].columns, "kind": "dent"}})


def table_of(examples: list[Example]) -> TableRecord:
    columns = TableSchema.fit(examples, TableSettings())
    assert columns is not None
    return TableRecord(columns=columns, settings=TableSettings())


def test_a_text_that_is_absent_is_no_word():
    letters = [Letter(body="good day"), Letter(subject="Greetings", body="good day")]
    assert texts_of(letters) == ["good day", "Greetings\ngood day"]
    assert [field for field, _, _ in occlude(letters[0]).spans] == ["body", "body"]
    assert [field for field, _, _ in occlude(letters[1]).spans] == ["subject", "body", "body"]


def test_each_number_and_each_unusual_category_becomes_as_usual_in_turn():
    claim = UNUSUAL.model_copy(update={"columns": {**UNUSUAL.columns, "new": 7.0}})
    found = occlude(claim, table_of(CLAIMS))
    words, cells = found.reduced[:2], found.reduced[2:]
    assert [claim.note for claim in words] == [" late", "paid "]
    assert [place.name for place in found.cells] == ["age", "amount", "city", "kind"]
    assert [cell.age for cell in cells] == [33.5, 33, 33, 33]
    assert [cell.city for cell in cells] == ["Bergen", "Bergen", "Oslo", "Bergen"]
    assert [cell.columns["kind"] for cell in cells] == ["dent", "dent", "dent", "glass"]
    assert cells[1].columns == {"amount": 35.0, "kind": "dent", "unused": None, "new": 7.0}
    assert claim.columns["amount"] == 30.0, "the example itself stays as it is"


def test_what_is_missing_is_filled_as_usual():
    claim = CLAIMS[0].model_copy(update={"age": None, "columns": {"amount": 1.0, "kind": None, "unused": None}})
    found = occlude(claim, table_of(CLAIMS))
    assert [place.name for place in found.cells] == ["age", "amount", "kind"], "the city is as usual"
    assert [cell.age for cell in found.reduced[2:]] == [33.5, None, None]
    assert found.reduced[-1].columns["kind"] == "glass"
    said = found.explain({"value": 1.0}, [{"value": 1.0}] * 2 + [{"value": 3.0}] + [{"value": 1.0}] * 2)
    assert said["columns"][0] == {"column": "age", "value": None, "weight": -2.0, "direction": "lowers"}
    assert said["reasons"] == [{"code": "age:missing", "value": None, "direction": "lowers"}]


def test_a_number_that_cannot_be_is_missing_to_explanations_too():
    patients = [Patient(heart_rate=60.0 + i) for i in range(8)]
    for rate in (900.0, -3.0):
        found = occlude(Patient(heart_rate=rate), table_of(patients))
        said = found.explain({"value": 3.0}, [{"value": 1.0}])
        assert said["columns"] == [{"column": "heart_rate", "value": None, "weight": 2.0, "direction": "raises"}]
        assert said["reasons"] == [{"code": "heart_rate:missing", "value": None, "direction": "raises"}]
    said = occlude(Patient(heart_rate=300.0), table_of(patients)).explain({"value": 3.0}, [{"value": 1.0}])
    assert said["reasons"][0]["code"] == "heart_rate:high", "the bound itself can be"


def test_very_wide_tables_and_long_texts_are_bounded(monkeypatch):
    monkeypatch.setattr(explanation, "MOST_COLUMNS", 2)
    monkeypatch.setattr(explanation, "MOST_SPANS", 3)
    claim = UNUSUAL.model_copy(update={"note": "one two three four five six seven"})
    found = occlude(claim, table_of(CLAIMS))
    assert [claim.note[start:end] for _, start, end in found.spans] == ["one two three", "four five six", "seven"]
    assert [place.name for place in found.cells] == ["age", "amount"]
    said = found.explain({"value": 1.0}, [{"value": 0.0}] * 5)
    assert said["columns_omitted"] == 2


def explain_two_cells(prediction: dict, without_age: dict, without_city: dict, positive: str | None = None) -> dict:
    claim = CLAIMS[2].model_copy(update={"note": "…", "city": "Bergen"})
    known = table_of([claim.model_copy(update={"columns": {}}) for claim in CLAIMS])
    return occlude(claim, known, positive).explain(prediction, [without_age, without_city])


def test_of_two_labels_the_one_that_is_looked_for_is_explained():
    said = explain_two_cells(
        {"label": "no", "scores": {"no": 0.75, "yes": 0.25}},
        {"label": "no", "scores": {"no": 0.875, "yes": 0.125}},
        {"label": "yes", "scores": {"no": 0.25, "yes": 0.75}},
        positive="yes",
    )
    assert said["label"] == "yes"
    assert [(part["column"], part["weight"]) for part in said["columns"]] == [("city", -0.5), ("age", 0.125)]
    assert said["reasons"] == [
        {"code": "city=Bergen", "value": "Bergen", "direction": "lowers"},
        {"code": "age:low", "value": 32.0, "direction": "raises"},
    ]


def test_of_a_label_its_own_score_is_explained():
    said = explain_two_cells(
        {"label": "no", "scores": {"no": 0.75, "yes": 0.25}},
        {"label": "no", "scores": {"no": 0.875, "yes": 0.125}},
        {"label": "yes", "scores": {"no": 0.25, "yes": 0.75}},
    )
    assert said["label"] == "no"
    assert said["columns"] == [
        {"column": "city", "value": "Bergen", "weight": 0.5, "direction": "raises"},
        {"column": "age", "value": 32.0, "weight": -0.125, "direction": "lowers"},
    ]


def test_of_a_set_each_given_label_is_explained_and_their_mean():
    said = explain_two_cells(
        {"labels": ["a", "b"], "scores": {"a": 0.75, "b": 0.5, "c": 0.25}},
        {"labels": ["a", "b"], "scores": {"a": 0.75, "b": 0.5, "c": 1.0}},
        {"labels": [], "scores": {"a": 0.25, "b": 0.25, "c": 0.25}},
    )
    assert said["labels"] == ["a", "b"]
    assert [(part["column"], part["weight"]) for part in said["columns"]] == [("city", 0.375), ("age", 0.0)]
    assert said["columns"][0]["weights"] == {"a": 0.5, "b": 0.25}


def test_of_an_empty_set_the_label_that_came_nearest_is_explained():
    said = explain_two_cells(
        {"labels": [], "scores": {"a": 0.125, "b": 0.375}},
        {"labels": [], "scores": {"a": 0.5, "b": 0.375}},
        {"labels": [], "scores": {"a": 0.125, "b": 0.25}},
    )
    assert said["labels"] == ["b"]
    assert said["columns"][0] == {
        "column": "city",
        "value": "Bergen",
        "weight": 0.125,
        "direction": "raises",
        "weights": {"b": 0.125},
    }


def test_of_a_number_the_effect_is_in_its_unit():
    said = explain_two_cells({"value": 10.0}, {"value": 4.0}, {"value": 30.0})
    assert [(part["column"], part["weight"]) for part in said["columns"]] == [("city", -20.0), ("age", 6.0)]
    assert "label" not in said
    assert "labels" not in said


@pytest.mark.parametrize("answer", ["binary", "ordinal", "multilabel", "regression"])
def test_weights_are_what_the_model_says_with_less_what_it_says_without(model_of, answer):
    model = model_of("mixed", answer)
    (example,) = make_examples("mixed", make_rows(1, seed=3))
    (prediction,) = predict_examples(model, [example], want_explanation=True)
    said = prediction["explanation"]
    assert {part["column"] for part in said["columns"]} <= {"heat", "load", "noise", "grade", "site"}
    assert answer != "binary" or said["label"] == "bad"
    assert 0 < len(said["reasons"]) <= 5
    strongest = max([*said["words"], *said["columns"]], key=lambda part: abs(part["weight"]))
    assert said["reasons"][0]["direction"] == strongest["direction"]
    assert len(said["words"]) == len(example.text.split())
    top = said["columns"][0]
    columns = model.spec.table.columns
    usual = {c.place.name: c.center for c in columns.numbers} | {c.place.name: c.usual for c in columns.categories}
    neutral = {**example.columns, top["column"]: usual[top["column"]]}
    without = example.model_copy(update={"columns": neutral})
    (other,) = predict_examples(model, [without])
    if answer == "regression":
        expected = prediction["value"] - other["value"]
    else:
        labels = said["labels"] if answer == "multilabel" else [said["label"]]
        expected = sum(prediction["scores"][label] - other["scores"][label] for label in labels) / len(labels)
    assert top["weight"] == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_characters_of_languages_without_spaces_are_left_out_one_by_one():
    letter = Letter(body="利润大增, up 3.5% 東京タワー")
    words = [letter.body[start:end] for _, start, end in occlude(letter).spans]
    assert words == [*"利润大增", "up", "3.5", *"東京タワー"]


def test_a_note_on_how_the_answer_was_chosen_stands_in_the_explanation():
    letter = Letter(body="up")
    answer = {"label": "rare", "scores": {"rare": 0.4, "common": 0.6}}
    said = occlude(letter, note="Answers are weighted.").explain(answer, [answer])
    assert said["note"] == "Answers are weighted."
    assert said["label"] == "rare"
    assert "note" not in occlude(letter).explain(answer, [answer])


def test_reasons_name_numbers_by_the_median_and_words_by_their_field():
    columns = {**CLAIMS[7].columns, "kind": "dent"}
    claim = CLAIMS[7].model_copy(update={"note": "Paid", "age": 33.0, "city": "Bergen", "columns": columns})
    found = occlude(claim, table_of(CLAIMS))
    answers = [{"value": 10.0 - 2.0**i} for i in range(len(found.reduced))]
    said = found.explain({"value": 10.0}, answers)
    codes = [reason["code"] for reason in said["reasons"]]
    assert codes == ["kind=dent", "city=Bergen", "amount:high", "age:low", "note=paid"]
    assert all(reason["direction"] == "raises" for reason in said["reasons"])
    assert "reasons" not in occlude(claim).explain({"value": 10.0}, answers[:1])


def test_what_is_as_usual_is_no_reason(model_of):
    model = model_of("mixed", "binary")
    medians = {column.place.name: column.center for column in model.spec.table.columns.numbers}
    (example,) = make_examples("mixed", make_rows(1, seed=3))
    modes = {column.place.name: column.usual for column in model.spec.table.columns.categories}
    usual = example.model_copy(update={"columns": {**example.columns, **medians, **modes}})
    (prediction,) = predict_examples(model, [usual], want_explanation=True)
    said = prediction["explanation"]
    assert {part["column"]: part["weight"] for part in said["columns"]} == pytest.approx(
        dict.fromkeys(medians, 0.0), abs=1e-6
    )
