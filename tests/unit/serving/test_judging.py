"""Limits of versions on trial: broken ones are seen soon, kept ones never."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.sdk import UsageError
from platform_core.serving.deployments.judging import Judge, is_beyond, judge
from platform_core.serving.deployments.policy import Limits, Outcome
from platform_core.serving.deployments.tally import REST, Tally
from platform_core.serving.latencies import bucket_of, edge_of

LIMITS = Limits()
OK = Outcome(False, 0.01)


def tally(requests=0, failures=0, *, seconds=(), labels=(), comparisons=()):
    made = Tally(requests, failures)
    for value in seconds:
        made.add(Outcome(False, value))
    for answer in labels:
        made.add(Outcome(False, 0.01, (answer,)), timed=False)
    for mine, theirs in comparisons:
        made.add_comparison(mine, theirs)
    return made


def first_alarm(rng, share, tolerated, most):
    """Return after how many requests a version is rolled back; evidence falls between failures."""
    failed = np.flatnonzero(rng.random(most) < share)
    return next((int(i) + 1 for n, i in enumerate(failed, 1) if is_beyond(n, int(i) + 1, tolerated)), None)


class TestShares:
    """Evidence that a share is too great."""

    @pytest.mark.parametrize("share", [0.0, 0.01, 0.02])
    def test_noise_is_left_alone(self, share):
        rng = np.random.default_rng(1)
        assert all(first_alarm(rng, share, 0.02, 3000) is None for _ in range(60))

    def test_twenty_percent_are_found_well_within_two_hundred_requests(self):
        rng = np.random.default_rng(2)
        found = [first_alarm(rng, 0.2, 0.02, 400) for _ in range(300)]
        assert max(found) <= 150
        assert np.median(found) <= 50

    @given(st.integers(0, 500), st.integers(1, 500), st.floats(0, 0.99))
    def test_more_of_it_is_never_better(self, total, further, tolerated):
        count = total + further
        assert not (is_beyond(total, count, tolerated) and not is_beyond(total + 1, count, tolerated))

    @given(st.floats(0, 1), st.integers(0, 100_000), st.floats(0, 1))
    def test_what_is_tolerated_is_never_beyond(self, tolerated, count, part):
        assert not is_beyond(part * tolerated * count, count, tolerated)

    def test_the_first_few_decide_nothing(self):
        assert not is_beyond(9, 9, 0.02)
        assert is_beyond(10, 10, 0.02)


class TestVerdicts:
    """Which limit is broken, and what is said of it."""

    def test_errors_are_measured_against_the_stable_version(self):
        tried = tally(200, 40)
        verdict = judge("canary", tally(1800), tried, LIMITS)
        assert verdict.limit == "errors"
        assert verdict.text == "40 of 200 requests failed, of the stable version 0 of 1800; tolerated are 2.0%"
        assert judge("canary", tally(1800, 360), tried, LIMITS) is None
        assert judge("canary", tally(5, 5), tried, LIMITS) is None
        assert judge("canary", tally(1800, 2), tried, LIMITS).limit == "errors"
        assert judge("shadow", tally(1800), tried, LIMITS).limit == "errors"
        assert judge("canary", tally(1800), tried, Limits(errors=None)) is None

    def test_slow_canaries_are_found_and_slightly_slower_ones_left(self):
        rng = np.random.default_rng(3)
        stable = tally(seconds=rng.lognormal(-4, 0.5, 1000))
        assert judge("canary", stable, tally(seconds=rng.lognormal(-4, 0.5, 300) * 1.5), LIMITS) is None
        slow = tally(seconds=rng.lognormal(-4, 0.5, 300) * 4)
        assert judge("canary", stable, slow, LIMITS).limit == "latency"
        assert judge("canary", tally(seconds=[0.01] * 49), slow, LIMITS) is None
        assert judge("shadow", stable, slow, LIMITS) is None

    def test_equal_times_raise_no_alarm(self):
        rng = np.random.default_rng(4)
        for _ in range(30):
            stable, tried = Tally(), Tally()
            for _ in range(20):
                for side, count in ((stable, 45), (tried, 5)):
                    for value in rng.lognormal(-4, 1, count):
                        side.add(Outcome(False, value))
                assert judge("canary", stable, tried, Limits(latency=1.0)) is None

    def test_a_canary_with_other_labels_is_found_and_chance_is_not(self):
        rng = np.random.default_rng(5)
        stable = tally(labels=rng.choice(["a", "b", "c"], 2000, p=[0.5, 0.3, 0.2]))
        assert judge("canary", stable, tally(labels=["c"] * 100), LIMITS).limit == "disagreement"
        for _ in range(100):
            alike = tally(labels=rng.choice(["a", "b", "c"], 40, p=[0.5, 0.3, 0.2]))
            assert judge("canary", stable, alike, Limits(disagreement=0.0)) is None

    def test_a_shadow_is_judged_by_its_answers(self):
        same, other = (("a", "b"), ("a", "b")), (("a", "b"), ("a", "c"))
        verdict = judge("shadow", tally(), tally(comparisons=[other] * 100), LIMITS)
        assert verdict.limit == "disagreement"
        assert verdict.text.startswith("50.0% of its answers to 100 requests differ")
        assert judge("shadow", tally(), tally(comparisons=[same, same, same, other] * 100), LIMITS) is None


class TestLaterFailures:
    """A version that does well for long and then fails."""

    def ask(self, rng, good, share, most):
        judge, failures = Judge("canary"), 0
        failed = np.concatenate([np.zeros(good, bool), rng.random(most) < share])
        for n, bad in enumerate(failed, 1):
            failures += int(bad)
            if bad or n % 50 == 0:
                verdict = judge.look(tally(20_000, 20), tally(n, failures), LIMITS)
                if verdict is not None:
                    return n - good, verdict
        return None, None

    def test_it_is_found_within_two_hundred_requests(self):
        rng = np.random.default_rng(6)
        for _ in range(10):
            after, verdict = self.ask(rng, 3000, 0.2, 300)
            assert after <= 190
            assert verdict.text.startswith("of late, ")

    def test_noise_is_left_alone(self):
        rng = np.random.default_rng(7)
        assert all(self.ask(rng, 0, 0.01, 3000) == (None, None) for _ in range(5))


class TestTallies:
    """Counting."""

    @given(st.floats(1e-4, 3000))
    def test_buckets_are_a_tenth_wide(self, seconds):
        edge = edge_of(bucket_of(seconds))
        assert edge / 1.1 * (1 - 1e-9) <= seconds <= edge * (1 + 1e-9)

    outcomes = st.lists(
        st.builds(Outcome, st.booleans(), st.floats(0, 100), st.lists(st.sampled_from("ab"), max_size=3).map(tuple)),
        max_size=30,
    )

    @given(outcomes, outcomes)
    def test_sums_over_processes_are_those_of_one(self, first, second):
        def count(outcomes):
            made = Tally()
            for outcome in outcomes:
                made.add(outcome)
            return made

        parts = [Tally.of(count(part).to_dict()) for part in (first, second)]
        total, whole = Tally.total(parts), count(first + second)
        assert (total.requests, total.failures, total.seconds) == (whole.requests, whole.failures, whole.seconds)
        assert total.labels == pytest.approx(whole.labels)

    @given(outcomes, outcomes)
    def test_what_was_added_since_is_what_was_added(self, first, second):
        before, after, added = Tally(), Tally(), Tally()
        for outcome in first:
            before.add(outcome)
            after.add(outcome)
        for outcome in second:
            after.add(outcome)
            added.add(outcome)
        found = after.since(before)
        assert (found.requests, found.failures, found.seconds) == (added.requests, added.failures, added.seconds)
        assert found.labels == pytest.approx(added.labels)

    def test_a_request_weighs_one_however_many_examples_it_has(self):
        made = tally()
        made.add(Outcome(False, 0.01, ("a", "a", "b", "b")))
        made.add(Outcome(False, 0.01, ("a",)))
        assert made.labels == {"a": 1.5, "b": 0.5}

    def test_numbers_are_compared_by_size(self):
        made = tally(comparisons=[((100.0, 100.0), (109.0, 120.0)), ((0.0,), (0.0,))])
        assert made.disagreement == pytest.approx(0.25)
        made.add(Outcome(False, 0.01, (1000.0, -3.0, 0.0)))
        assert made.labels == pytest.approx({"2^10": 1 / 3, "-2^2": 1 / 3, "0": 1 / 3})

    def test_labels_are_bounded(self):
        made = tally(labels=[f"label {n}" for n in range(600)])
        assert len(made.labels) == 501
        assert made.labels[REST] == 100

    def test_failures_have_neither_time_nor_labels(self):
        made = tally()
        made.add(Outcome(True, 30.0))
        assert (made.timed, made.labels, made.summary()["p95_seconds"]) == (0, {}, None)


@pytest.mark.parametrize(
    "values", [{"error": 0.1}, {"errors": 1.5}, {"latency": 0.5}, {"errors": "much"}, {"errors": True}]
)
def test_impossible_limits_are_refused(values):
    with pytest.raises(UsageError):
        Limits.of(values)


def test_limits_that_are_left_out_have_their_defaults():
    assert Limits.of({"latency": None}) == Limits(latency=None)
