"""What a run works on, gathered before anything heavy begins."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.records import LabeledExample
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.warm_start import inherited_columns
from platform_core.modeling.artifact import Artifact, build_mixture
from platform_core.modeling.encoder_files import EncoderFiles
from platform_core.modeling.spec import EncoderRecord, HeadRecord, ModelSpec, TableRecord
from platform_core.modeling.table_schema import TableSchema
from platform_core.sdk import (
    ClassTarget,
    Example,
    FitMember,
    Progress,
    Recipe,
    Silent,
    Solution,
    Target,
    TargetValue,
    load_object,
    task_of,
)
from platform_core.sdk.heads import FitHead, HeadSpec

_UNBALANCED = 1.5

Rows = list[LabeledExample]


@dataclass(frozen=True)
class Material:
    """A run's spec, its solution, its data by split, the model that it is to make, and the one that it starts from."""

    run_id: str
    spec: RunSpec
    solution: Solution
    dataset: DatasetInfo
    splits: dict[str, Rows]
    model: ModelSpec
    parent: Artifact | None = None

    @property
    def training(self) -> Rows:
        """The training split."""
        return self.splits["train"]

    @property
    def validation(self) -> Rows:
        """The validation split; it may be empty."""
        return self.splits["validation"]

    @property
    def folds(self) -> int:
        """In how many parts a model is learned; 1: in one, from the training split."""
        return self.model.head.folds

    @property
    def epoch_steps(self) -> int:
        """Steps of an epoch; of several folds, about."""
        rows = len(self.training)
        if self.folds > 1:
            rows = (rows + len(self.validation)) * (self.folds - 1) // self.folds
        return math.ceil(rows / self.spec.recipe.batch_size)

    @property
    def evaluated_on(self) -> str:
        """What metrics are reported of: ``test``, else ``out_of_fold`` or ``validation``, else ``none``."""
        if self.splits["test"]:
            return "test"
        if self.folds > 1:
            return "out_of_fold"
        return "validation" if self.validation else "none"

    @property
    def encoder_name(self) -> str:
        """Reference of the text's encoder, or ``table`` where there is only a table."""
        return self.model.encoder.reference if self.model.encoder else "table"

    def examples(self) -> list[Example]:
        """Return the inputs of the training split, then those of the validation split."""
        return [e.example for e in self.training + self.validation]

    def head_spec(self) -> HeadSpec:
        """Return what the head is built from, for training."""
        recipe, record = self.spec.recipe, self.model.head
        return HeadSpec(
            feature_widths=record.feature_widths,
            labels=record.labels,
            positive=record.positive,
            top=record.top,
            center=record.center,
            scale=record.scale,
            options=dict(record.options) | {"boosting": recipe.boosting.model_dump()},
            dropout=recipe.dropout,
            loss=recipe.loss,
            focal_gamma=recipe.focal_gamma,
            label_smoothing=recipe.label_smoothing,
            class_weights=class_weights(record.labels, targets_of(self.training), recipe),
        )


def describe_model(
    spec: RunSpec,
    solution: Solution,
    dataset: DatasetInfo,
    splits: Mapping[str, Rows],
    encoder: EncoderFiles | None,
    *,
    parent: Artifact | None = None,
    progress: Progress | None = None,
) -> ModelSpec:
    """Return what the run is to make: all but its weights, calibration and decision.

    Args:
        spec: what was asked for.
        solution: declares target and head.
        dataset: its labels, adapter and mapping.
        splits: the rows; columns of tables are learned from those that the model learns from.
        encoder: of the text, where the solution has one.
        parent: what the run starts from; its columns are kept where the data has the same ones.
        progress: is told where they are not.
    """
    target, labels = solution.target, tuple(dataset.labels)
    folds = spec.recipe.folds if spec.method == "fit" else 1
    training = splits["train"] + (splits["validation"] if folds > 1 else [])
    record = None
    if encoder is not None:
        record = EncoderRecord(
            reference=encoder.reference,
            fingerprint=encoder.fingerprint,
            width=encoder.width,
            licence=encoder.licence,
            max_tokens=spec.recipe.max_tokens,
        )
    model = ModelSpec(
        solution=solution.id,
        method=spec.method,
        encoder=record,
        fusion=spec.recipe.fusion,
        head=HeadRecord(
            object=solution.head,
            labels=labels,
            task=task_of(target, labels),
            positive=_positive(target, dataset, parent.spec if parent is not None else None),
            top=target.top if isinstance(target, ClassTarget) else 0,
            members=_members(solution, spec),
            folds=folds,
            feature_widths={},
        ),
        adapter=dataset.adapter,
        mapping=dataset.mapping,
    )
    columns = TableSchema.fit([e.example for e in training], spec.recipe.table)
    if parent is not None:
        columns = inherited_columns(parent.spec, columns, progress or Silent())
    return _with_center(_with_columns(model, columns, spec.recipe), training)


def _positive(target: Target, dataset: DatasetInfo, parent: ModelSpec | None) -> str | None:
    """Return the class that is looked for: what a model learned to look for stays, unless the user names another."""
    labels = tuple(dataset.labels)
    if not isinstance(target, ClassTarget) or len(labels) != 2:
        return None
    if parent is not None and parent.head.labels == labels and dataset.options.get("positive_by") != "asked":
        return parent.head.positive
    return dataset.positive or target.positive_label(labels)


def targets_of(examples: Sequence[LabeledExample]) -> list[TargetValue]:
    """Return the target of each example, all of which are labelled."""
    return [e.target for e in examples if e.target is not None]


def class_weights(labels: Sequence[str], targets: Sequence[TargetValue], recipe: Recipe) -> tuple[float, ...] | None:
    """Return a weight per label, or ``None`` where classes are balanced or the recipe wants none.

    A weight is the square root of the inverse frequency: full inversion makes rare classes shout.
    """
    if recipe.class_weights == "none" or not labels:
        return None
    counts = Counter(label for t in targets for label in ((t,) if isinstance(t, str) else t))  # type: ignore[union-attr]
    present = [counts[label] for label in labels if counts[label]]
    if not present or max(present) < _UNBALANCED * min(present):
        return None
    mean = sum(present) / len(present)
    return tuple((mean / counts[label]) ** 0.5 if counts[label] else 1.0 for label in labels)


def _members(solution: Solution, spec: RunSpec) -> tuple[FitMember, ...]:
    """Return what method ``fit`` fits; a head that can be fitted itself needs no members."""
    if spec.method != "fit" or issubclass(load_object(solution.head), FitHead):
        return ()
    return spec.recipe.members


def _with_columns(model: ModelSpec, columns: TableSchema | None, recipe: Recipe) -> ModelSpec:
    table = TableRecord(columns=columns, settings=recipe.table) if columns is not None else None
    model = model.model_copy(update={"table": table})
    head = model.head.model_copy(update={"feature_widths": build_mixture(model).widths})
    return model.model_copy(update={"head": head})


def _with_center(model: ModelSpec, training: Rows) -> ModelSpec:
    if model.head.task != "regression":
        return model
    values = np.array(targets_of(training), np.float64)
    spread = {"center": float(values.mean()), "scale": float(values.std()) or 1.0}
    return model.model_copy(update={"head": model.head.model_copy(update=spread)})
