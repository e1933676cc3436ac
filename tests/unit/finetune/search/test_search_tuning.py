from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from platform_core.finetune.recipe_values import value_of
from platform_core.finetune.search import desk as desks
from platform_core.finetune.search.trials import HOPELESS
from platform_core.finetune.search.tuning import TuningPlan, search
from platform_core.sdk import (
    Conflict,
    FloatRange,
    Interrupted,
    IntRange,
    StorageFull,
    TrainingFailed,
    UsageError,
)

SPACE = {"learning_rate": FloatRange(low=1e-4, high=0.1, log=True), "table.width": IntRange(low=8, high=32)}


@pytest.fixture
def learned(monkeypatch) -> list[dict]:
    """Trainings take no time: their value is that of the learning rate; what was learned is kept here."""
    calls: list[dict] = []

    def learn(material, bench, watch):
        recipe = material.spec.recipe
        calls.append({name: value_of(recipe, name) for name in SPACE})
        value = recipe.learning_rate
        for epoch in range(1, 4):
            watch.on_epoch([{"epoch": float(epoch), "loss": 1.0, "score": value}] * epoch)
            if watch.stop_requested():
                raise Interrupted("stopped")
        return SimpleNamespace(score=value)

    monkeypatch.setattr(desks, "learn", learn)
    return calls


def test_the_best_trial_is_found_and_told(make_desk, tmp_path, learned):
    desk = make_desk(search={"head": SPACE})
    found = search(desk, tmp_path, TuningPlan(trials=14))
    assert len(learned) == len(found.trials) == 14
    assert learned[0]["learning_rate"] == desk.base.spec.recipe.learning_rate
    best = max(learned, key=lambda values: values["learning_rate"])
    assert found.recipe.learning_rate == best["learning_rate"]
    assert found.recipe.table.width == best["table.width"]
    assert found.summary.parameters == best
    assert (found.summary.value, found.summary.metric) == (best["learning_rate"], "accuracy")
    assert found.summary.pruned == [t.state for t in found.trials].count("pruned") > 0
    assert found.importance["learning_rate"] > found.importance["table.width"]
    assert found.picture.read_bytes().startswith(b"\x89PNG")
    assert "Of 14 trials" in found.summary.sentence()
    assert ("searching", 14) in desk.progress.stages
    assert desk.progress.units == 14
    assert desk.progress.numbers[-1]["best accuracy"] == best["learning_rate"]
    assert desk.progress.numbers[-1]["minutes_left"] == 0


def test_a_second_call_goes_on_and_the_same_call_does_no_more(make_desk, tmp_path, learned):
    search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=3))
    desk = make_desk(search={"head": SPACE})
    found = search(desk, tmp_path, TuningPlan(trials=5))
    assert (len(found.trials), len(learned)) == (5, 5)
    assert any("3 trials are there" in note for note in desk.progress.notes)
    again = search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=5))
    assert (again.trials, again.recipe, len(learned)) == (found.trials, found.recipe, 5)


def test_another_search_has_another_study(make_desk, tmp_path, learned):
    plan = TuningPlan(trials=1)
    files = {search(make_desk(search={"head": SPACE}), tmp_path, plan).file}
    files.add(search(make_desk(search={"head": SPACE}, epochs=7), tmp_path, plan).file)
    files.add(search(make_desk(search={"head": {"epochs": IntRange(low=1, high=5)}}), tmp_path, plan).file)
    other_data = make_desk(search={"head": SPACE})
    object.__setattr__(other_data.base.dataset, "digest", "1" * 64)
    files.add(search(other_data, tmp_path, plan).file)
    assert len(files) == 4


def test_less_is_better_where_it_is(make_desk, tmp_path, monkeypatch):
    def learn(material, bench, watch):
        value = material.spec.recipe.learning_rate
        watch.on_epoch([{"epoch": 1.0, "loss": 1.0, "score": -value}])
        return SimpleNamespace(score=value)

    monkeypatch.setattr(desks, "learn", learn)
    found = search(make_desk(answer="regression", metric="mae", search={"head": SPACE}), tmp_path, TuningPlan(trials=8))
    assert found.summary.value == min(t.parameters["learning_rate"] for t in found.trials)


def test_a_stop_cuts_the_trial_off_and_the_same_call_ends_as_if_it_had_not_been(make_desk, tmp_path, learned):
    straight = search(make_desk(search={"head": SPACE}), tmp_path / "straight", TuningPlan(trials=9))
    desk = make_desk(search={"head": SPACE}, stop=lambda: len(learned) > 9 + 4)
    with pytest.raises(Interrupted) as caught:
        search(desk, tmp_path / "stopped", TuningPlan(trials=9))
    assert "same command" in caught.value.hint
    resumed = search(make_desk(search={"head": SPACE}), tmp_path / "stopped", TuningPlan(trials=9))
    assert [(t.parameters, t.value, t.state) for t in resumed.trials] == [
        (t.parameters, t.value, t.state) for t in straight.trials
    ]
    assert len(learned) == 9 + 9 + 1  # one began twice


