"""What a run works on, gathered before anything heavy begins."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.records import LabeledExample
from platform_core.finetune.schemas import RunSpec
from platform_core.modeling.spec import ModelSpec
from platform_core.sdk import Example, Recipe, Solution
from platform_core.sdk.heads import HeadSpec

_UNBALANCED = 1.5


@dataclass(frozen=True)
class Material:
    """A run's spec, its solution, its data by split, and the model that it is to make."""

    run_id: str
    spec: RunSpec
    solution: Solution
    dataset: DatasetInfo
    splits: dict[str, list[LabeledExample]]
    model: ModelSpec

    @property
    def training(self) -> list[LabeledExample]:
        """The training split."""
        return self.splits["train"]

    @property
    def validation(self) -> list[LabeledExample]:
        """The validation split; it may be empty."""
        return self.splits["validation"]

    @property
    def evaluated_on(self) -> str:
        """The split that metrics are reported of: ``test``, else ``validation``, else ``none``."""
        return next((name for name in ("test", "validation") if self.splits[name]), "none")

    def examples(self) -> list[Example]:
        """Return the inputs of the training split, then those of the validation split."""
        return [e.example for e in self.training + self.validation]

    def head_spec(self) -> HeadSpec:
        """Return what the head is built from, for training."""
        recipe, record = self.spec.recipe, self.model.head
        return HeadSpec(
            feature_widths=record.feature_widths,
            labels=record.labels,
            options=record.options,
            dropout=recipe.dropout,
            label_smoothing=recipe.label_smoothing,
            class_weights=class_weights(record.labels, self.training, recipe),
        )


def class_weights(labels: tuple[str, ...], training: list[LabeledExample], recipe: Recipe) -> tuple[float, ...] | None:
    """Return a weight per label, or ``None`` where classes are balanced or the recipe wants none.

    A weight is the square root of the inverse frequency: full inversion makes rare classes shout.
    """
    counts = Counter(e.target for e in training)
    present = [counts[label] for label in labels if counts[label]]
    if recipe.class_weights == "none" or max(present) < _UNBALANCED * min(present):
        return None
    mean = sum(present) / len(present)
    return tuple((mean / counts[label]) ** 0.5 if counts[label] else 1.0 for label in labels)
