"""The commands on tables: goals, costs, slices, comparisons, columns of answers, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from platform_core.cli.entry import run
from platform_core.testkit import FakePlugin, fake_site


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out.splitlines()[-1])


@dataclass
class Desk:
    """A workspace with two versions of ``claims`` (two classes) and one of ``prices`` (numbers)."""

    folder: Path
    trained: dict[str, Any]

    def __call__(self, *words: str) -> Said:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([*words, "--home", str(self.folder / "home")])
        return Said(code, out.getvalue(), err.getvalue())

    def data(self, name: str, change: Callable[[str], str] = lambda text: text) -> Path:
        file = self.folder / f"{name}.csv"
        file.write_text(change((self.folder / "claims" / "sample.csv").read_text()))
        return file


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with fake_site(folder / "site") as site:
        FakePlugin(name="claims", kind="table", answer="binary").install(site)
        FakePlugin(name="prices", kind="table", answer="regression").install(site)
        desk = Desk(folder, {})
        for name in ("claims", "prices"):
            assert desk("data", "sample", f"{name}.rows", "--output", str(folder / name)).code == 0
        claims = ("train", "claims.rows", "--data", str(folder / "claims"), "--name", "claims", "--set", "epochs=6")
        goal = ("--goal", "recall=.9", "--abstain-risk", ".05")
        desk.trained["json"] = desk(*claims, *goal, "--json").json
        desk.trained["people"] = desk(*claims, "--drop", "heat", "--from", "claims:1", "--devices", "1")
        desk("train", "prices.rows", "--data", str(folder / "prices"), "--name", "prices", "--set", "epochs=6")
        yield desk


def test_training_for_a_goal_tells_what_the_threshold_does(desk):
    result = desk.trained["json"]
    assert result["primary_metric"] == "average_precision"
    assert (result["goal"], result["task"]) == ("recall=0.9", "binary")
    (point,) = result["operating_points"]
    assert point["label"] == "bad"
    assert {"threshold", "recall", "precision", "fpr", "alert_rate", "intervals"} <= set(point)
    assert {"abstain_below", "coverage", "risk"} <= set(result["risk_coverage"])


def test_people_read_the_primary_metric_first_and_the_rates_at_the_threshold(desk):
    said = desk.trained["people"]
    assert said.code == 0, said.err
    names = [line.split()[0] for line in said.out.splitlines() if line.startswith(" ") and line.strip()]
    assert names[names.index("metric") + 2] == "average_precision"
    assert "false alerts" in said.out
    assert "columns differ from those of the version to start from" in said.err


@pytest.mark.parametrize(
    ("words", "where", "meant"),
    [
        (("--goal", "recal=.95"), "--goal", "recall=.95"),
        (("--goal", "recall=95"), "--goal", "recall=95%"),
        (("--abstain-risk", "5"), "--abstain-risk", "one in twenty"),
        (("--from", "claims:77"), None, "claims:2"),
        (("--devices", "0"), None, None),
    ],
)
def test_a_wrong_wish_fails_before_anything_is_imported(desk, words, where, meant):
    before = [len(desk(group, "list", "--json").json[key]) for group, key in (("runs", "runs"), ("data", "datasets"))]
    said = desk(
        "train", "claims.rows", "--data", str(desk.data("other", lambda t: t.replace("D", "E"))), *words, "--json"
    )
    assert said.code == 2
    assert said.json["error"].get("where") == where or where is None
    assert meant is None or meant in said.json["error"]["hint"]
    after = [len(desk(group, "list", "--json").json[key]) for group, key in (("runs", "runs"), ("data", "datasets"))]
    assert after == before


def test_numbers_have_no_goal(desk):
    said = desk("train", "prices.rows", "--data", str(desk.folder / "prices"), "--goal", "recall=.9")
    assert said.code == 2
    assert "regression answers have no threshold" in said.err


def test_evaluation_with_costs_and_slices(desk):
    words = ("evaluate", "claims:1", "--data", str(desk.folder / "claims"), "--costs", "fp:1,fn:20", "--slice", "site")
    result = desk(*words, "--slice", "heat", "--json").json
    assert "cost_saved" in result["metrics"]
    assert [part["field"] for part in result["slices"]] == ["site", "heat"]
    assert len(result["slices"][1]["values"]) == 4, "numbers are cut into quartiles"
    out = desk(*words).out
    assert "By site" in out
    assert "cost_saved" in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--costs", "fp:1"), "usage.invalid"),
        (("--slice", "sight"), "reference.not-found"),
        (("--split", "all", "--slice", "label"), "reference.not-found"),
    ],
)
def test_wrong_costs_and_slices_are_refused(desk, words, code):
    said = desk("evaluate", "claims:1", "--data", str(desk.folder / "claims"), *words, "--json")
    assert (said.code, said.json["error"]["code"]) == (2, code)


def test_numbers_are_evaluated_in_their_unit(desk):
    out = desk("evaluate", "prices", "--data", str(desk.folder / "prices")).out
    assert "mae (points)" in out
    assert "Prediction less truth: mean" in out
    assert "Confusion" not in out
    assert "Per class" not in out


def test_two_models_are_compared_on_the_same_examples(desk):
    words = ("models", "compare", "claims:1", "claims:2", "--data", str(desk.folder / "claims"))
    said = desk(*words, "--json")
    assert said.code == 0
    found = said.json
    assert (found["names"], found["primary"], found["n"]) == (["claims:1", "claims:2"], "average_precision", 160)
    assert found["better"] == "claims:1", "the other one does not see the column that tells most"
    assert {"metric", "a", "b", "difference", "interval", "p_value"} <= set(found["differences"][0])
    assert "claims:1 is better than claims:2 on these 160 examples" in " ".join(desk(*words).out.split())


def test_models_of_different_solutions_cannot_be_compared(desk):
    said = desk("models", "compare", "claims:1", "prices:1", "--data", str(desk.folder / "claims"))
    assert said.code == 2
    assert "only models of one solution" in said.err


def test_versions_are_listed_by_what_they_are_chosen_by(desk):
    assert "average_precision" in desk("models", "show", "claims:1").out
    header = next(line for line in desk("models", "show", "prices").out.splitlines() if "method" in line)
    assert header.split()[:3] == ["version", "method", "r2"]


def test_predictions_stand_beside_the_columns_and_unknown_categories_are_counted(desk, tmp_path):
    data, output = desk.data("west", lambda text: text.replace("north", "west")), tmp_path / "scored.csv"
    said = desk("predict", "claims:1", "--input", str(data), "--output", str(output))
    assert said.code == 0
    assert "column 'site'" in said.err
    with output.open() as stream:
        rows = list(csv.DictReader(stream))
    assert list(rows[0])[-3:] == ["prediction", "score_bad", "score_good"]
    assert sum(row["site"] == "west" for row in rows) == int(said.err.split("column 'site': ")[1].split()[0])


def test_a_renamed_column_is_named_with_its_remedy_which_works(desk):
    data = desk.data("renamed", lambda text: text.replace("heat", "Heat_C", 1))
    said = desk("predict", "claims:1", "--input", str(data), "--json")
    assert (said.code, said.json["error"]["code"]) == (2, "data.column-missing")
    assert str(data) in said.json["error"]["where"]
    assert "--map columns.heat=Heat_C" in said.json["error"]["hint"]
    told = desk("predict", "claims:1", "--input", str(data), "--map", "columns.heat=Heat_C", "--json")
    same = desk("predict", "claims:1", "--input", str(desk.folder / "claims"), "--json")
    assert [p | {"file": "sample.csv"} for p in told.json["predictions"]] == same.json["predictions"]
    assert {p["file"] for p in told.json["predictions"]} == {"renamed.csv"}


def test_values_are_shown_with_unit_and_what_moved_them(desk):
    out = desk("predict", "prices", "--input", str(desk.folder / "prices"), "--explain").out
    header = next(line for line in out.splitlines() if "row" in line)
    assert "value (points)" in header
    assert "what moved it" in header
    assert "heat " in out


def test_a_table_is_no_text(desk):
    said = desk("predict", "claims:1", "--text", "a claim")
    assert said.code == 2
    assert "--input FILE" in said.err
