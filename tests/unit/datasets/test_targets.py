from pathlib import Path
from typing import Any

import pytest

from platform_core.datasets.cells import Unfit
from platform_core.datasets.describing import label_warnings
from platform_core.datasets.preparation import prepare
from platform_core.datasets.reading import read_examples
from platform_core.datasets.splitting import Ratio
from platform_core.datasets.target_reading import read_target
from platform_core.datasets.targets import check_targets, ordered_labels, strata_of
from platform_core.datasets.versions import read_version, write_version
from platform_core.sdk import ClassTarget, DataError, LabelsTarget, NumberTarget, OrdinalTarget, Target
from platform_core.sdk.names import places_among
from tests.unit.datasets.conftest import Row, Tables


@pytest.mark.parametrize(
    ("target", "value", "wanted"),
    [
        (ClassTarget(), " 1.0 ", "1.0"),
        (ClassTarget(), 1.0, "1"),
        (ClassTarget(), "none", "none"),
        (ClassTarget(), " ", None),
        (OrdinalTarget(), 3, "3"),
        (LabelsTarget(), "late | damaged;late", ("damaged", "late")),
        (LabelsTarget(), '["late", " damaged"]', ("damaged", "late")),
        (LabelsTarget(), ["late", 2.0], ("2", "late")),
        (LabelsTarget(separators=","), "a,b", ("a", "b")),
        (LabelsTarget(), "[draft]", ("[draft]",)),
        (LabelsTarget(), "", ()),
        (LabelsTarget(), [], ()),
        (LabelsTarget(), None, None),
        (NumberTarget(), " 13.5 ", 13.5),
        (NumberTarget(), 4, 4.0),
        (NumberTarget(), "?", None),
        (NumberTarget(), "none", None),
    ],
)
def test_targets_are_read_by_their_kind(target: Target, value: Any, wanted: Any) -> None:
    found = read_target(target, value)
    assert (found, type(found)) == (wanted, type(wanted))


@pytest.mark.parametrize("value", ["abc", "inf", float("inf"), True, [1.0], "1e999"])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(Unfit):
        read_target(NumberTarget(), value)


def table(folder: Path, *labels: str) -> Path:
    path = folder / "a.csv"
    path.write_text("\n".join(["size;label", *(f"{i};{label}" for i, label in enumerate(labels))]))
    return path


def test_a_decimal_comma_in_the_target_is_told(tmp_path: Path, tables: Tables) -> None:
    with pytest.raises(DataError, match="'2,5' is no number") as caught:
        read_examples(tables(NumberTarget()), table(tmp_path, "1", "2,5"))
    assert caught.value.where == "a.csv, data row 2, column 'label'"
    assert "write a decimal point: 2.5" in str(caught.value)


@pytest.mark.parametrize(
    ("target", "labels", "message"),
    [
        (ClassTarget(), ["a"] * 30, "all 30 rows have the label 'a'"),
        (ClassTarget(), [str(i) for i in range(30)], "that is no class"),
        (OrdinalTarget(), ["2"] * 30, "all 30 rows have the label '2'"),
        (LabelsTarget(), [""] * 30, "all 30 rows have no labels"),
        (LabelsTarget(), ["a|b"] * 30, "all 30 rows have the labels a, b"),
        (LabelsTarget(), [f"{i}|x{i}" for i in range(30)], "that is no set of labels"),
        (NumberTarget(), ["2.5"] * 30, "all 30 rows have the target 2.5"),
    ],
)
def test_targets_that_teach_nothing_are_refused(
    tmp_path: Path, tables: Tables, target: Target, labels: list[str], message: str
) -> None:
    read = read_examples(tables(target), table(tmp_path, *labels), keep=["size"])
    with pytest.raises(DataError, match=message) as caught:
        check_targets(read.examples, target, "label", "a.csv")
    assert caught.value.where == "a.csv, column 'label'"


def test_labels_are_in_the_order_that_people_expect() -> None:
    assert ordered_labels(["10", "9", "mild", "low"], OrdinalTarget(order=("low", "mild"))) == [
        "low",
        "mild",
        "9",
        "10",
    ]
    assert ordered_labels([("b", "a"), (), ("c",)], LabelsTarget(order=("c",))) == ["c", "a", "b"]
    scales = OrdinalTarget(order=("ESI-1", "ESI-2", "Red", "Very urgent"))
    assert ordered_labels(["very_urgent", "esi 2", "RED"], scales) == ["esi 2", "RED", "very_urgent"]
    assert ordered_labels(["KTAS 10", "KTAS 3", "other", "2 (urgent)"], scales) == [
        "2 (urgent)",
        "KTAS 3",
        "KTAS 10",
        "other",
    ]
    assert ordered_labels([1.0, 2.0], NumberTarget()) == []


