"""Model cards: what a version is, how good it is, what it is for and where it ends. Markdown for people, JSON twin.

After Mitchell et al., 2019, "Model Cards for Model Reporting". The fields of an evaluation have the names and shapes
of ``Evaluation.to_dict()``, so that a card is built with ``ModelCard(..., **evaluation.to_dict())``.
"""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from platform_core.registry.card_text import render


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassRow(_Part):
    """How well one class is recognised."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int = Field(description="Examples of the class.")


class ConfusionTable(_Part):
    """Counts of targets (rows) against predictions (columns)."""

    labels: list[str]
    matrix: list[list[int]]


class ReliabilityRow(_Part):
    """Answers whose confidence lies in `(low, high]`."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


class DataSummary(_Part):
    """The dataset version that the model learned from."""

    dataset: str = Field(description="Reference, e.g. `news:1`.")
    digest: str = Field(description="SHA-256 of its content.")
    rows: int
    splits: dict[str, int] = Field(description="Rows of each split.")
    labels: list[str]
    adapter: str = ""
    mapping: dict[str, str] = Field(default_factory=dict, description="Field → column of the files.")
    provenance: dict[str, JsonValue] = Field(default_factory=dict, description="Where the files came from.")
    warnings: list[str] = Field(default_factory=list, description="What the import found suspicious.")


class EncoderSummary(_Part):
    """The pretrained encoder."""

    name: str
    fingerprint: str
    licence: str = "unknown"


class TrainingSummary(_Part):
    """What the training took."""

    seconds: float = Field(description="Optimisation steps with data loading, without evaluation.")
    epochs: int
    best_epoch: int | None = Field(None, description="The epoch that was kept.")
    hardware: str = ""
    precision: str = ""


class Mistake(_Part):
    """A confusion of two classes."""

    true: str
    predicted: str
    count: int
    support: int


class ModelCard(_Part):
    """The card of one model version."""

    format: Literal[1] = 1
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

    evaluated_on: Literal["test", "validation", "none"]
    n: int = Field(0, description="Examples that the metrics are measured on.")
    metrics: dict[str, float] = Field(default_factory=dict)
    intervals: dict[str, tuple[float, float]] = Field(default_factory=dict, description="95 % intervals.")
    per_class: list[ClassRow] = Field(default_factory=list)
    confusion: ConfusionTable | None = None
    reliability: list[ReliabilityRow] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list, description="Before the numbers are trusted.")

    data: DataSummary
    method: str
    encoder: EncoderSummary
    recipe: dict[str, JsonValue] = Field(description="All hyper-parameters.")
    changed: dict[str, JsonValue] = Field(
        default_factory=dict, description="Hyper-parameters that differ from the solution's defaults."
    )
    seed: int
    training: TrainingSummary

    licences: dict[str, str] = Field(default_factory=dict, description="Of code, weights and data.")
    versions: dict[str, str] = Field(default_factory=dict, description="Of the software: verticore, sdk, plugin, ….")
    pictures: dict[str, str] = Field(default_factory=dict, description="File beside the card, by name.")

    @property
    def reference(self) -> str:
        """``name:3``, or the name alone while the number is unknown."""
        return self.model if self.version is None else f"{self.model}:{self.version}"

    @property
    def baseline(self) -> tuple[str, float] | None:
        """The most frequent class, and the accuracy of always answering it."""
        largest = max(self.per_class, key=lambda row: row.support, default=None)
        return None if largest is None or not self.n else (largest.label, largest.support / self.n)

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

    @property
    def command(self) -> str:
        """The command that trains the model again, for a shell."""
        words = ["verticore", "train", self.solution, "--data", self.data.dataset, "--name", self.model]
        words += ["--method", self.method, "--encoder", self.encoder.name, "--seed", str(self.seed)]
        for name, value in self.changed.items():
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            words += [] if name == "encoder" else ["--set", f"{name}={text}"]
        return shlex.join(words)

    def to_markdown(self) -> str:
        """Return the card for people; file names of pictures are relative to the card."""
        return render(self)

    def write(self, folder: Path) -> None:
        """Write ``card.json`` and ``card.md`` into an existing folder."""
        (folder / "card.json").write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        (folder / "card.md").write_text(self.to_markdown(), encoding="utf-8")
