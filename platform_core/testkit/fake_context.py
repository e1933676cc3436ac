"""A context for operations in tests: answers like models of the installed solutions, of which none was trained."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platform_core.platform import Platform
from platform_core.sdk import Example, LabelsTarget, NotFound, NumberTarget, OrdinalTarget, Solution

if TYPE_CHECKING:
    from torch import Tensor


class FakeContext:
    """The SDK's :class:`~platform_core.sdk.OperationContext`; a model has the name of its solution.

    Examples are checked and finished as for a real model; answers have the shape of real ones, with the labels of the
    solution's sample and the remarks and facts of its rules. What they say is drawn from each example's content, so
    that equal examples have equal answers.

    Attributes:
        asked: the references that were asked, with the number of examples, in order.
        told: what :meth:`progress` was told, in order.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.asked: list[tuple[str, int]] = []
        self.told: list[tuple[int, int | None]] = []
        self._labels_of = cache(self._read_labels)

    def predict(self, model: str, examples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return one prediction per example.

        Raises:
            NotFound: the name of the model is no id of a solution.
            BadInput: an example does not fit the solution.
        """
        from platform_core.datasets.finishing import Finisher
        from platform_core.datasets.requests import finish_requests

        self.asked.append((model, len(examples)))
        name = model.partition("@")[0].partition(":")[0]
        known = [entry.id for entry in self._platform.plugins.solution_entries()]
        if name not in known:
            raise NotFound.of("model", name, known)
        solution = self._platform.plugins.solution(name)
        finished = finish_requests(Finisher(solution, self._platform.pseudonyms), examples)
        return _predictions(solution, finished, self._labels_of(name)) if finished else []

    def progress(self, done: int, total: int | None = None) -> None:
        """Remember how far the work is."""
        self.told.append((done, total))

    def _read_labels(self, solution_id: str) -> tuple[str, ...]:
        """Return the labels of the solution's sample, in the order of a model's."""
        from platform_core.datasets.targets import ordered_labels

        solution = self._platform.plugins.solution(solution_id)
        with tempfile.TemporaryDirectory() as folder:
            solution.sample.write(Path(folder))
            read = self._platform.datasets.read(solution_id, folder, labelled=True)
        return tuple(ordered_labels((row.target for row in read.examples), solution.target))


def _predictions(solution: Solution, examples: Sequence[Example], labels: tuple[str, ...]) -> list[dict[str, Any]]:
    import torch

    from platform_core.modeling.reviewing import Reviewer

    target = solution.target
    numbers = [random.Random(example.content_hash()) for example in examples]
    if isinstance(target, NumberTarget):
        return [{"value": drawn.uniform(0, 100)} for drawn in numbers]
    rows = torch.tensor([[drawn.expovariate(1) for _ in labels] for drawn in numbers])
    scores = rows / (1 + rows) if isinstance(target, LabelsTarget) else rows / rows.sum(dim=1, keepdim=True)
    reviewer = Reviewer.of(solution, labels)
    if reviewer is None:
        return _decoded(solution, scores, labels)
    reviews = [reviewer.review(example) for example in examples]
    raised = torch.from_numpy(reviewer.raised(scores.numpy(), reviews))
    return [review.add_to(said) for review, said in zip(reviews, _decoded(solution, raised, labels), strict=True)]


def _decoded(solution: Solution, scores: Tensor, labels: tuple[str, ...]) -> list[dict[str, Any]]:
    from platform_core.sdk import Decision
    from platform_core.sdk.heads.decoding import decode_classes, decode_levels, decode_sets

    match solution.target:
        case OrdinalTarget():
            return decode_levels(labels, scores, Decision())
        case LabelsTarget():
            return decode_sets(labels, scores, Decision())
        case target:
            return decode_classes(labels, scores, Decision(), top=getattr(target, "top", 0))
