from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from platform_core.finetune.loop.estimate import Estimate
from platform_core.finetune.search import desk as desks
from platform_core.finetune.search.automatic import choose, choose_method
from platform_core.sdk import Interrupted, StorageFull, TrainingFailed, UsageError


@pytest.mark.parametrize(
    ("metric", "values", "kept", "words"),
    [
        ("macro_f1", {"head": 0.80, "lora": 0.85, "full": 0.84}, "lora", "best macro_f1"),
        ("macro_f1", {"head": 0.80, "lora": 0.85, "full": 0.859}, "lora", "within 0.01 of full"),
        ("macro_f1", {"head": 0.80, "lora": 0.85, "full": 0.87}, "full", "better than lora by 0.020"),
        ("macro_f1", {"fit": 0.851, "head": 0.85, "full": 0.86}, "fit", "within 0.01 of full"),
        ("macro_f1", {"head": 0.85, "lora": 0.85}, "head", "best"),
        ("macro_f1", {"full": 0.85}, "full", "best"),
        ("mae", {"lora": 10.05, "full": 10.0}, "lora", "within 0.1 of full"),
        ("mae", {"lora": 10.2, "full": 10.0}, "full", "better than lora by 0.200"),
        ("ece", {"lora": 0.10, "full": 0.085}, "full", "better"),
    ],
)
def test_a_light_method_is_preferred_within_a_point(metric, values, kept, words):
    method, reason = choose(metric, values)
    assert method == kept
    assert words in reason
    assert all(f"{value:.3f}" in reason for value in values.values())


class World:
    """Methods whose trainings take the time, and give the value, that the test says."""

    def __init__(self, monkeypatch) -> None:
        self.values = {"fit": 0.7, "head": 0.8, "lora": 0.85, "full": 0.9}
        self.estimates: dict[str, float] = {}
        self.errors: dict[str, Exception] = {}
        self.lasts: dict[str, float] = {}
        self.began: list[str] = []
        monkeypatch.setattr(desks, "learn", self.learn)

    def learn(self, material, bench, watch):
        method = material.spec.method
        if method != "fit":
            watch.on_estimate(Estimate(self.estimates.get(method, 0.1), 0))
        self.began.append(method)
        if method in self.errors:
            raise self.errors[method]
        until = time.monotonic() + self.lasts.get(method, 0.0)
        while time.monotonic() < until:
            time.sleep(0.005)
            if watch.stop_requested():
                raise Interrupted("stopped")
        return SimpleNamespace(score=self.values[method], result=SimpleNamespace(history=[{"epoch": 1.0}]))


@pytest.fixture
def world(monkeypatch) -> World:
    return World(monkeypatch)


def decide(desk, folder, minutes: float = 1.0):
    return choose_method(desk, desk.base.solution.recipes, minutes, folder)


def test_the_cheapest_are_tried_first_and_the_best_is_kept_with_what_it_learned(make_desk, world, tmp_path):
    kept = decide(make_desk("text"), tmp_path)
    assert world.began == ["fit", "head", "lora", "full"]
    assert (kept.method, kept.checkpoint, kept.history) == ("full", tmp_path / "full", [{"epoch": 1.0}])
    assert [a.method for a in kept.chosen.attempts] == world.began
    assert [a.value for a in kept.chosen.attempts] == [0.7, 0.8, 0.85, 0.9]
    assert "better than lora by 0.050" in kept.chosen.chosen_because


def test_what_does_not_fit_is_left_out_and_said_to_be(make_desk, world, tmp_path):
    world.estimates = {"head": 1e6, "lora": 40.0, "full": 1000.0}
    del world.values["fit"]
    world.errors["fit"] = TrainingFailed("no trees")
    desk = make_desk("text")
    kept = decide(desk, tmp_path)
    assert world.began == ["fit", "head", "lora"]
    states = {a.method: a.state for a in kept.chosen.attempts}
    assert states == {"fit": "failed", "head": "learned", "lora": "learned", "full": "skipped"}
    assert "Full was skipped: it would take about 16.7 minutes, 1.0 minutes were left." in kept.chosen.chosen_because
    assert "no trees" in kept.chosen.chosen_because
    assert any("lora: accuracy 0.8500" in note for note in desk.progress.notes)


def test_a_method_that_takes_longer_than_estimated_is_given_up_but_not_the_first(make_desk, world, tmp_path):
    world.lasts = {"fit": 0.1, "head": 0.1, "lora": 30.0}
    started = time.monotonic()
    kept = decide(make_desk("text"), tmp_path, minutes=0.4 / 60)
    assert time.monotonic() - started < 5
    states = {a.method: a.state for a in kept.chosen.attempts}
    assert (states["fit"], states["head"], states["lora"], states["full"]) == (
        "learned",
        "learned",
        "stopped",
        "skipped",
    )
    world.lasts = {"fit": 0.1}
    kept = decide(make_desk("text"), tmp_path, minutes=0.0)
    assert kept.method == "fit"
    assert kept.chosen.attempts[-1].note == "the time was over"


def test_when_nothing_can_be_learned_the_reasons_are_given(make_desk, world, tmp_path):
    world.errors = {m: TrainingFailed(f"{m} is broken") for m in ("fit", "head")}
    with pytest.raises(TrainingFailed, match=r"fit: .*fit is broken.*head: .*head is broken"):
        decide(make_desk(), tmp_path)


def test_what_is_no_fault_of_a_method_ends_it(make_desk, world, tmp_path):
    world.errors["head"] = StorageFull("no room")
    with pytest.raises(StorageFull):
        decide(make_desk(), tmp_path)
    with pytest.raises(UsageError, match="no validation data"):
        decide(make_desk(validate=False), tmp_path)


def test_a_stop_ends_it(make_desk, world, tmp_path):
    world.lasts = {"fit": 5.0}
    with pytest.raises(Interrupted):
        decide(make_desk(stop=lambda: bool(world.began)), tmp_path)


def test_what_is_kept_is_what_the_run_learns_and_a_second_call_trains_no_more(make_desk, tmp_path):
    kept = decide(make_desk("text", epochs=6), tmp_path, minutes=10.0)
    desk = make_desk("text", epochs=6)
    steps: list = []
    material = desk.material(kept.method, kept.recipe)
    learned = desk.learn(material, checkpoints=kept.checkpoint, on_epoch=steps.append)
    fresh = desk.learn(material)
    best = max(a.value for a in kept.chosen.attempts)
    assert (steps, learned.score, fresh.score) == ([], best, best)
    assert learned.result.history == kept.history
    rows = desk.base.splits["test"]
    scores = [desk.scores(found.artifact, material, rows) for found in (learned, fresh)]
    assert (scores[0] == scores[1]).all()
    again = decide(make_desk("text", epochs=6), tmp_path, minutes=0.0)
    assert again.chosen.attempts[0].value == kept.chosen.attempts[0].value


def test_a_method_that_was_stopped_goes_on(make_desk, tmp_path):
    straight = decide(make_desk(epochs=6), tmp_path / "straight")
    calls = iter(range(10_000))
    with pytest.raises(Interrupted):
        decide(make_desk(epochs=6, stop=lambda: next(calls) > 6), tmp_path / "stopped")
    assert list((tmp_path / "stopped").rglob("state.safetensors"))
    resumed = decide(make_desk(epochs=6), tmp_path / "stopped")
    assert [a.value for a in resumed.chosen.attempts] == [a.value for a in straight.chosen.attempts]
    assert resumed.chosen.chosen_because == straight.chosen.chosen_because
