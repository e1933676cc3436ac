"""Answers, measurements and solutions of every kind as people read them."""

from __future__ import annotations

import json
from datetime import datetime
from types import SimpleNamespace
from typing import Annotated

import pytest

from platform_core.cli.commands.predict import _text_field
from platform_core.cli.door import Door
from platform_core.cli.entry import run
from platform_core.cli.measured import show_measured
from platform_core.cli.offers import show_solution
from platform_core.cli.output import metric_rows
from platform_core.cli.predictions import places_of, prediction_table
from platform_core.finetune.schemas import Measured
from platform_core.sdk import (
    Cells,
    Columns,
    Derived,
    Example,
    Identity,
    Moment,
    NonBlank,
    Number,
    OrdinalTarget,
    Text,
    UsageError,
)
from platform_core.testkit import FakePlugin, fake_site


class Visit(Example):
    patient: Annotated[str | None, Identity()] = None
    arrived: Annotated[datetime | None, Moment()] = None
    complaint: Annotated[NonBlank, Text()]
    age: Annotated[float, Number()]
    other: Annotated[Cells, Columns()] = {}
    derived: Annotated[Cells, Derived()] = {}


def test_the_primary_metric_stands_first_and_errors_have_their_unit():
    rows = metric_rows({"mae": 1.5, "rmse": 2.0, "r2": 0.5}, {"r2": (0.4, 0.6)}, primary="r2", unit="EUR")
    assert rows == [("r2", 0.5, "0.400 – 0.600"), ("mae (EUR)", 1.5, ""), ("rmse (EUR)", 2.0, "")]


def test_sets_and_abstention_have_their_columns():
    titles, rows = prediction_table(
        [
            {"labels": ["late", "wet"], "scores": {"late": 0.9, "wet": 0.6, "lost": 0.1}},
            {"labels": [], "scores": {"late": 0.4, "wet": 0.3, "lost": 0.2}, "abstained": True},
        ]
    )
    assert titles == ["labels", "scores", "abstained"]
    assert rows[0] == ["late, wet", "late 0.900, wet 0.600, lost 0.100", ""]
    assert rows[1] == ["(none)", "late 0.400, wet 0.300, lost 0.200", "ask a person"]


def test_predictions_tell_their_row_and_their_file_where_there_are_several():
    def places(*pairs):
        return places_of([{"label": "x", "file": file, "row": row} for file, row in pairs])

    assert places(("a.csv", 1), ("a.csv", 3)) == (["row"], [(1,), (3,)])
    assert places(("a.txt", 1), ("b.txt", 1)) == (["file"], [("a.txt",), ("b.txt",)])
    assert places(("a.csv", 1), ("a.csv", 2), ("b.csv", 1))[0] == ["file", "row"]
    assert places() == (["row"], [])


def test_values_are_numbers_under_their_unit():
    assert prediction_table([{"value": 1.25}], unit="EUR") == (["value (EUR)"], [[1.25]])


def test_no_predictions_are_an_empty_table():
    assert prediction_table([]) == (["answer"], [])


def test_words_and_columns_that_moved_it_are_ranked_together():
    said = {
        "words": [{"word": "broken", "weight": 0.25}, {"word": "the", "weight": 0.0}],
        "columns": [
            {"column": "heat", "value": 77.0, "weight": -0.5},
            {"column": "site", "value": "east", "weight": 0.1},
        ],
    }
    titles, rows = prediction_table([{"label": "bad", "scores": {"bad": 1.0}, "explanation": said}])
    assert titles[-1] == "what moved it"
    assert rows[0][-1] == "heat 77 -0.5, broken +0.25, site east +0.1, the +0"


def test_of_two_labels_the_one_that_is_explained_is_named_where_it_is_not_the_answer():
    cell = {"column": "age", "value": None, "weight": -0.5}
    said = {"label": "bad", "words": [], "columns": [cell]}
    rows = prediction_table([{"label": name, "scores": {}, "explanation": said} for name in ("good", "bad")])[1]
    assert [row[-1] for row in rows] == ["bad: age missing -0.5", "age missing -0.5"]


