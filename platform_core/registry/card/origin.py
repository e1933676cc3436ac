"""Parts of a card that say where a version comes from: data, encoders, training, what was tried, what was exported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, JsonValue

from platform_core.registry.card.part import Part


class DataSummary(Part):
    """The dataset version that the model learned from."""

    dataset: str = Field(description="Reference, e.g. `news:1`.")
    digest: str = Field(description="SHA-256 of its content.")
    rows: int
    splits: dict[str, int] = Field(description="Rows of each split.")
    labels: list[str] = Field(description="None where numbers are predicted.")
    adapter: str = ""
    mapping: dict[str, str | list[str]] = Field(
        default_factory=dict, description="Field → column of the files, or columns of an open table."
    )
    provenance: dict[str, JsonValue] = Field(default_factory=dict, description="Where the files came from.")
    warnings: list[str] = Field(default_factory=list, description="What the import found suspicious.")


class EncoderSummary(Part):
    """The pretrained encoder of the text."""

    name: str
    fingerprint: str
    licence: str = "unknown"


class NumberSummary(Part):
    """A column of numbers, as it was in training."""

    name: str
    low: float
    median: float
    high: float


class CategorySummary(Part):
    """A column of categories."""

    name: str
    count: int = Field(description="Values that the model knows.")
    values: list[str] = Field(description="The first of them.")


class TableSummary(Part):
    """The columns that the model reads."""

    numbers: list[NumberSummary] = Field(default_factory=list)
    categories: list[CategorySummary] = Field(default_factory=list)
    rare: int = Field(1, description="Categories seen less often in training count as unseen.")

    @property
    def columns(self) -> list[NumberSummary | CategorySummary]:
        """All columns, numbers first."""
        return [*self.numbers, *self.categories]


class CalibrationSummary(Part):
    """How raw scores became probabilities; chosen on the validation split, or out of fold."""

    method: Literal["none", "temperature", "isotonic"] = "none"
    temperature: float = 1.0


class TrainingSummary(Part):
    """What the training took."""

    seconds: float = Field(description="Optimisation steps with data loading, without evaluation.")
    epochs: int = Field(description="0 where nothing was learned by gradients.")
    best_epoch: int | None = Field(None, description="The epoch that was kept.")
    score: float | None = Field(None, description="The primary metric on the validation split, or out of fold.")
    hardware: str = ""
    precision: str = ""
    devices: int = 1


class AttemptRow(Part):
    """A method that was considered."""

    method: str
    state: str
    value: float | None = Field(None, description="The primary metric on the validation split.")
    seconds: float = 0.0
    note: str = ""


class SelectionSummary(Part):
    """What was tried before the run: methods, recipes, folds."""

    sentences: list[str]
    attempts: list[AttemptRow] = Field(default_factory=list, description="Methods, in the order of trying.")
    folds: list[float] = Field(default_factory=list, description="The primary metric on each fold.")
    metrics: dict[str, float] = Field(default_factory=dict, description="Of the answers to all folds together.")
    intervals: dict[str, tuple[float, float]] = Field(default_factory=dict, description="95 % intervals.")


class SpeedRow(Part):
    """How fast something answers."""

    name: str
    latency_ms: float = Field(description="Time for one example.")
    per_second: float = Field(description="Examples in batches.")


class ExportSummary(Part):
    """The form that a version was brought into, and what that changed."""

    parent: str = Field(description="The version that was exported, e.g. `news:3`.")
    format: str = Field(description="E.g. `onnx`.")
    precision: str = Field(description="E.g. `fp32` or `int8`.")
    size_bytes: int
    parent_size_bytes: int = Field(description="With its encoder.")
    latency_ms: float | None = Field(None, description="Time for one example.")
    parent_latency_ms: float | None = None
    examples: int = Field(description="Examples that both answered.")
    largest_difference: float = Field(
        description="Between their scores; of numbers, in standard deviations of the target."
    )
    same_answers: float | None = Field(
        None, description="Share of the examples that get the same answer; none of numbers."
    )
    parent_metrics: dict[str, float] = Field(default_factory=dict)
    speeds: list[SpeedRow] = Field(default_factory=list, description="Side by side in one run.")
