"""Registered models on labelled data: one measured, or two compared on the same examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from platform_core.datasets.mapping import MappedColumns
from platform_core.datasets.reading import Memory
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.service import Datasets
from platform_core.datasets.slicing import slice_values
from platform_core.evaluation import Comparison, Costs, compare
from platform_core.finetune.assessment import assess, groups_of, severe_end
from platform_core.finetune.material import targets_of
from platform_core.finetune.overlap import seen_in_training
from platform_core.finetune.schemas import EvaluateResult
from platform_core.modeling.model import Model
from platform_core.modeling.spec import ModelSpec
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.sdk import (
    Category,
    Example,
    NotFound,
    Number,
    Progress,
    Solution,
    Text,
    UsageError,
    field_markers,
    open_field,
)


class LabelledData(TypedDict, total=False):
    """How labelled data is read; each may be left out.

    Attributes:
        adapter, mapping: as for training; those of the model if left out.
        split: part of a dataset version: ``test``, ``validation``, ``train`` or ``all``.
        skip_bad: whether rows that cannot be used are skipped and counted.
    """

    adapter: str | None
    mapping: MappedColumns | None
    split: str
    skip_bad: bool


class Examiner:
    """Measures the models of one tenant.

    Args:
        registry: where versions are found.
        host: knows their solutions.
        datasets: reads the data.
        load: makes a version ready to predict.
    """

    def __init__(
        self, registry: Registry, host: PluginHost, datasets: Datasets, load: Callable[[VersionInfo], Model]
    ) -> None:
        self._registry = registry
        self._host = host
        self._datasets = datasets
        self._load = load

    def evaluate(
        self,
        reference: str,
        data: str | Path,
        *,
        costs: str | None,
        slices: Sequence[str],
        progress: Progress,
        **options: Unpack[LabelledData],
    ) -> EvaluateResult:
        """Measure a model; see :meth:`platform_core.platform.Platform.evaluate`."""
        prices = _read_costs(costs)
        version = self._registry.resolve(reference)
        solution = self._host.solution(version.solution)
        model = self._load(version)
        memory = Memory(model.spec.adapter, model.spec.mapping)
        examples, warnings = self._datasets.examples_for(
            solution.id, data, remembered=memory, progress=progress, **options
        )
        _check_slices(examples, slices)
        evaluation = assess(model, solution, examples, progress, costs=prices, slices=slices)
        seen = seen_in_training(self._datasets, [version], examples)
        return EvaluateResult.of(version, evaluation, solution, [*warnings, *seen])

    def compare(
        self,
        first: str,
        second: str,
        data: str | Path,
        *,
        costs: str | None,
        progress: Progress,
        **options: Unpack[LabelledData],
    ) -> Comparison:
        """Compare two models on the same examples; see :meth:`platform_core.platform.Platform.compare`.

        Raises:
            UsageError: the models are of different solutions, or answer with different labels.
        """
        prices = _read_costs(costs)
        versions = self._registry.resolve(first), self._registry.resolve(second)
        if versions[0].solution != versions[1].solution:
            raise UsageError(
                f"{versions[0].ref} is of {versions[0].solution}, {versions[1].ref} of {versions[1].solution}",
                hint="only models of one solution answer the same examples",
            )
        solution = self._host.solution(versions[0].solution)
        models = self._load(versions[0]), self._load(versions[1])
        order = _same_labels(models[0].spec, models[1].spec, (versions[0].ref, versions[1].ref))
        memory = _shared_memory(models[0].spec, models[1].spec, solution.example)
        examples, warnings = self._datasets.examples_for(
            solution.id, data, remembered=memory, progress=progress, **options
        )
        scores = [_scores(model, ref.ref, examples, progress) for model, ref in zip(models, versions, strict=True)]
        found = _compare(solution, models, examples, scores[0], scores[1][:, order], (versions[0], versions[1]), prices)
        seen = seen_in_training(self._datasets, versions, examples)
        return replace(found, warnings=(*warnings, *seen, *found.warnings))


def _check_slices(examples: Sequence[LabeledExample], names: Sequence[str]) -> None:
    """Refuse fields that the user names and that are none, before long work.

    Raises:
        NotFound: there is no such field or column.
        UsageError: it is a text.
    """
    if not names:
        return
    markers = field_markers(type(examples[0].example))
    for name in names:
        if isinstance(markers.get(name), Text):
            raise UsageError(f"the field {name!r} is a text, which has no slices", where="--slice")
    absent = [name for name in names if name not in slice_values(examples, names)]
    if absent:
        opened = open_field(type(examples[0].example))
        columns = getattr(examples[0].example, opened[0]) if opened else {}
        fields = [name for name, marker in markers.items() if isinstance(marker, Number | Category)]
        raise NotFound.of("field or column", absent[0], [*fields, *columns], hint="the examples have none")


def _read_costs(text: str | None) -> Costs | None:
    try:
        return Costs.parse(text) if text is not None else None
    except UsageError as error:
        error.where = "--costs"
        raise


def _same_labels(first: ModelSpec, second: ModelSpec, names: tuple[str, str]) -> list[int]:
    """Return the columns of the second model's scores in the order of the first one's labels.

    Raises:
        UsageError: the labels differ.
    """
    ours, theirs = first.head.labels, second.head.labels
    differing = sorted(set(ours) ^ set(theirs))
    if differing:
        raise UsageError(
            f"{names[0]} and {names[1]} answer with different labels: {', '.join(map(repr, differing[:10]))}",
            hint="compare models that were trained for the same labels",
        )
    return [theirs.index(label) for label in ours] or [0]


def _shared_memory(first: ModelSpec, second: ModelSpec, example_type: type[Example]) -> Memory:
    """Return how the data is read for both: of an open field the columns of either."""
    mapping = {**second.mapping, **first.mapping}
    opened = open_field(example_type)
    if opened is not None:
        columns = [spec.mapping.get(opened[0], ()) for spec in (first, second)]
        mapping[opened[0]] = tuple(dict.fromkeys(name for names in columns for name in names))
    return Memory(first.adapter, mapping)


def _scores(model: Model, name: str, examples: Sequence[LabeledExample], progress: Progress) -> np.ndarray:
    progress.stage(f"scoring with {name}", len(examples))
    return model.score_examples([e.example for e in examples], advance=progress.advance).astype(np.float64)


def _compare(
    solution: Solution,
    models: tuple[Model, Model],
    examples: Sequence[LabeledExample],
    scores_a: np.ndarray,
    scores_b: np.ndarray,
    versions: tuple[VersionInfo, VersionInfo],
    costs: Costs | None,
) -> Comparison:
    record = models[0].spec.head
    return compare(
        record.task,
        record.labels,
        targets_of(examples),
        scores_a,
        scores_b,
        positive=record.positive,
        decision_a=models[0].spec.decision,
        decision_b=models[1].spec.decision,
        severe=severe_end(solution),
        groups=groups_of(examples),
        costs=costs,
        names=(versions[0].ref, versions[1].ref),
        primary=solution.primary_metric,
    )
