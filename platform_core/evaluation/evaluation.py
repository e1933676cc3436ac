"""What an evaluation says: plain data, ready for JSON, cards and pictures."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

from platform_core.evaluation.metrics.probabilities import ReliabilityBin
from platform_core.sdk.targets import Task

Curve = dict[str, list[float]]
"""Columns of equal length: the points of a curve, at most 200."""


class ClassReport(TypedDict):
    """One class, level or label; a ratio without cases is 0, as in scikit-learn."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


class Confusion(TypedDict):
    """Counts of targets (rows) against predictions (columns); empty where answers are not single labels."""

    labels: list[str]
    matrix: list[list[int]]


class OperatingPointReport(TypedDict):
    """What a threshold does on these examples; a rate without cases is ``None``. ``intervals`` are by rate."""

    label: str
    threshold: float
    recall: float | None
    precision: float | None
    fpr: float | None
    alert_rate: float
    intervals: dict[str, tuple[float, float]]


class RiskReport(TypedDict):
    """What abstaining buys: ``curve`` has ``coverage``, ``risk`` and ``confidence``; ``aurc`` is the area under it.

    ``coverage`` and ``risk`` are those of answers at least ``abstain_below`` sure; without it, those of all answers.
    ``risk`` is ``None`` where no answer is given.
    """

    aurc: float
    abstain_below: float | None
    coverage: float
    risk: float | None
    curve: Curve


class ResidualReport(TypedDict):
    """How far predictions are off, in the unit of the target: prediction less truth.

    ``bias`` is the mean, ``sd`` the standard deviation; ``quantiles`` are keyed by per cent.
    """

    bias: float
    sd: float
    quantiles: dict[str, float]


class RuleCount(TypedDict):
    """A remark of the solution's rules: on how many examples, and in how many it came with a raised answer."""

    code: str
    examples: int
    raised: int


class RuleReport(TypedDict):
    """What rules did: of ``n`` examples they flagged some; ``raised`` answers would have been milder without them."""

    n: int
    flagged: int
    raised: int
    codes: list[RuleCount]


class SliceValue(TypedDict):
    """The examples of one value of a field; ``small`` ones are too few to compare."""

    value: str
    n: int
    small: bool
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]


class Gap(TypedDict):
    """The greatest difference of a metric between values of a field.

    ``noise`` is the difference that chance alone stays below 95 times in 100, over all metrics of the field together.
    """

    metric: str
    gap: float
    highest: str
    lowest: str
    noise: float
    beyond_noise: bool


class SliceReport(TypedDict):
    """A field, its values from the most frequent one, and the gaps between those that are not small."""

    field: str
    values: list[SliceValue]
    gaps: list[Gap]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """What a model did on examples whose answers are known. What does not apply to its task is empty or ``None``.

    Attributes:
        task: the kind of answer.
        n: number of examples.
        metrics: value of each metric that is defined on these examples.
        intervals: 95 % bootstrap interval of each metric of which one can be given, (low, high).
        per_class: precision, recall, F1 and number of examples of each class or label.
        confusion: counts, targets in rows.
        reliability: confidence against the share of right answers, in bins.
        warnings: what a reader must know before trusting the numbers.
        goal: what the thresholds were chosen for.
        operating_points: of the positive one of two classes, or of each label that has a threshold.
        risk_coverage: what abstaining buys.
        rules: what the solution's rules did.
        residuals: how far numbers are off.
        slices: the same metrics on parts of the examples.
        curves: by name: ``roc`` (``fpr``, ``recall``), ``precision_recall`` (``recall``, ``precision``), ``thresholds``
            (``threshold``, ``recall``, ``precision``, ``alert_rate``, and ``cost`` per example where costs are known),
            ``predicted_true`` (``true``, ``predicted``: some of the examples), ``residuals`` (``low``, ``high``,
            ``count``).
    """

    task: Task
    n: int
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]
    per_class: list[ClassReport]
    confusion: Confusion
    reliability: list[ReliabilityBin]
    warnings: tuple[str, ...] = ()
    goal: str = ""
    operating_points: list[OperatingPointReport] = field(default_factory=list)
    risk_coverage: RiskReport | None = None
    rules: RuleReport | None = None
    residuals: ResidualReport | None = None
    slices: list[SliceReport] = field(default_factory=list)
    curves: dict[str, Curve] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as JSON types."""
        facts: dict[str, Any] = _plain(asdict(self))
        return facts


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How two models differ in one metric.

    Attributes:
        metric: its name.
        a, b: the values of the models.
        difference: ``b - a``.
        interval: 95 % interval of the difference; ``None`` where all resamples agree.
        p_value: chance of a difference at least as large between models that are equally good.
    """

    metric: str
    a: float
    b: float
    difference: float
    interval: tuple[float, float] | None
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models on the same examples.

    Attributes:
        task: the kind of answer.
        n: number of examples.
        names: of the models, a and b.
        primary: the metric that the verdict is about.
        differences: each metric that is defined for both.
        only_a, only_b: examples that one model alone gets right; ``None`` for numbers.
        verdict: one sentence.
        better: the name of the better model by the primary metric; ``None`` where chance explains the difference.
        warnings: what a reader must know before trusting the numbers.
    """

    task: Task
    n: int
    names: tuple[str, str]
    primary: str
    differences: list[Difference]
    only_a: int | None
    only_b: int | None
    verdict: str
    better: str | None
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the same as JSON types."""
        facts: dict[str, Any] = _plain(asdict(self))
        return facts


def _plain(value: Any) -> Any:
    """Turn tuples into lists, however deep."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value
