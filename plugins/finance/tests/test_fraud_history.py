from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verticore_finance.fraud.history import DAY, HOUR, WINDOWS, derive
from verticore_finance.fraud.schema import FraudExample

START = datetime(2024, 3, 4, 12, 30)  # a Monday


def payment(hours: float = 0.0, amount: float | None = 10.0, account: str | None = "a", **columns: Any) -> FraudExample:
    moment = (START + timedelta(hours=hours)).isoformat()
    return FraudExample(account=account, timestamp=moment, amount=amount, columns=columns)


def test_counts_and_sums_what_the_windows_hold() -> None:
    past = [payment(-800), payment(-100, 7.0), payment(-20, 5.5), payment(-1, 2.0), payment(-0.5, -4.0)]
    found = derive(payment(amount=5.5), past)
    assert [found[f"count_{window}"] for window in WINDOWS] == [2, 3, 4, 4]
    assert [found[f"sum_{window}"] for window in WINDOWS] == [2.0, 7.5, 14.5, 14.5]
    assert found["same_amount_1d"] == 1
    assert found["seconds_since_last"] == 0.5 * HOUR
    assert found["known_payments"] == 5


def test_compares_with_the_accounts_own_payments_refunds_aside() -> None:
    found = derive(payment(amount=60.0), [payment(-3, 10.0), payment(-2, 30.0), payment(-1, -500.0)])
    assert found["amount_to_mean"] == pytest.approx(3.0)
    assert found["amount_to_max"] == pytest.approx(2.0)


def test_tells_what_is_there_for_the_first_time() -> None:
    past = [payment(-2, merchant="m1", country="FI", deviceId=1.0, note=None)]
    found = derive(payment(merchant="m2", country="FI", deviceId=2.0, note="gift"), past)
    assert (found["new_merchant"], found["new_place"], found["new_device"], found["new_values"]) == (1, 0, 1, 2)
    assert derive(payment(color="red"), past)["new_merchant"] is None


def test_a_new_account_has_counts_of_none_and_an_unknown_one_has_no_counts() -> None:
    new, unknown = derive(payment(), ()), derive(payment(account=None), ())
    assert (new["count_1d"], new["known_payments"], new["amount_to_mean"]) == (0, 0, None)
    assert (unknown["count_1d"], unknown["known_payments"]) == (None, None)
    assert unknown["hour"] == 12.5


@pytest.mark.parametrize(
    ("timestamp", "hour", "weekday"),
    [
        ("2024-03-04T14:30:00", 14.5, "Mon"),
        ("2024-03-04T14:30:00+05:00", 14.5, "Mon"),
        ("2024-03-10", None, "Sun"),
        ("1709562600", 14.5, "Mon"),
        ("1709562600000", 14.5, "Mon"),
        (str(DAY + 2 * HOUR), 2.0, None),
        (None, None, None),
    ],
)
def test_reads_the_clock_as_far_as_it_goes(timestamp: str | None, hour: float | None, weekday: str | None) -> None:
    found = derive(FraudExample(timestamp=timestamp), ())
    assert (found["hour"], found["weekday"]) == (hour, weekday)


@pytest.mark.parametrize(
    ("amount", "roundness"), [(12.34, 0), (12.0, 1), (-120.0, 2), (300.0, 3), (5000.0, 4), (0.0, None), (None, None)]
)
def test_round_amounts(amount: float | None, roundness: int | None) -> None:
    assert derive(payment(amount=amount), ())["round_amount"] == roundness


rows = st.lists(
    st.builds(
        payment,
        st.floats(-900, 900),
        st.one_of(st.none(), st.floats(-1e4, 1e4)),
        merchant=st.sampled_from("xyz"),
    ),
    max_size=12,
)


@given(rows, rows, st.floats(-500, 500))
def test_nothing_of_a_later_moment_is_seen(
    past: Sequence[FraudExample], more: Sequence[FraudExample], at: float
) -> None:
    now = payment(at, 20.0, merchant="x")
    later = [row for row in more if (row.timestamp or "") >= (now.timestamp or "")]
    if past:
        assert derive(now, [*past, *later]) == derive(now, past)


@given(rows, st.floats(-500, 500))
def test_always_gives_the_same_columns(past: Sequence[FraudExample], at: float) -> None:
    assert list(derive(payment(at), past)) == list(derive(FraudExample(), ()))
