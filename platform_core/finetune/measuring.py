"""Registered models on labelled data: one measured, or two compared on the same examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from platform_core.datasets.mapping import MappedColumns
from platform_core.datasets.reading import Memory
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.service import Datasets
from platform_core.datasets.slicing import slice_values
from platform_core.evaluation import Comparison, Costs
from platform_core.finetune.assessment import assess
from platform_core.finetune.overlap import seen_in_training
from platform_core.finetune.pairing import Pair
from platform_core.finetune.schemas import EvaluateResult
from platform_core.modeling.model import Model
from platform_core.plugin_host.host import PluginHost
from platform_core.registry.schemas import VersionInfo
from platform_core.registry.service import Registry
from platform_core.sdk import (
    Category,
    NotFound,
    Number,
    Progress,
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
        check_slices(examples, slices)
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
        pair = self.pair(self._registry.resolve(first), self._registry.resolve(second))
        examples, warnings = self._datasets.examples_for(
            pair.solution.id, data, remembered=pair.memory, progress=progress, **options
        )
        found = pair.compare(examples, pair.scores(examples, progress), costs=prices)
        seen = seen_in_training(self._datasets, pair.versions, examples)
        return replace(found, warnings=(*warnings, *seen, *found.warnings))

    def pair(self, first: VersionInfo, second: VersionInfo) -> Pair:
        """Return two versions ready to answer the same examples.

        Raises:
            UsageError: the models are of different solutions, or answer with different labels.
        """
        return Pair.load((first, second), self._host.solution, self._load)


def check_slices(examples: Sequence[LabeledExample], names: Sequence[str]) -> None:
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
