"""Slices on which one of two models is worse: found where it is so, and not by chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from platform_core.evaluation.answers import read_answers
from platform_core.evaluation.paired_slices import chance_of_worse, compare_slices, losses_of
from platform_core.sdk import Decision

RNG = np.random.default_rng(0)


def wrong(share: float, n: int) -> np.ndarray:
    return (RNG.random(n) < share).astype(float)


def test_the_slice_that_got_worse_is_named_and_no_other() -> None:
    region = ["north"] * 200 + ["south"] * 200 + ["east"] * 10
    a = wrong(0.1, 410)
    b = np.concatenate([wrong(0.1, 200), wrong(0.35, 200), wrong(1.0, 10)])
    found = compare_slices(a, b, {"region": region, "all": ["x"] * 200 + [None] * 210})
    assert [(s.field, s.value, s.n) for s in found if s.worse] == [("region", "south", 200), ("all", "(none)", 210)]
    assert "east" not in {s.value for s in found}


def test_equal_losses_are_no_difference() -> None:
    a = wrong(0.3, 100)
    assert [(s.p_value, s.worse) for s in compare_slices(a, a, {"f": ["v"] * 100})] == [(1.0, False)]
    assert compare_slices(a, a, {}) == []


def test_one_of_equal_size_is_exact() -> None:
    differences = np.array([1.0] * 9 + [-1.0] * 3 + [0.0] * 50)
    assert chance_of_worse(differences) == binomtest(9, 12, alternative="greater").pvalue


def test_random_turns_agree_with_the_exact_test() -> None:
    nearly = np.array([1.0] * 9 + [-1.0] * 2 + [-1.0 - 1e-3])
    assert chance_of_worse(nearly) == pytest.approx(binomtest(9, 12, alternative="greater").pvalue, abs=0.02)


def test_rows_of_a_group_are_one_unit() -> None:
    a, b = np.zeros(400), np.ones(400)
    lone = compare_slices(a, b, {"f": ["v"] * 400}, fewest=2)
    few = compare_slices(a, b, {"f": ["v"] * 400}, [f"g{i % 4}" for i in range(400)], fewest=2)
    assert lone[0].worse
    assert (few[0].p_value, few[0].worse) == (1 / 16, False)


def test_equally_good_models_are_rarely_called_worse() -> None:
    values = {"f": [f"v{i % 8}" for i in range(480)], "label": [f"l{i % 3}" for i in range(480)]}
    alarms = sum(any(s.worse for s in compare_slices(wrong(0.2, 480), wrong(0.2, 480), values)) for _ in range(200))
    assert alarms <= 18  # 5 % of 200, and two standard deviations more


@given(st.lists(st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.5]), max_size=40))
@settings(max_examples=30)
def test_a_chance_is_a_chance_and_falls_with_the_loss(differences: list[float]) -> None:
    told = np.array(differences)
    chance = chance_of_worse(told)
    assert 0 < chance <= 1
    worse = chance_of_worse(np.append(told, 3.0))
    assert worse <= chance + 0.05 if told.sum() > 0 else worse <= 1


def test_losses_are_in_the_unit_of_the_answer() -> None:
    plain = Decision()
    scores = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]]
    classes = read_answers("multiclass", ["a", "b", "c"], ["a", "b"], scores, decision=plain)
    assert losses_of(classes).tolist() == [0.0, 1.0]
    levels = read_answers("ordinal", ["1", "2", "3"], ["1", "1"], scores, decision=plain)
    assert losses_of(levels).tolist() == [0.0, 2.0]
    sets = read_answers("multilabel", ["a", "b"], [("a",), ("a", "b")], [[0.9, 0.8], [0.9, 0.8]], decision=plain)
    assert losses_of(sets).tolist() == [0.5, 0.0]
    numbers = read_answers("regression", [], [3.0, 1.0], [[2.5], [3.0]], decision=plain)
    assert losses_of(numbers).tolist() == [0.5, 2.0]
