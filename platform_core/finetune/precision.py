"""Whether a model may be asked in 16 bits: found on the validation data, before anything else is chosen there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from platform_core.datasets.records import LabeledExample
from platform_core.evaluation import sign_of
from platform_core.finetune.learning import primary_score
from platform_core.finetune.material import Material, targets_of
from platform_core.finetune.parity import compare_answers, unit_of_scores
from platform_core.modeling.artifact import Artifact
from platform_core.modeling.model import Model
from platform_core.modeling.pool import EncoderPool
from platform_core.sdk import Progress

LEAST_EXAMPLES = 50
"""With fewer examples nothing can be told: the model stays in fp32."""

MOST_EXAMPLES = 400

LEAST_SAME = 0.995
"""Share of answers that must be the same, of fewer than 200 examples all but one."""

MOST_DIFFERENCE = 0.02
"""Most that 99 of 100 scores may change: probabilities, or numbers in standard deviations of the target."""

MOST_LOSS = 0.005
"""Most that the primary metric may lose; of errors in a unit, as a share. It sees what answers of rare classes hide."""


@dataclass(frozen=True)
class Change:
    """What 16 bits change.

    Attributes:
        examples: that both precisions answered.
        same_answers: share that got the same answer; none of numbers.
        difference: that 99 of 100 scores stay below.
        loss: of the primary metric; NaN where it is undefined.
    """

    examples: int
    same_answers: float | None
    difference: float
    loss: float

    @property
    def is_harmless(self) -> bool:
        """Whether 16 bits are as good."""
        changed = 0.0 if self.same_answers is None else self.examples * (1 - self.same_answers)
        few = changed <= max(1.0, (1 - LEAST_SAME) * self.examples) + 1e-6
        return few and self.difference <= MOST_DIFFERENCE and not self.loss > MOST_LOSS


def fastest_model(
    encoders: EncoderPool,
    artifact: Artifact,
    material: Material,
    validation: Sequence[LabeledExample],
    progress: Progress,
) -> Model:
    """Load what was learned, in the 16-bit type of this machine where that gives the answers of fp32.

    Args:
        encoders: where its encoder is.
        artifact: what was learned, before calibration.
        material: what it was learned from.
        validation: examples to compare answers on.
        progress: is told how it goes.
    """
    exact = encoders.load(artifact, material.solution, precision="fp32")
    half = encoders.half()
    if half is None or artifact.spec.encoder is None or len(validation) < LEAST_EXAMPLES:
        return exact
    fast = encoders.load(artifact, material.solution, precision=half)
    if fast.runtime is exact.runtime or not _change(exact, fast, material, _few(validation), progress).is_harmless:
        return exact
    return replace(fast, spec=fast.spec.model_copy(update={"precision": half}))


def _few(examples: Sequence[LabeledExample]) -> Sequence[LabeledExample]:
    if len(examples) <= MOST_EXAMPLES:
        return examples
    chosen = np.random.default_rng(0).choice(len(examples), MOST_EXAMPLES, replace=False)
    return [examples[i] for i in sorted(chosen)]


def _change(
    exact: Model, fast: Model, material: Material, examples: Sequence[LabeledExample], progress: Progress
) -> Change:
    progress.stage("comparing precisions", 2 * len(examples))
    rows, targets = exact.prepare([e.example for e in examples]), targets_of(examples)
    first, second = (model.alone.score_rows(rows, advance=progress.advance) for model in (exact, fast))
    parity = compare_answers(exact.spec, first, second)
    before, after = (primary_score(material, torch.from_numpy(found), targets) for found in (first, second))
    unit = abs(before) or 1.0 if parity.same_answers is None else 1.0
    return Change(
        examples=len(examples),
        same_answers=parity.same_answers,
        difference=float(np.quantile(np.abs(second - first), 0.99)) / unit_of_scores(exact.spec),
        loss=sign_of(material.solution.primary_metric) * (before - after) / unit,
    )
