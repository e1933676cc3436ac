"""Trials are ranked by the answers that people would get: with the rules of the solution."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from platform_core.finetune.search import desk as desks
from platform_core.finetune.search import trials
from platform_core.finetune.search.cross_validation import cross_validate, fold_values, make_plan
from platform_core.finetune.search.ranking import metric_of, settled_scores, value_on, value_on_validation
from platform_core.finetune.search.tuning import TuningPlan, search
from platform_core.sdk import FloatRange, Remark, Review


def all_severe(example, labels):
    return Review(remarks=(Remark(code="all", text="everybody is severe", at_least=labels[0]),))


def ruled(desk, review=all_severe):
    return replace(desk, base=replace(desk.base, solution=replace(desk.base.solution, review=review)))


@pytest.fixture
def plain(make_desk):
    return make_desk(answer="ordinal", metric="accuracy", epochs=2)


@pytest.mark.parametrize("method", ["head", "fit"])
def test_rules_count_on_validation(plain, method):
    desk = ruled(plain)
    material = desk.material(method, desk.base.solution.recipes[method])
    learned = desk.learn(material)
    most_severe = material.model.head.labels[0]
    wanted = np.mean([row.target == most_severe for row in material.validation])
    assert value_on_validation(desk, material, learned) == pytest.approx(wanted)
    assert value_on_validation(desk, material, learned) != learned.score


def test_rules_count_in_folds_as_in_cross_validation(plain):
    desk = ruled(plain)
    recipe = desk.base.spec.recipe
    ranked = dict(fold_values(desk, "head", recipe, make_plan(desk.base, 3, "stratified"), stop=lambda: False))
    assert tuple(ranked.values()) == cross_validate(desk, "head", recipe, 3, None).values


@pytest.mark.parametrize("review", [None, all_severe])
def test_a_pruned_trial_has_a_value_only_where_it_compares_with_those_of_others(
    make_desk, tmp_path, monkeypatch, review
):
    def learn(material, bench, watch):
        for epoch in range(1, 4):
            watch.on_epoch([{"epoch": float(epoch), "loss": 1.0, "score": material.spec.recipe.learning_rate}] * epoch)
        return SimpleNamespace(score=0.5)

    monkeypatch.setattr(desks, "learn", learn)
    monkeypatch.setattr(trials, "value_on_validation", lambda desk, material, learned: learned.score)
    space = {"learning_rate": FloatRange(low=1e-4, high=0.1, log=True)}
    desk = make_desk(answer="ordinal", metric="accuracy", search={"head": space})
    found = search(ruled(desk, review), tmp_path, TuningPlan(trials=14))
    pruned = [trial for trial in found.trials if trial.state == "pruned"]
    assert pruned
    assert all((trial.value is None) is (review is not None) for trial in pruned)


def test_without_rules_that_raise_nothing_is_scored_twice(plain, make_desk):
    for desk in (plain, ruled(make_desk(answer="binary"), lambda example, labels: Review())):
        material = desk.material("head", desk.base.spec.recipe)
        learned = desk.learn(material)
        assert value_on_validation(desk, material, learned) == learned.score
        rows = desk.base.splits["test"]
        raw = desk.scores(learned.artifact, material, rows)
        assert value_on(desk, material, learned, rows) == metric_of(material, raw, rows)
        assert settled_scores(desk, material, learned, rows).shape == raw.shape
