"""Parts of a card that say what a version did on held-out examples. Names and shapes are those of an evaluation."""

from __future__ import annotations

from pydantic import Field

from platform_core.registry.card.part import Part

Curve = dict[str, list[float]]


class ClassRow(Part):
    """How well one class, level or label is recognised."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int = Field(description="Examples of the class.")


class ConfusionTable(Part):
    """Counts of targets (rows) against predictions (columns); empty where answers are not single labels."""

    labels: list[str]
    matrix: list[list[int]]


class Mistake(Part):
    """A confusion of two classes."""

    true: str
    predicted: str
    count: int
    support: int


class ReliabilityRow(Part):
    """Answers whose confidence lies in `(low, high]`."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


class OperatingPointRow(Part):
    """What a threshold does; a rate without cases is `None`."""

    label: str
    threshold: float
    recall: float | None = Field(description="Share of the label's examples that is found.")
    precision: float | None = Field(description="Share of the alerts that is right.")
    fpr: float | None = Field(description="Share of the other examples that is alerted.")
    alert_rate: float = Field(description="Share of all examples that is alerted.")
    intervals: dict[str, tuple[float, float]] = Field(default_factory=dict, description="95 % intervals, by rate.")
    note: str = Field("", description="What must be known of the choice.")


class WeightingSummary(Part):
    """Weights of rare classes: the label with the greatest probability / share^rarity is the answer."""

    rarity: float = Field(description="The exponent, above 0 and at most 1.")
    metric: str = Field(description="What it was chosen by.")
    plain: float = Field(description="Its value where the answers were chosen, with the most probable labels.")
    weighted: float = Field(description="Its value there with the weights.")


class RiskSummary(Part):
    """What abstaining buys: the share of wrong answers among the surest ones."""

    aurc: float = Field(description="Area under the curve of risk against coverage.")
    abstain_below: float | None = Field(description="Answers less sure than that are withheld.")
    coverage: float = Field(description="Share of the examples that get an answer.")
    risk: float | None = Field(description="Share of these answers that is wrong.")
    curve: Curve = Field(description="Columns `coverage`, `risk` and `confidence`, from the surest answers on.")

    def risk_at(self, coverage: float) -> float | None:
        """Return the share of wrong answers among the surest ones that make up at least ``coverage``."""
        points = zip(self.curve["coverage"], self.curve["risk"], strict=True)
        return next((risk for covered, risk in points if covered >= coverage - 1e-9), None)


class RuleCountRow(Part):
    """A remark of the solution's rules."""

    code: str
    examples: int = Field(description="Examples that it was made of.")
    raised: int = Field(description="How many of them got a raised answer.")


class RuleSummary(Part):
    """What the solution's rules did."""

    n: int = Field(description="Examples that the rules saw.")
    flagged: int = Field(description="Examples for which they named a least level.")
    raised: int = Field(description="Answers that would have been milder without them.")
    codes: list[RuleCountRow] = Field(default_factory=list, description="Most frequent first.")


class ResidualSummary(Part):
    """How far predicted numbers are off, in the unit of the target: prediction less truth."""

    bias: float
    sd: float
    quantiles: dict[str, float] = Field(description="By per cent.")


class SliceRow(Part):
    """The examples of one value of a field."""

    value: str
    n: int
    small: bool = Field(description="Too few to compare.")
    metrics: dict[str, float]
    intervals: dict[str, tuple[float, float]]


class GapRow(Part):
    """The greatest difference of a metric between values of a field."""

    metric: str
    gap: float
    highest: str
    lowest: str
    noise: float = Field(description="What chance alone stays below, 95 times in 100.")
    beyond_noise: bool


class SliceTable(Part):
    """A field, its values from the most frequent one, and the gaps between those that are not small."""

    field: str
    values: list[SliceRow]
    gaps: list[GapRow]

    @property
    def metrics(self) -> list[str]:
        """The metrics that any value has, in their order."""
        return list(dict.fromkeys(name for row in self.values for name in row.metrics))

    def value_of(self, gap: GapRow, value: str) -> float:
        """Return the metric of ``gap`` on one value of the field."""
        return next(row.metrics[gap.metric] for row in self.values if row.value == value)
