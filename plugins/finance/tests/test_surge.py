import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verticore_finance.monitor.surge import LEAST_NEGATIVE, judge


def quiet_alarms(rate: float, *, days: int = 20_000, share: float, a_day: int, half_life: float = 30.0) -> int:
    """Return the alerts on a stream whose share of negative sentences never changes."""
    rng = Random(f"{rate} {share} {a_day}")
    fade, negative, other, alarms = 0.5 ** (1 / half_life), 0.0, 0.0, 0
    for _ in range(days):
        negative, other = negative * fade, other * fade
        sentences = rng.randint(1, 2 * a_day)
        found = sum(rng.random() < share for _ in range(sentences))
        if negative + other >= 30:
            alarms += judge(found, sentences, past_negative=negative, past_other=other, rate=rate).is_surge
        negative, other = negative + found, other + sentences - found
    return alarms


@pytest.mark.parametrize(("share", "a_day"), [(0.1, 8), (0.25, 4), (0.5, 20)])
@pytest.mark.parametrize("rate", [0.005, 0.02])
def test_false_alarms_stay_below_the_nominal_rate(rate: float, share: float, a_day: int) -> None:
    days = 5_000
    alarms = quiet_alarms(rate, days=days, share=share, a_day=a_day)
    assert alarms <= rate * days + 2 * math.sqrt(rate * days)


def test_the_nominal_rate_is_not_empty_words() -> None:
    assert quiet_alarms(0.02, days=5_000, share=0.3, a_day=15) > 0.02 * 5_000 / 4


def test_a_busy_day_alone_is_no_surge_and_a_worse_one_is() -> None:
    assert not judge(25, 100, past_negative=25, past_other=75, rate=0.005).is_surge
    assert judge(60, 100, past_negative=25, past_other=75, rate=0.005).is_surge


def test_one_or_two_negative_sentences_are_no_surge() -> None:
    assert not judge(2, 2, past_negative=1, past_other=5_000, rate=0.01).is_surge


counts = st.integers(0, 60)


@given(st.integers(1, 60), counts, st.floats(0, 500), st.floats(0, 500), st.floats(1e-5, 0.4))
def test_the_limit_is_where_alerts_begin(
    sentences: int, negative: int, past_negative: float, past_other: float, rate: float
) -> None:
    negative = min(negative, sentences)
    verdict = judge(negative, sentences, past_negative=past_negative, past_other=past_other, rate=rate)
    assert 0 <= verdict.probability <= 1
    assert verdict.is_surge == (negative >= verdict.limit)
    assert verdict.is_surge == (negative >= LEAST_NEGATIVE and verdict.probability <= rate)
