"""What lets a version through the gate: pure functions over what was measured.

Each check passes, fails, or is skipped where there is nothing to judge by; the gate opens where none fails. It fails
closed: without enough examples that neither model has seen, nothing is known, and nothing passes.

Two models that are equally good differ by chance. A candidate therefore fails where it is worse by more than chance
explains, and also where the difference that was seen is greater than what is accepted, whatever chance says: few
examples prove nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from platform_core.evaluation import Comparison, sign_of
from platform_core.evaluation.evaluation import Difference
from platform_core.evaluation.paired_slices import PairedSlice

State = Literal["passed", "failed", "skipped"]

_UNBOUNDED = frozenset({"mae", "rmse"})
"""Metrics without a natural scale: a loss is told as a share of the present model's value."""


@dataclass(frozen=True, kw_only=True)
class GateLimits:
    """When a version passes.

    Attributes:
        max_loss: how much worse its primary metric may be, as it was seen; of errors in units, as a share of the
            present model's.
        significance: a difference is explained by chance where its p-value is not below this.
        min_examples: independent examples that neither model has seen; fewer tell too little.
        min_feedback: examples of fresh feedback; fewer are shown and not judged.
        max_slowdown: how many times as long one answer may take.
        max_calibration_loss: how much greater the calibration error may be.
        better: whether the candidate has to be better by more than chance explains, not only no worse.
    """

    max_loss: float = 0.02
    significance: float = 0.05
    min_examples: int = 50
    min_feedback: int = 50
    max_slowdown: float = 1.5
    max_calibration_loss: float = 0.05
    better: bool = False


@dataclass(frozen=True)
class Check:
    """One question that the gate asks.

    Attributes:
        name: of the question.
        state: its answer.
        reason: the answer in words.
    """

    name: str
    state: State
    reason: str


@dataclass(frozen=True)
class Latencies:
    """Milliseconds that single answers took, side by side in one process: medians and 95th percentiles."""

    present_p50: float
    candidate_p50: float
    present_p95: float
    candidate_p95: float

    @property
    def ratio(self) -> float:
        """How many times as long the candidate takes."""
        return self.candidate_p50 / self.present_p50


LEAST_MS = 1.0
"""Milliseconds that nobody notices: a candidate that takes no more than so much longer is no slower."""


def judge_metric(
    name: str, comparison: Comparison | None, units: int, limits: GateLimits, *, least: int, needed: bool
) -> Check:
    """Judge the primary metric on some examples.

    Args:
        name: of the check.
        comparison: the present model and the candidate; ``None`` without examples.
        units: independent examples.
        limits: what is accepted.
        least: how many examples are enough.
        needed: whether too few let the gate stay closed.
    """
    if comparison is None or units < least:
        what = "none" if not units else f"only {units:,}"
        return Check(name, "failed" if needed else "skipped", f"{what} of the {least:,} examples that it takes")
    main = _of(comparison, comparison.primary)
    if main is None:
        state: State = "failed" if needed else "skipped"
        return Check(name, state, f"{comparison.primary} is undefined on these {comparison.n:,} examples")
    gain = sign_of(main.metric) * main.difference
    facts = f"{main.metric} {main.a:.4g} → {main.b:.4g}, p = {main.p_value:.2g}, {comparison.n:,} examples"
    if gain < 0 and main.p_value < limits.significance:
        return Check(name, "failed", f"worse beyond chance: {facts}")
    if -gain > limits.max_loss * (abs(main.a) if main.metric in _UNBOUNDED else 1):
        return Check(name, "failed", f"worse by more than {_loss(main, limits)}: {facts}")
    if limits.better and needed and not (gain > 0 and main.p_value < limits.significance):
        return Check(name, "failed", f"not better beyond chance: {facts}")
    better = gain > 0 and main.p_value < limits.significance
    return Check(name, "passed", f"{'better beyond chance' if better else 'not worse'}: {facts}")


def judge_slices(slices: Sequence[PairedSlice]) -> Check:
    """Judge that no part of the examples got worse by more than chance explains."""
    worse = [part for part in slices if part.worse]
    if worse:
        told = "; ".join(map(_in_words, worse[:5]))
        more = f"; and {len(worse) - 5} more" if worse[5:] else ""
        return Check("slices", "failed", f"worse beyond chance: {told}{more}")
    if not slices:
        return Check("slices", "skipped", "no slice has enough examples")
    return Check("slices", "passed", f"none of {len(slices):,} is worse beyond chance")


def judge_calibration(comparison: Comparison | None, limits: GateLimits) -> Check:
    """Judge that confidence is as close to the share of right answers as before."""
    found = _of(comparison, "ece") if comparison is not None else None
    if found is None:
        reason = "numbers have no confidence" if comparison and comparison.task == "regression" else "nothing to judge"
        return Check("calibration", "skipped", reason)
    facts = f"calibration error {found.a:.3g} → {found.b:.3g}, p = {found.p_value:.2g}"
    if found.difference > limits.max_calibration_loss and found.p_value < limits.significance:
        return Check(
            "calibration", "failed", f"worse beyond chance and by more than {limits.max_calibration_loss:g}: {facts}"
        )
    return Check("calibration", "passed", facts)


def judge_latency(latencies: Latencies | None, limits: GateLimits) -> Check:
    """Judge how long a single answer takes."""
    if latencies is None:
        return Check("latency", "skipped", "there is no example to ask")
    facts = (
        f"one answer takes {latencies.present_p50:.3g} → {latencies.candidate_p50:.3g} ms "
        f"(95th percentile {latencies.present_p95:.3g} → {latencies.candidate_p95:.3g} ms)"
    )
    slower = latencies.candidate_p50 - latencies.present_p50 > LEAST_MS
    if slower and latencies.ratio > limits.max_slowdown:
        return Check("latency", "failed", f"more than {limits.max_slowdown:g} times as long: {facts}")
    return Check("latency", "passed", facts)


def judge_objections(objections: Mapping[str, str] | None) -> Check:
    """Judge what plugins say: plugin → reason; ``None``: they were not asked."""
    if objections is None:
        return Check("plugins", "skipped", "no alias would move")
    if objections:
        return Check("plugins", "failed", "; ".join(f"{name} objects: {why}" for name, why in objections.items()))
    return Check("plugins", "passed", "none objects")


def passes(checks: Sequence[Check]) -> bool:
    """Tell whether the gate opens: nothing failed."""
    return all(check.state != "failed" for check in checks)


def _of(comparison: Comparison, metric: str) -> Difference | None:
    return next((found for found in comparison.differences if found.metric == metric), None)


def _loss(main: Difference, limits: GateLimits) -> str:
    return f"{100 * limits.max_loss:g} %" if main.metric in _UNBOUNDED else f"{limits.max_loss:g}"


def _in_words(part: PairedSlice) -> str:
    losses = f"loss {part.a:.3g} → {part.b:.3g}"
    return f"{part.field} {part.value!r}: {losses} on {part.n:,} examples, p = {part.p_value:.2g}"
