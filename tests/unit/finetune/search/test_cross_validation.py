from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from platform_core.finetune.search.cross_validation import cross_validate, fold_kind, make_plan
from platform_core.sdk import BadInput, Interrupted, UsageError


def numbers(rows: list) -> set[int]:
    """Return rows by their place in the file."""
    return {row.place.row for row in rows}


@pytest.mark.parametrize("folds", [2, 3, 5, 9])
def test_each_row_is_held_out_once_and_never_learned_from_then(make_desk, folds):
    base = make_desk().base
    rows = numbers(base.training + base.validation)
    plan = make_plan(base, folds, "stratified")
    assert len(plan) == folds
    assert sorted(n for fold in plan for n in numbers(fold.held_out)) == sorted(rows)
    for fold in plan:
        parts = [numbers(part) for part in (fold.training, fold.validation, fold.held_out)]
        assert set.union(*parts) == rows
        assert sum(map(len, parts)) == len(rows)
        assert 0.05 < len(fold.validation) / len(rows) < 0.5
        bad = [row.target == "bad" for row in base.training + base.validation]
        assert np.mean([row.target == "bad" for row in fold.held_out]) == pytest.approx(np.mean(bad), abs=0.06)
    assert make_plan(base, folds, "stratified") == plan
    assert numbers(base.splits["test"]).isdisjoint(rows)


def test_two_folds_leave_something_to_learn_from_and_to_validate_on(make_desk):
    base = make_desk(times=True).base
    rows = base.training + base.validation
    halves = replace(base, splits={"train": rows[::2], "validation": rows[1::2], "test": []})
    for by in ("stratified", "time"):
        for fold in make_plan(halves, 2, by):
            assert all(len(part) > 20 for part in (fold.training, fold.validation, fold.held_out))


def test_groups_stay_whole(make_desk):
    base = make_desk(groups=lambda row: f"g{row % 20}").base
    assert fold_kind(base, None) == "group"
    for fold in make_plan(base, 4, "group"):
        groups = [{row.group for row in part} for part in (fold.training, fold.validation, fold.held_out)]
        assert all(groups)
        assert sum(map(len, groups)) == len(set.union(*groups))


def test_by_time_all_that_is_learned_from_lies_before(make_desk):
    base = make_desk(times=True, rows=280).base
    assert fold_kind(base, None) == "time"
    plan = make_plan(base, 4, "time")
    assert len(plan) == 4
    for fold in plan:
        assert max(r.time for r in fold.training) <= min(r.time for r in fold.validation)
        assert max(r.time for r in fold.validation) <= min(r.time for r in fold.held_out)
    sizes = [len(fold.training) for fold in plan]
    assert sizes == sorted(sizes)
    assert len({n for fold in plan for n in numbers(fold.held_out)}) == sum(len(f.held_out) for f in plan)


def test_without_a_validation_split_nothing_is_held_back(make_desk):
    base = make_desk(validate=False).base
    assert all(fold.validation == [] for fold in make_plan(base, 5, "stratified"))
    assert fold_kind(base, None) == "stratified"


def test_folds_that_cannot_be_made_are_refused(make_desk):
    base = make_desk(rows=10).base
    with pytest.raises(UsageError, match="two folds"):
        make_plan(base, 1, "stratified")
    with pytest.raises(BadInput, match="too few"):
        make_plan(base, 9, "stratified")
    assert len(make_plan(base, 3, "stratified")) == 3
    for by in ("group", "time"):
        with pytest.raises(UsageError, match=r"--(group|time)"):
            make_plan(base, 3, by)


@pytest.mark.parametrize(
    ("kind", "method", "metric", "least"),
    [
        ("table", "head", "accuracy", 0.85),
        ("mixed", "fit", "auroc", 0.9),
        ("text", "head", "accuracy", 0.7),
        ("text", "lora", "macro_f1", 0.6),
    ],
)
def test_it_measures_on_rows_that_were_held_out(make_desk, kind, method, metric, least):
    desk = make_desk(kind, method=method, metric=metric, epochs=15)
    found = cross_validate(desk, method, desk.base.spec.recipe, 3, None)
    assert (found.folds, found.by, found.metric, found.n) == (3, "stratified", metric, 160)
    assert found.mean == pytest.approx(np.mean(found.values))
    assert found.sd == pytest.approx(np.std(found.values, ddof=1))
    assert least < found.mean <= 1
    assert found.metrics[metric] == pytest.approx(found.mean, abs=0.05)
    low, high = found.intervals[metric]
    assert low <= found.metrics[metric] <= high
    assert f"{found.mean:.3f} ± {found.sd:.3f}" in found.sentence()
    assert ("cross-validation", 3) in desk.progress.stages


def test_labels_that_mean_nothing_are_not_learned(make_desk):
    desk = make_desk(rows=300, epochs=30, metric="auroc")
    rows = desk.base.training + desk.base.validation
    targets = np.random.default_rng(1).permutation([row.target for row in rows])
    for row, target in zip(rows, targets, strict=True):
        object.__setattr__(row, "target", str(target))
    found = cross_validate(desk, "head", desk.base.spec.recipe, 5, "stratified")
    assert abs(found.mean - 0.5) < 0.12  # an area under the ROC curve


def test_numbers_are_measured_by_time(make_desk):
    desk = make_desk(answer="regression", metric="mae", times=True, epochs=15)
    found = cross_validate(desk, "head", desk.base.spec.recipe, 3, None)
    assert (found.by, found.n < 160) == ("time", True)
    assert 0 < found.mean < 20
    assert set(found.metrics) >= {"mae", "rmse", "r2"}


def test_a_fold_without_a_class_has_no_value_but_counts(make_desk):
    desk = make_desk(metric="auroc", times=True, epochs=2)
    newest = {f"2020-01-{day:02d}" for day in range(21, 29)}
    for row in desk.base.training + desk.base.validation:
        if row.time in newest:
            object.__setattr__(row, "target", "good")
    found = cross_validate(desk, "head", desk.base.spec.recipe, 4, "time")
    assert found.folds == 4
    assert 0 < len(found.values) < 4
    assert found.mean == pytest.approx(np.mean(found.values))


def test_a_stop_ends_it_and_nothing_is_left(make_desk, tmp_path):
    calls = iter(range(10_000))
    desk = make_desk(stop=lambda: next(calls) > 10)
    with pytest.raises(Interrupted):
        cross_validate(desk, "head", desk.base.spec.recipe, 5, None)
    assert not list(tmp_path.rglob("*.safetensors"))


def test_the_same_seed_gives_the_same(make_desk):
    one, other = (make_desk(dropout=0.3) for _ in range(2))
    results = [cross_validate(desk, "head", desk.base.spec.recipe, 3, None) for desk in (one, other)]
    assert results[0] == results[1]
    assert not any(math.isnan(value) for value in results[0].values)