def test_labels_are_found_as_far_as_names_tell_them_apart() -> None:
    assert places_among(["Yes", "no"], ("no", "YES")) == {"no": 0, "Yes": 1}
    assert places_among(["Yes", "yes"], ("yes",)) == {"yes": 0}
    assert places_among(["-1", "1"], ("1",)) == {"1": 0}
    assert places_among(["-1", "0"], ("1",)) == {}
    assert places_among(["1.0", "0.0"], ("0", "1")) == {"0.0": 0, "1.0": 1}
    assert places_among(["<=50K", ">50K"], ("50k",)) == {}
    assert places_among(["<=50k", ">50k"], (">50K", "<=50K")) == {">50k": 0, "<=50k": 1}
    assert ClassTarget(positive=("fraud",)).positive_label(["Fraud.", "genuine"]) == "Fraud."


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (("red", "yellow", "GREEN"), ""),
        (("level 1", "level 2"), ""),
        (("1", "2"), ""),
        (("mild", "grave"), "the order of the levels is a guess: grave, mild; 'grave' is taken as the most severe one"),
        (("red", "blue"), "the order of the levels is a guess: red, blue; 'red' is"),
    ],
)
def test_a_guessed_order_of_levels_is_told(tmp_path: Path, tables: Tables, labels: tuple[str, ...], told: str) -> None:
    target = OrdinalTarget(order=("Red", "Yellow", "Green"))
    read = read_examples(tables(target), table(tmp_path, *labels * 4), labelled=True)
    warnings = [w for w in label_warnings(read.examples, target) if "a guess" in w]
    assert len(warnings) == bool(told)
    assert all(warning.startswith(told) for warning in warnings)


def test_strata() -> None:
    assert strata_of(["a", "b", None]) == ["a", "b", ""]
    assert strata_of([("a",), ("a", "b"), (), ("a",)]) == ["a", "b", "", "a"]
    deciles = strata_of([float(i) for i in range(100)])
    assert [deciles.count(name) for name in sorted(set(deciles))] == [10] * 10


@pytest.mark.parametrize(
    ("target", "labels"),
    [
        (ClassTarget(), ["x" if i % 3 else "y" for i in range(60)]),
        (LabelsTarget(), ["", "late", "late|lost"] * 20),
        (NumberTarget(), [f"{i * 0.1 + 0.2:.17g}" for i in range(60)]),
    ],
)
def test_targets_are_stored_with_their_type(tmp_path: Path, tables: Tables, target: Target, labels: list[str]) -> None:
    read = read_examples(tables(target), table(tmp_path, *labels), keep=["size"])
    prepared = prepare(read.examples, {}, Ratio.parse("60/20/20"), seed=0)
    write_version(tmp_path, prepared.examples, {})
    assert read_version(tmp_path, Row, None) == prepared.examples
    if isinstance(target, NumberTarget):
        assert prepared.statistics["target"]["test"]["median"] == pytest.approx(3.1, abs=1)
        assert prepared.statistics["labels"]["test"] == {}
    else:
        assert set(prepared.statistics["labels"]["test"]) == {label for row in labels for label in row.split("|")} - {
            ""
        }
    assert prepared.warnings == []


def test_sets_without_any_label_are_stored(tmp_path: Path, tables: Tables) -> None:
    read = read_examples(tables(LabelsTarget()), table(tmp_path, "", "", ""), keep=["size"])
    write_version(tmp_path, read.examples, {})
    assert [row.target for row in read_version(tmp_path, Row, None)] == [(), (), ()]


def test_labels_that_a_split_lacks_are_told(tmp_path: Path, tables: Tables) -> None:
    read = read_examples(tables(LabelsTarget()), table(tmp_path, "late|lost", *["late", ""] * 20), keep=["size"])
    prepared = prepare(read.examples, {}, Ratio.parse("80/10/10"), seed=0)
    assert any("no row labelled 'lost'" in warning for warning in prepared.warnings)