def test_the_time_ends_it_but_not_before_there_is_a_result(make_desk, tmp_path, learned):
    found = search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=50, minutes=0.0))
    assert len(found.trials) == 1


def test_a_trial_that_runs_when_the_time_is_over_is_cut_off(make_desk, tmp_path, monkeypatch):
    def learn(material, bench, watch):
        time.sleep(0.02)
        if watch.stop_requested():
            raise Interrupted("stopped")
        return SimpleNamespace(score=0.5)

    monkeypatch.setattr(desks, "learn", learn)
    found = search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=500, minutes=0.3 / 60))
    assert 1 < len(found.trials) < 30
    assert {t.state for t in found.trials} == {"complete"}


def test_failing_trials_are_recorded_and_the_search_goes_on(make_desk, tmp_path, monkeypatch):
    def learn(material, bench, watch):
        if material.spec.recipe.learning_rate > 0.01:
            raise TrainingFailed("the loss became nan")
        if material.spec.recipe.table.width > 24:
            raise MemoryError
        return SimpleNamespace(score=0.5)

    monkeypatch.setattr(desks, "learn", learn)
    desk = make_desk(search={"head": SPACE}, learning_rate=0.001)
    found = search(desk, tmp_path, TuningPlan(trials=12))
    failed = [t for t in found.trials if t.state == "failed"]
    assert 0 < found.summary.failed == len(failed) == len(desk.progress.warnings) < 12
    assert any("nan" in t.error for t in failed)
    assert found.recipe.learning_rate <= 0.01


@pytest.mark.parametrize("trials", [2, 20])
def test_all_failing_ends_clearly(make_desk, tmp_path, monkeypatch, trials):
    def learn(material, bench, watch):
        raise RuntimeError("no such kernel")

    monkeypatch.setattr(desks, "learn", learn)
    with pytest.raises(TrainingFailed, match=f"none of {min(trials, HOPELESS)} trials .* no such kernel"):
        search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=trials))


def test_what_is_no_fault_of_a_trial_ends_the_search(make_desk, tmp_path, monkeypatch):
    def learn(material, bench, watch):
        raise StorageFull("no room")

    monkeypatch.setattr(desks, "learn", learn)
    with pytest.raises(StorageFull):
        search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=5))


def test_a_metric_that_is_undefined_is_a_failed_trial(make_desk, tmp_path, monkeypatch):
    monkeypatch.setattr(desks, "learn", lambda *_: SimpleNamespace(score=float("nan")))
    with pytest.raises(TrainingFailed, match="undefined"):
        search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=5))


def test_what_cannot_be_searched_is_refused(make_desk, tmp_path):
    with pytest.raises(UsageError, match="--cv"):
        search(make_desk(validate=False), tmp_path, TuningPlan(trials=5))
    with pytest.raises(UsageError, match="--trials"):
        search(make_desk(), tmp_path, TuningPlan(trials=0))
    with pytest.raises(UsageError, match="two folds"):
        search(make_desk(), tmp_path, TuningPlan(trials=1, folds=1))


def test_over_folds_the_value_is_their_mean_and_needs_no_validation_split(make_desk, tmp_path):
    desk = make_desk(search={"head": SPACE}, validate=False, epochs=4)
    found = search(desk, tmp_path, TuningPlan(trials=3, folds=3))
    assert found.summary.folds == 3
    assert 0.5 < found.summary.value <= 1
    assert "mean over 3 folds" in found.summary.sentence()


@pytest.mark.parametrize("members", [("lightgbm",), ("linear", "network")])
def test_closed_forms_are_searched_too(make_desk, tmp_path, members):
    found = search(make_desk(method="fit", members=members), tmp_path, TuningPlan(trials=2))
    assert ("boosting.leaves" in found.summary.parameters) == ("lightgbm" in members)
    assert ("learning_rate" in found.summary.parameters) == ("network" in members)
    assert found.summary.value > 0.7


def test_real_trainings_are_those_of_runs(make_desk, tmp_path):
    desk = make_desk("text", epochs=3)
    found = search(desk, tmp_path, TuningPlan(trials=2, fixed=("epochs",)))
    assert found.recipe.epochs == 3
    best = max(found.trials, key=lambda t: t.value)
    learned = desk.learn(desk.material("head", found.recipe))
    assert learned.score == best.value


def test_two_searches_at_one_study_are_refused(make_desk, tmp_path, monkeypatch):
    def learn(material, bench, watch):
        with pytest.raises(Conflict):
            search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=1))
        return SimpleNamespace(score=0.5)

    monkeypatch.setattr(desks, "learn", learn)
    assert search(make_desk(search={"head": SPACE}), tmp_path, TuningPlan(trials=1)).summary.trials == 1
