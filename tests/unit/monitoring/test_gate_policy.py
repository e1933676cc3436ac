"""What opens the gate and what keeps it closed, over plain numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from platform_core.evaluation import Comparison, compare
from platform_core.evaluation.evaluation import Difference
from platform_core.evaluation.paired_slices import PairedSlice
from platform_core.monitoring.gating.latency import measure_latencies
from platform_core.monitoring.gating.policy import (
    Check,
    GateLimits,
    Latencies,
    judge_calibration,
    judge_latency,
    judge_metric,
    judge_objections,
    judge_slices,
    passes,
)

LIMITS = GateLimits()
LABELS = ["a", "b", "c"]


def compared(metric: str, a: float, b: float, p: float, *, task: Any = "multiclass", **others: Any) -> Comparison:
    differences = [Difference(metric=metric, a=a, b=b, difference=b - a, interval=None, p_value=p)]
    return Comparison(
        task=task, n=200, names=("a:1", "a:2"), primary=metric, differences=differences, only_a=0, only_b=0,
        verdict="", better=None, **others,
    )  # fmt: skip


def on_test(comparison: Comparison | None, limits: GateLimits = LIMITS, units: int = 200) -> Check:
    return judge_metric("test", comparison, units, limits, least=limits.min_examples, needed=True)


@pytest.mark.parametrize(
    ("metric", "a", "b", "p", "state"),
    [
        ("macro_f1", 0.80, 0.81, 0.5, "passed"),
        ("macro_f1", 0.80, 0.79, 0.5, "passed"),
        ("macro_f1", 0.80, 0.79, 0.01, "failed"),
        ("macro_f1", 0.80, 0.77, 0.5, "failed"),
        ("mae", 100.0, 101.0, 0.5, "passed"),
        ("mae", 100.0, 103.0, 0.5, "failed"),
        ("mae", 0.010, 0.0103, 0.5, "failed"),
        ("mae", 100.0, 60.0, 0.001, "passed"),
        ("brier", 0.20, 0.21, 0.01, "failed"),
    ],
)
def test_worse_beyond_chance_or_by_more_than_is_accepted_fails(
    metric: str, a: float, b: float, p: float, state: str
) -> None:
    assert on_test(compared(metric, a, b, p)).state == state


def test_no_worse_may_not_be_enough() -> None:
    limits = GateLimits(better=True)
    assert on_test(compared("accuracy", 0.8, 0.85, 0.2), limits).state == "failed"
    assert on_test(compared("accuracy", 0.8, 0.85, 0.01), limits).state == "passed"


def test_too_few_held_out_examples_keep_it_closed_and_too_little_feedback_does_not() -> None:
    good = compared("accuracy", 0.8, 0.9, 0.001)
    assert on_test(good, units=49).state == "failed"
    assert on_test(None, units=0).reason == "none of the 50 examples that it takes"
    assert judge_metric("feedback", good, 3, LIMITS, least=50, needed=False).state == "skipped"
    other = compared("accuracy", 0.8, 0.9, 0.001)
    undefined = judge_metric(
        "test", Comparison(**vars(other) | {"primary": "auroc"}), 200, LIMITS, least=50, needed=True
    )
    assert undefined.state == "failed"


def test_any_slice_that_got_worse_keeps_it_closed() -> None:
    part = PairedSlice(field="region", value="south", n=90, a=0.1, b=0.3, p_value=0.001)
    assert judge_slices([]).state == "skipped"
    assert judge_slices([part]).state == "passed"
    worse = PairedSlice(**vars(part) | {"worse": True})
    assert judge_slices([part, worse]).state == "failed"
    assert "region 'south': loss 0.1 → 0.3 on 90 examples" in judge_slices([worse] * 7).reason
    assert judge_slices([worse] * 7).reason.endswith("; and 2 more")


def test_calibration_may_vary_a_little() -> None:
    assert judge_calibration(compared("ece", 0.05, 0.2, 0.01), LIMITS).state == "failed"
    assert judge_calibration(compared("ece", 0.05, 0.2, 0.4), LIMITS).state == "passed"
    assert judge_calibration(compared("ece", 0.05, 0.07, 0.01), LIMITS).state == "passed"
    assert judge_calibration(compared("mae", 1, 2, 0.01, task="regression"), LIMITS).state == "skipped"
    assert judge_calibration(None, LIMITS).state == "skipped"


def test_slower_counts_where_it_is_felt() -> None:
    assert judge_latency(Latencies(10, 16, 12, 20), LIMITS).state == "failed"
    assert judge_latency(Latencies(10, 14, 12, 90), LIMITS).state == "passed"
    assert judge_latency(Latencies(0.1, 0.9, 1, 1), LIMITS).state == "passed"
    assert judge_latency(None, LIMITS).state == "skipped"


def test_objections_of_plugins_keep_it_closed() -> None:
    assert judge_objections({"acme": "too young"}).reason == "acme objects: too young"
    assert [judge_objections(said).state for said in ({"acme": "no"}, {}, None)] == ["failed", "passed", "skipped"]
    assert passes([Check("a", "passed", ""), Check("b", "skipped", "")])
    assert not passes([Check("a", "passed", ""), Check("b", "failed", "")])


def test_without_an_example_nothing_is_timed() -> None:
    assert measure_latencies(None, None, []) is None  # type: ignore[arg-type]


def scores(right: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    said = np.where(right, truth, (truth + 1 + rng.integers(2, size=len(truth))) % 3)
    return np.eye(3)[said] * 0.7 + 0.1


def test_how_often_an_equally_good_model_is_refused() -> None:
    """Of two models with 85 % right answers each, on 400 examples, about one candidate in 25 is refused."""
    rng = np.random.default_rng(0)
    states = []
    for _ in range(60):
        truth = rng.integers(3, size=400)
        shared = rng.random(400) < 0.8  # both answer these alike
        first, second, alike = (rng.random(400) < 0.85 for _ in range(3))
        a, b = np.where(shared, alike, first), np.where(shared, alike, second)
        found = compare(
            "multiclass", LABELS, [LABELS[i] for i in truth], scores(a, truth, rng), scores(b, truth, rng),
            primary="accuracy", resamples=200,
        )  # fmt: skip
        states.append(on_test(found, units=400).state)
    assert states.count("failed") <= 9
