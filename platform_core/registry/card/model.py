"""The card of one model version."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, JsonValue, model_validator

from platform_core.registry.card.measured import (
    ClassRow,
    ConfusionTable,
    Curve,
    Mistake,
    OperatingPointRow,
    ReliabilityRow,
    ResidualSummary,
    RiskSummary,
    RuleSummary,
    SliceTable,
    WeightingSummary,
)
from platform_core.registry.card.origin import (
    CalibrationSummary,
    DataSummary,
    EncoderSummary,
    ExportSummary,
    SelectionSummary,
    TableSummary,
    TrainingSummary,
)
from platform_core.registry.card.part import Part
from platform_core.sdk.targets import Task


class ModelCard(Part):
    """The card of one model version. What does not apply to its task or its inputs is empty or `None`."""

    format: Literal[2] = 2
    model: str
    version: int | None = Field(None, description="Unknown while the version is being made.")
    run: str | None = Field(None, description="Id of the run that made it.")
    solution: str
    title: str = Field(description="Title of the solution.")
    summary: str = Field("", description="One or two sentences on the solution.")
    created_at: datetime

    intended_use: str
    limits: list[str] = Field(default_factory=list)
    risks: list[str] = Field(default_factory=list)

    task: Task = "multiclass"
    positive: str | None = Field(None, description="Of two classes, the one that is looked for.")
    severe: Literal["first", "last"] = Field("first", description="The end of the levels that must not be missed.")
    unit: str = Field("", description="Of predicted numbers.")
    primary_metric: str = Field("", description="What epoch, trial and method are chosen by.")

    evaluated_on: Literal["test", "validation", "out_of_fold", "none"] = Field(
        description="The split that the metrics are measured on; out_of_fold: no split but those of training and "
        "validation, each example answered by the parts of the model that have not learned from it."
    )
    n: int = Field(0, description="Examples that the metrics are measured on.")
    metrics: dict[str, float] = Field(default_factory=dict)
    intervals: dict[str, tuple[float, float]] = Field(default_factory=dict, description="95 % intervals.")
    per_class: list[ClassRow] = Field(default_factory=list)
    confusion: ConfusionTable | None = None
    reliability: list[ReliabilityRow] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list, description="Before the numbers are trusted.")
    goal: str = Field("", description="What the thresholds were chosen for, such as `recall=0.95`.")
    operating_points: list[OperatingPointRow] = Field(default_factory=list)
    validation_points: list[OperatingPointRow] = Field(
        default_factory=list,
        description="The same thresholds where they were chosen: on the validation split, or out of fold.",
    )
    weighting: WeightingSummary | None = Field(None, description="None where rare classes are not favoured.")
    risk_coverage: RiskSummary | None = None
    validation_risk: RiskSummary | None = Field(
        None, description="The same where the confidence was chosen: on the validation split, or out of fold."
    )
    rules: RuleSummary | None = Field(None, description="What the solution's rules did; none where it has none.")
    abstain_risk: float | None = Field(None, description="Share of wrong answers that was to be allowed.")
    declined: list[str] = Field(
        default_factory=list,
        description="Options of `verticore train` by which defaults of the solution were left out.",
    )
    residuals: ResidualSummary | None = None
    slices: list[SliceTable] = Field(default_factory=list)
    curves: dict[str, Curve] = Field(default_factory=dict, description="Points of the pictures.")
    calibration: CalibrationSummary | None = None

    data: DataSummary
    method: str
    encoder: EncoderSummary | None = Field(None, description="Of the text; none where there is no text.")
    table: TableSummary | None = Field(None, description="None where there is no table.")
    members: list[str] = Field(default_factory=list, description="Heads that method `fit` fitted.")
    blend: dict[str, float] = Field(default_factory=dict, description="Weight of each member of a blend.")
    parent: str | None = Field(None, description="The version whose weights training began with.")
    recipe: dict[str, JsonValue] = Field(description="All hyper-parameters; those of groups in a mapping.")
    changed: dict[str, JsonValue] = Field(
        default_factory=dict,
        description="Hyper-parameters that differ from the solution's defaults; those of groups by dotted names.",
    )
    seed: int
    training: TrainingSummary
    selection: SelectionSummary | None = Field(None, description="What was tried before the run.")
    export: ExportSummary | None = Field(None, description="The form that the version was brought into.")

    licences: dict[str, str] = Field(default_factory=dict, description="Of code, weights and data.")
    versions: dict[str, str] = Field(default_factory=dict, description="Of the software: verticore, sdk, plugin, ….")
    pictures: dict[str, str] = Field(default_factory=dict, description="File beside the card, by name.")

    @model_validator(mode="before")
    @classmethod
    def _from_format_1(cls, content: Any) -> Any:
        """Read what release 0.1 wrote: classes of text, without operating points."""
        if not isinstance(content, dict) or content.get("format") != 1:
            return content
        task = "binary" if len(content["data"]["labels"]) == 2 else "multiclass"
        return dict(content) | {"format": 2, "task": task}

    @property
    def reference(self) -> str:
        """``name:3``, or the name alone while the number is unknown."""
        return self.model if self.version is None else f"{self.model}:{self.version}"

    @property
    def prevalence(self) -> float | None:
        """The share of the positive class among the examples."""
        support = next((row.support for row in self.per_class if row.label == self.positive), None)
        return None if support is None or not self.n else support / self.n

    @property
    def mistakes(self) -> list[Mistake]:
        """The three most frequent confusions, largest first."""
        if self.confusion is None:
            return []
        labels = self.confusion.labels
        cells = [
            Mistake(true=labels[i], predicted=labels[j], count=count, support=sum(row))
            for i, row in enumerate(self.confusion.matrix)
            for j, count in enumerate(row)
            if i != j and count
        ]
        return sorted(cells, key=lambda cell: -cell.count)[:3]