def test_remarks_and_the_most_probable_labels_are_shown():
    remark = {"code": "red-flag.shock", "text": "pressure 70 is low", "at_least": "level 2"}
    first = {"label": "a", "scores": {"a": 1.0}, "top": ["a", "b"], "remarks": [remark, {"code": "x", "text": "odd"}]}
    titles, rows = prediction_table([first, {"label": "b", "scores": {"b": 1.0}, "top": ["b", "a"]}])
    assert titles == ["label", "scores", "most probable", "remarks"]
    assert [row[2:] for row in rows] == [["a, b", "pressure 70 is low (at least level 2); odd"], ["b, a", ""]]


def test_what_is_left_to_people_is_said_in_a_sentence(capsys):
    risk = {"abstain_below": 0.8125, "coverage": 0.75, "risk": 0.05, "aurc": 0.01}
    show_measured(Door(), Measured(task="multiclass", metrics={"accuracy": 0.9}, risk_coverage=risk), title="On it")
    out = capsys.readouterr().out
    assert (
        "A person is asked below a confidence of 0.812: 75.0% of the examples get an answer, 5.0% of them wrong" in out
    )


def test_what_rules_raised_is_said_in_a_sentence(capsys):
    codes = [{"code": "shock", "examples": 20, "raised": 9}, {"code": "odd", "examples": 3, "raised": 0}]
    rules = {"n": 1400, "flagged": 20, "raised": 9, "codes": codes}
    show_measured(Door(), Measured(task="ordinal", metrics={"qwk": 0.9}, rules=rules), title="On it")
    assert "Rules raised 9 of 1,400 answers; they flagged 20 examples (shock 9)." in capsys.readouterr().out


def test_rates_that_are_undefined_are_left_blank(capsys):
    point = {"label": "bad", "threshold": 0.5, "recall": None, "precision": None, "fpr": 0.25, "alert_rate": 0.25}
    result = Measured(metrics={"accuracy": 0.9}, operating_points=[point | {"intervals": {"fpr": (0.1, 0.4)}}])
    show_measured(Door(), result, title="On it")
    line = next(line for line in capsys.readouterr().out.splitlines() if line.strip().startswith("bad"))
    assert line.split() == ["bad", "0.500", "0.250", "(0.100", "–", "0.400)", "0.250"]


def test_nothing_is_shown_where_nothing_was_measured(capsys):
    show_measured(Door(), Measured(), title="On the none split")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("binary", "Predicts one class"),
        ("multiclass", "one class of low, middle, high"),
        ("ordinal", "one level of minor, moderate, serious (most severe: serious)"),
        ("multilabel", "a set of labels of cold, warm"),
        ("regression", "a number in points"),
    ],
)
def test_a_solution_says_what_it_predicts(tmp_path, capsys, answer, words):
    with fake_site(tmp_path / "site") as site:
        FakePlugin(name="acme", kind="mixed", answer=answer).install(site)
        assert run(["solutions", "show", "acme.rows", "--home", str(tmp_path / "home")]) == 0
        out = capsys.readouterr().out
        assert words in out
        assert "all columns that feed no other field" in out
        assert run(["solutions", "show", "acme.rows", "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
    assert [field["kind"] for field in shown["fields"]] == ["text", "columns", "target"]
    assert shown["schema"]["properties"]["columns"]["additionalProperties"]["anyOf"][0] == {"type": "number"}


def test_levels_of_several_scales_are_a_table_with_a_few_names_of_each(capsys):
    names = ["1", "red", "stat", "i", "first", "level 1", "2", "green", "3"]
    solution = SimpleNamespace(
        id="a.b", title="T", summary="S", notes=SimpleNamespace(intended_use="U", limits=()), example=Example,
        target=OrdinalTarget(order=tuple(names)), primary_metric="qwk", slices=(), adapters=(), recipes={},
    )  # fmt: skip
    show_solution(Door(), solution)
    out = capsys.readouterr().out
    assert "Predicts one of 3 levels (most severe: 1); models are chosen by qwk." in out
    rows = [line.split(maxsplit=1) for line in out.splitlines()]
    assert ["1", "red, stat, i, first, … (5 names)"] in [[cell.strip() for cell in row] for row in rows]
    assert "level 1" not in out


def test_text_alone_is_refused_with_what_can_be_given():
    solution = SimpleNamespace(id="a.b", example=Visit, derive=None)
    with pytest.raises(UsageError, match="more than one text: complaint, age, and other columns"):
        _text_field(solution)
    solution.derive = lambda example, past: {}
    with pytest.raises(UsageError, match="more than one text: patient, arrived, complaint, age, and other columns"):
        _text_field(solution)
