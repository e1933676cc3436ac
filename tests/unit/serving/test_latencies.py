from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.serving.latencies import MOST_SECONDS, bucket_of, percentile

SECONDS = st.floats(1e-4, 3000)


@given(st.lists(SECONDS, min_size=1), st.floats(0, 1))
def test_percentiles_are_within_five_percent(values, share):
    counts = Counter(map(bucket_of, values))
    exact = np.quantile(values, share, method="lower")
    assert percentile(counts, share) == pytest.approx(exact, rel=0.048)


@given(st.lists(SECONDS), st.lists(SECONDS))
def test_counts_add_up(one, two):
    assert Counter(map(bucket_of, one)) + Counter(map(bucket_of, two)) == Counter(map(bucket_of, one + two))


@pytest.mark.parametrize("odd", [0.0, -1.0, 1e-12, 1e9, float("inf")])
def test_odd_latencies_count_as_the_end_of_the_range(odd):
    assert bucket_of(1e-5) <= bucket_of(odd) <= bucket_of(MOST_SECONDS)


def test_nothing_has_no_percentile():
    assert percentile({}, 0.5) is None
