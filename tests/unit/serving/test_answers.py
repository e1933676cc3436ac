"""Predictions of every shape in one cell, and as columns of a file."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from platform_core.sdk import BadRecord, Decision, Place, RawTable, Silent
from platform_core.serving.answers import answer_of
from platform_core.serving.files import answer_columns, predict_file

CLASS = {"label": "yes", "scores": {"no": 0.25, "yes": 0.75}}
LABELS = {"labels": ["late", "wet"], "scores": {"late": 0.75, "lost": 0.25, "wet": 0.5}}


@pytest.mark.parametrize(
    ("prediction", "answer"),
    [(CLASS, "yes"), (LABELS, "late|wet"), (LABELS | {"labels": []}, ""), ({"value": 3}, 3.0), ({"boxes": []}, "")],
)
def test_the_answer_is_one_cell(prediction, answer):
    assert answer_of(prediction) == answer


def test_classes_have_a_column_for_each_score():
    assert answer_columns([CLASS], may_abstain=False) == {
        "prediction": ["yes"],
        "score_no": [0.25],
        "score_yes": [0.75],
    }


def test_a_model_that_may_abstain_says_of_every_row_whether_it_does():
    columns = answer_columns([CLASS, CLASS | {"abstained": True}], may_abstain=True)
    assert columns["abstained"] == [False, True]
    assert answer_columns([LABELS], may_abstain=True)["abstained"] == [False]


def test_sets_are_joined_and_numbers_stand_alone():
    assert answer_columns([LABELS], may_abstain=False)["prediction"] == ["late|wet"]
    assert answer_columns([{"value": 1.5}, {"value": -2.0}], may_abstain=False) == {"prediction": [1.5, -2.0]}


def test_an_explanation_is_a_column_of_json():
    said = {"method": "occlusion", "words": [], "columns": [{"column": "größe", "weight": 1.0}]}
    (cell,) = answer_columns([{"value": 1.0, "explanation": said}], may_abstain=False)["explanation"]
    assert json.loads(cell) == said


def test_weights_have_four_digits_and_reasons_a_short_cell():
    cell = {"column": "age", "value": 61.0, "weight": 0.12345678901234567}
    reasons = [{"code": "age:high", "value": 61.0, "direction": "raises"}, {"code": "sex=f", "value": "f"}]
    said = {"method": "occlusion", "words": [], "columns": [cell], "reasons": reasons}
    columns = answer_columns([CLASS | {"explanation": said}, CLASS], may_abstain=False)
    assert columns["reasons"] == ["age:high; sex=f", ""]
    assert json.loads(columns["explanation"][0]) == {
        "method": "occlusion",
        "words": [],
        "columns": [cell | {"weight": 0.1235}],
    }
    assert columns["explanation"][1] is None


def test_no_rows_still_have_the_column_of_the_answer():
    assert answer_columns([], may_abstain=False) == {"prediction": []}


@pytest.mark.parametrize("separator", [",", "\t"])
def test_lists_and_objects_of_the_rows_become_json_where_cells_are_plain(tmp_path, separator):
    columns = {"tags": [["a", "ü"], None], "by": [{"id": 1}, {"id": 2}], "text": ["x", "y"]}
    rows = [SimpleNamespace(example=text, place=Place(file=f"{text}.txt", row=1)) for text in columns["text"]]
    bad = BadRecord(Place("x.txt", 2), "the text is empty", column="text")
    read: Any = SimpleNamespace(
        raw=RawTable(columns, 2), rows=[0, 1], examples=rows, bad_rows=1, skipped=(bad,), warnings=[]
    )
    model: Any = SimpleNamespace(
        spec=SimpleNamespace(decision=Decision(), table=None),
        prepare=lambda examples: examples,
        score_rows=lambda rows, advance: np.zeros((len(rows), 2), np.float32),
        decode=lambda scores, rows: [CLASS] * len(scores),
    )
    version: Any = SimpleNamespace(model="m", number=1)
    output = tmp_path / ("out.csv" if separator == "," else "out.tsv")
    result = predict_file(model, version, read, output=output, want_explanation=False, progress=Silent())
    assert [(p["file"], p["row"]) for p in result.predictions] == [("x.txt", 1), ("y.txt", 1)]
    written = pl.read_csv(output, separator=separator)
    assert written["tags"].to_list() == ['["a", "ü"]', None]
    assert written["by"].to_list() == ['{"id": 1}', '{"id": 2}']
    assert written["prediction"].to_list() == ["yes", "yes"]
    (skipped,) = map(json.loads, (tmp_path / "out.skipped.jsonl").read_text().splitlines())
    assert [skipped] == result.to_dict()["skipped"]
    assert (skipped["file"], skipped["row"], skipped["column"]) == ("x.txt", 2, "text")
    assert {"file", "row"}.isdisjoint(written.columns), "rows of the files stay as they were"


def test_remarks_of_some_rows_and_facts_of_all_are_columns():
    remarks = [{"code": "red-flag.shock", "text": "pressure 70"}]
    columns = answer_columns([CLASS | {"topic": "orders"}, CLASS | {"remarks": remarks}], may_abstain=False)
    assert columns["topic"] == ["orders", None]
    assert columns["remarks"][0] is None
    assert json.loads(columns["remarks"][1]) == remarks
