"""Bootstrap intervals: repeatable, of the right width, wider where rows come in groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from platform_core.evaluation import intervals
from platform_core.evaluation.intervals import Resampler, Swapper, percentile_interval, wilson_interval


def mean_of(values):
    return lambda weights: weights @ values / weights.sum(-1)


def test_width_is_that_of_theory():
    right = np.random.default_rng(0).uniform(size=2000) < 0.8
    draws = Resampler(2000, None, seed=0).evaluate(mean_of(right.astype(float)), 2000)
    low, high = percentile_interval(right.mean(), draws)
    expected = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / 2000)
    assert (high - low) / 2 == pytest.approx(expected, rel=0.08)


def test_interval_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(1)
    covered = 0
    for trial in range(200):
        right = (random.uniform(size=150) < 0.7).astype(float)
        low, high = percentile_interval(right.mean(), Resampler(150, None, trial).evaluate(mean_of(right), 300))
        covered += low <= 0.7 <= high
    assert covered / 200 == pytest.approx(0.95, abs=0.05)


def test_groups_of_equal_rows_widen_the_interval():
    value_of_group = np.random.default_rng(2).integers(0, 2, size=40).astype(float)
    groups = np.repeat(np.arange(40), 25).astype(str)
    values = np.repeat(value_of_group, 25)
    alone = np.std(Resampler(1000, None, 0).evaluate(mean_of(values), 500))
    grouped = np.std(Resampler(1000, groups, 0).evaluate(mean_of(values), 500))
    assert grouped / alone == pytest.approx(5, rel=0.15)


def test_a_group_for_each_row_is_the_same_as_no_group():
    values = np.random.default_rng(3).uniform(size=50)
    single = Resampler(50, [str(i) for i in range(50)], 0).evaluate(mean_of(values), 100)
    np.testing.assert_array_equal(single, Resampler(50, None, 0).evaluate(mean_of(values), 100))


def test_same_seed_gives_the_same_draws_whatever_the_chunk(monkeypatch):
    values = np.random.default_rng(4).uniform(size=100)
    whole = Resampler(100, None, 7).evaluate(mean_of(values), 300)
    monkeypatch.setattr(intervals, "ELEMENTS_PER_CHUNK", 1000)
    np.testing.assert_allclose(Resampler(100, None, 7).evaluate(mean_of(values), 300), whole, rtol=1e-12)
    assert not np.array_equal(Resampler(100, None, 8).evaluate(mean_of(values), 300), whole)


def test_large_data_gets_fewer_resamples():
    draws = Resampler(200_000, None, 0).evaluate(lambda weights: weights[:, 0], 1000, cost=10)
    assert len(draws) == intervals.FEWEST_RESAMPLES


@given(point=st.floats(0, 1), values=st.lists(st.floats(0, 1) | st.just(np.nan), max_size=20), recentre=st.booleans())
def test_interval_always_contains_the_point(point, values, recentre):
    low, high = percentile_interval(point, np.array(values, dtype=float), recentre=recentre)
    assert low <= point <= high


def test_recentring_takes_out_the_bias_of_resampling():
    low, high = percentile_interval(0.02, np.array([0.04, 0.05, 0.06]), recentre=True)
    assert low == pytest.approx(0.01, abs=1e-3)
    assert high == pytest.approx(0.03, abs=1e-3)


@given(hits=st.integers(0, 50), more=st.integers(0, 50))
def test_the_interval_of_a_share_is_that_of_scipy(hits, more):
    if hits + more:
        expected = binomtest(hits, hits + more).proportion_ci(method="wilson")
        found = wilson_interval(hits / (hits + more), hits + more)
        assert found == pytest.approx((expected.low, expected.high), abs=1e-6)


def test_swaps_toss_one_coin_for_each_group():
    tossed = Swapper(6, ["a", "a", "b", "b", "c", "c"], 0).evaluate(lambda weights: weights, 400)
    assert set(np.unique(tossed)) == {0.0, 1.0}
    np.testing.assert_array_equal(tossed[:, ::2], tossed[:, 1::2])
    assert tossed.mean() == pytest.approx(0.5, abs=0.05)
