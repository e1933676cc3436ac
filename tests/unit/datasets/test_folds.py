from collections import Counter, defaultdict
from random import Random

import pytest

from platform_core.datasets.folds import FIRST, make_folds
from platform_core.datasets.records import LabeledExample
from platform_core.sdk import DataError, Place, TargetValue, UsageError
from tests.unit.datasets.conftest import Row


def rows(targets: list[TargetValue], groups: list[str] | None = None, times: list[str] | None = None, repeat: int = 1):
    return [
        LabeledExample(
            Row(columns={"x": float(i // repeat)}),
            target,
            "",
            groups[i] if groups else None,
            Place("a.csv", i + 1),
            times[i] if times else None,
        )
        for i, target in enumerate(targets)
    ]


def test_folds_hold_all_labels_in_proportion() -> None:
    labels = ["a"] * 60 + ["b"] * 30 + ["c"] * 10
    folds = make_folds(rows(labels), 5, seed=0)
    for fold in range(5):
        held = Counter(label for label, number in zip(labels, folds, strict=True) if number == fold)
        assert held == {"a": 12, "b": 6, "c": 2}
    assert folds == make_folds(rows(labels), 5, seed=0) != make_folds(rows(labels), 5, seed=1)


def test_folds_hold_numbers_and_rare_labels_of_sets_in_proportion() -> None:
    numbers = [float(i) for i in range(100)]
    folds = make_folds(rows(numbers), 5, seed=3)
    means = [sum(y for y, n in zip(numbers, folds, strict=True) if n == f) / 20 for f in range(5)]
    assert max(means) - min(means) < 5
    sets = [("a", "rare") if i < 5 else ("a",) for i in range(50)]
    found = make_folds(rows(sets), 5, seed=0)
    assert Counter(found) == dict.fromkeys(range(5), 10)
    assert sorted(found[:5]) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("how", ["stratified", "grouped"])
def test_groups_and_duplicates_stay_whole(how: str) -> None:
    rng = Random(0)
    labels = [rng.choice("ab") for _ in range(120)]
    groups = [f"g{i // 6}" for i in range(120)]
    found = make_folds(rows(labels, groups), 4, seed=0, how=how)
    assert all(len(set(found[i : i + 6])) == 1 for i in range(0, 120, 6))
    assert Counter(found) == dict.fromkeys(range(4), 30)
    twins = make_folds(rows(labels, repeat=2), 4, seed=0)
    assert all(twins[i] == twins[i + 1] for i in range(0, 120, 2))


def test_by_time_each_fold_is_later_than_all_before() -> None:
    rng = Random(0)
    times = [str(rng.randrange(1000)) for _ in range(100)]
    found = make_folds(rows(["a"] * 100, times=times), 4, seed=0, how="time")
    assert Counter(found) == dict.fromkeys([FIRST, 0, 1, 2, 3], 20)
    moments = defaultdict(list)
    for fold, moment in zip(found, times, strict=True):
        moments[fold].append(float(moment))
    assert all(max(moments[fold - 1]) <= min(moments[fold]) for fold in range(4))
    few = make_folds(rows(["a"] * 5, times=["3", "1", "2", "5", "4"]), 4, seed=0, how="time")
    assert few == [1, FIRST, 0, 3, 2]


def test_a_large_cluster_leaves_no_fold_empty() -> None:
    times = ["0"] * 90 + [str(i) for i in range(1, 11)]
    found = make_folds(
        rows(["a"] * 100, groups=["g"] * 90 + [str(i) for i in range(10)], times=times), 4, seed=0, how="time"
    )
    assert set(found) == {FIRST, 0, 1, 2, 3}


@pytest.mark.parametrize(
    ("k", "how", "message"),
    [
        (1, "stratified", "too few"),
        (11, "stratified", "too few for 11 folds"),
        (10, "time", "no moments"),
        (2, "grouped", "no groups"),
        (2, "random", "no way 'random'"),
    ],
)
def test_refuses_folds_that_cannot_be_cut(k: int, how: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_folds(rows(["a"] * 10), k, seed=0, how=how)


def test_a_moment_that_cannot_be_read_is_named() -> None:
    with pytest.raises(DataError, match="'soon' is no moment"):
        make_folds(rows(["a"] * 3, times=["1", "2", "soon"]), 2, seed=0, how="time")
