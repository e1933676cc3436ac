"""Two models of one solution, ready to answer the same examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from platform_core.datasets.reading import Memory
from platform_core.datasets.records import LabeledExample
from platform_core.evaluation import Comparison, Costs, compare
from platform_core.evaluation.answers import read_answers
from platform_core.evaluation.paired_slices import losses_of
from platform_core.finetune.assessment import groups_of, severe_end
from platform_core.finetune.material import targets_of
from platform_core.modeling.model import Model
from platform_core.modeling.spec import ModelSpec
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Progress, Solution, UsageError, open_field


@dataclass(frozen=True)
class Pair:
    """Two models that answer with the same labels.

    Attributes:
        solution: of both.
        versions: who they are.
        models: the models.
        order: columns of the second one's scores in the order of the first one's labels.
    """

    solution: Solution
    versions: tuple[VersionInfo, VersionInfo]
    models: tuple[Model, Model]
    order: list[int]

    @classmethod
    def load(
        cls,
        versions: tuple[VersionInfo, VersionInfo],
        solution: Callable[[str], Solution],
        load: Callable[[VersionInfo], Model],
    ) -> Pair:
        """Load two versions.

        Args:
            versions: the versions.
            solution: returns the solution with an id.
            load: makes a version ready to predict.

        Raises:
            UsageError: they are of different solutions, or answer with different labels.
        """
        first, second = versions
        if first.solution != second.solution:
            raise UsageError(
                f"{first.ref} is of {first.solution}, {second.ref} of {second.solution}",
                hint="only models of one solution answer the same examples",
            )
        models = load(first), load(second)
        order = _same_labels(models[0].spec, models[1].spec, (first.ref, second.ref))
        return cls(solution(first.solution), versions, models, order)

    @property
    def memory(self) -> Memory:
        """How files are read for both: of an open field the columns of either."""
        first, second = self.models[0].spec, self.models[1].spec
        mapping = {**second.mapping, **first.mapping}
        opened = open_field(self.solution.example)
        if opened is not None:
            columns = [spec.mapping.get(opened[0], ()) for spec in (first, second)]
            mapping[opened[0]] = tuple(dict.fromkeys(name for names in columns for name in names))
        return Memory(first.adapter, mapping)

    def scores(self, examples: Sequence[LabeledExample], progress: Progress) -> tuple[np.ndarray, np.ndarray]:
        """Return the calibrated scores of both, float64 [n, k], in the order of the first one's labels."""
        first, second = (
            _scores(model, version.ref, examples, progress)
            for model, version in zip(self.models, self.versions, strict=True)
        )
        return first, second[:, self.order]

    def compare(
        self,
        examples: Sequence[LabeledExample],
        scores: tuple[np.ndarray, np.ndarray],
        *,
        costs: Costs | None = None,
        primary: str | None = None,
        resamples: int = 1000,
    ) -> Comparison:
        """Compare the answers of both.

        Args:
            examples: labelled ones.
            scores: what :meth:`scores` returns for them.
            costs: what mistakes cost, of two classes.
            primary: the metric that the verdict is about; the solution's if left out.
            resamples: of intervals and p-values.
        """
        record = self.models[0].spec.head
        return compare(
            record.task,
            record.labels,
            targets_of(examples),
            *scores,
            positive=record.positive,
            decision_a=self.models[0].spec.decision,
            decision_b=self.models[1].spec.decision,
            severe=severe_end(self.solution),
            groups=groups_of(examples),
            costs=costs,
            names=(self.versions[0].ref, self.versions[1].ref),
            primary=primary or self.solution.primary_metric,
            resamples=resamples,
        )

    def losses(
        self, examples: Sequence[LabeledExample], scores: tuple[np.ndarray, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how wrong each answer of both is, float64 [n]; see :func:`losses_of`."""
        record, targets = self.models[0].spec.head, targets_of(examples)
        first, second = (
            losses_of(
                read_answers(
                    record.task,
                    record.labels,
                    targets,
                    told,
                    positive=record.positive,
                    decision=model.spec.decision,
                    severe=severe_end(self.solution),
                )
            )
            for model, told in zip(self.models, scores, strict=True)
        )
        return first, second


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


def _scores(model: Model, name: str, examples: Sequence[LabeledExample], progress: Progress) -> np.ndarray:
    progress.stage(f"scoring with {name}", len(examples))
    return model.score_examples([e.example for e in examples], advance=progress.advance).astype(np.float64)
