"""What is no label, and labels that a solution of two classes cannot know."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from platform_core.datasets.label_column import TWO_CLASSES, LabelColumn
from platform_core.datasets.reading import Memory, read_examples
from platform_core.datasets.target_reading import read_target
from platform_core.sdk import ClassTarget, DataError, LabelsTarget, OrdinalTarget, Solution, Target
from platform_core.sdk import heads as sdk_heads
from tests.unit.datasets.conftest import Tables


@pytest.fixture
def fraud(tables: Tables) -> Solution:
    return replace(tables(ClassTarget(positive=("1", "fraud", "yes"))), id="toy.fraud", head=TWO_CLASSES)


def write(folder: Path, labels: list[str], name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(["size;colour;label", *(f"{i};red;{label}" for i, label in enumerate(labels))]))
    return path


def test_the_head_of_two_classes_is_where_it_is_said_to_be() -> None:
    assert f"{sdk_heads.__name__}:{sdk_heads.BinaryHead.__name__}" == TWO_CLASSES


@pytest.mark.parametrize("marker", ["??", "NA", "n/a", "null", "-", " ", "NaN", "#N/A"])
@pytest.mark.parametrize("target", [ClassTarget(), OrdinalTarget()])
def test_markers_of_nothing_are_no_labels(target: Target, marker: str) -> None:
    assert read_target(target, marker) is None


@pytest.mark.parametrize("target", [ClassTarget(order=("NA", "EU")), ClassTarget(positive=("NA",))])
def test_a_label_that_the_solution_names_is_one(target: Target) -> None:
    assert read_target(target, "NA") == "NA"


def test_sets_of_labels_may_be_missing_or_empty() -> None:
    assert read_target(LabelsTarget(), "n/a") is None
    assert read_target(LabelsTarget(), "") == ()


def test_a_minus_beside_a_plus_is_a_label(tables: Tables) -> None:
    column = LabelColumn(tables(ClassTarget()), ["+", "-", "?"])
    assert [column.read(value) for value in ("+", " - ", "?")] == ["+", "-", None]


def test_a_minus_is_a_label_where_a_plus_is_known(fraud: Solution, tables: Tables) -> None:
    assert LabelColumn(fraud, ["-", "-"], known=("-", "+")).read("-") == "-"
    assert LabelColumn(tables(ClassTarget()), ["-", "-"]).read("-") is None


def test_rows_with_markers_for_labels_are_bad(tmp_path: Path, tables: Tables) -> None:
    path = write(tmp_path, ["a", "??", "b", "-"])
    with pytest.raises(DataError, match="the row has no label") as caught:
        read_examples(tables(ClassTarget()), path)
    assert caught.value.where == "a.csv, data row 2, column 'label'"
    assert read_examples(tables(ClassTarget()), path, skip_bad=True).bad_rows == 2


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        (["0"] * 9 + ["1"] * 3 + ["perhaps"] * 5, {"0", "1"}),
        (["genuine"] * 4 + ["perhaps"] * 9 + ["Fraud"], {"genuine", "Fraud"}),
        (["legit."] * 9 + ["1"] * 3 + ["fraud"] * 2, {"legit.", "1"}),
        (["honest"] * 9 + ["crook"] * 5 + ["perhaps"], {"honest", "crook"}),
    ],
)
def test_two_classes_know_no_third(tmp_path: Path, fraud: Solution, labels: list[str], kept: set[str]) -> None:
    read = read_examples(fraud, write(tmp_path, labels), skip_bad=True)
    assert {row.target for row in read.examples} == kept
    assert read.bad_rows == sum(label not in kept for label in labels)


def test_what_is_not_known_is_told_with_its_place_and_number(tmp_path: Path, fraud: Solution) -> None:
    path = write(tmp_path, ["0", "1", "perhaps", "0", "maybe", "perhaps"])
    with pytest.raises(DataError, match="'perhaps' is neither '0' nor '1'") as caught:
        read_examples(fraud, path)
    error = caught.value
    assert error.where == "a.csv, data row 3, column 'label'"
    assert "'perhaps' (2), 'maybe' (1)" in str(error.hint)
    assert [problem["row"] for problem in error.details["problems"]] == [3, 5, 6]
    warnings = read_examples(fraud, path, skip_bad=True).warnings
    assert any("3 bad rows were skipped: a.csv, data row 3" in warning for warning in warnings)


@pytest.mark.parametrize("labels", [["honest", "crook"] * 3, ["x", "y", "z"] * 3])
def test_own_names_of_classes_stay_possible(tmp_path: Path, fraud: Solution, tables: Tables, labels: list[str]) -> None:
    solution = fraud if len(set(labels)) == 2 else tables(ClassTarget(order=("low", "high")))
    assert {row.target for row in read_examples(solution, write(tmp_path, labels)).examples} == set(labels)


def test_official_splits_have_the_classes_of_the_training_data(tmp_path: Path, fraud: Solution) -> None:
    memory = Memory("table", {}, labels=("0", "1"))
    with pytest.raises(DataError, match="'yes' is neither '0' nor '1'"):
        read_examples(fraud, write(tmp_path, ["0", "yes"]), remembered=memory)


def test_a_column_of_many_values_is_left_to_whom_says_that_it_is_none(fraud: Solution) -> None:
    values: list[Any] = [str(number) for number in range(40)]
    assert LabelColumn(fraud, values).read("7") == "7"
