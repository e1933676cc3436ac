"""Whether a model may be asked in 16 bits: found on the validation data, before anything else is chosen there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from platform_core.datasets.records import LabeledExample
from platform_core.finetune.parity import Parity, compare_answers
from platform_core.modeling.artifact import Artifact
from platform_core.modeling.model import Model
from platform_core.modeling.pool import EncoderPool
from platform_core.sdk import Progress, Solution

LEAST_SAME = 0.995
"""Share of answers that must be the same, of fewer than 200 examples all but one."""

MOST_DIFFERENCE = 0.02
"""Most that an answer in numbers may change, in standard deviations of the target."""


def fastest_model(
    encoders: EncoderPool,
    artifact: Artifact,
    solution: Solution,
    validation: Sequence[LabeledExample],
    progress: Progress,
) -> Model:
    """Load what was learned, in the 16-bit type of this machine where it gives the answers of fp32.

    Args:
        encoders: where its encoder is.
        artifact: what was learned, before calibration.
        solution: whose model it is.
        validation: examples to compare answers on; without any the model stays in fp32.
        progress: is told how it goes.
    """
    exact = encoders.load(artifact, solution, precision="fp32")
    half = encoders.half()
    if half is None or artifact.spec.encoder is None or not validation:
        return exact
    progress.stage("comparing precisions", 2 * len(validation))
    fast = encoders.load(artifact, solution, precision=half)
    rows = exact.prepare([e.example for e in validation])
    scores = [model.alone.score_rows(rows, advance=progress.advance) for model in (exact, fast)]
    if not as_good(compare_answers(artifact.spec, scores[0], scores[1])):
        return exact
    return replace(fast, spec=fast.spec.model_copy(update={"precision": half}))


def as_good(parity: Parity) -> bool:
    """Tell whether the second form may stand for the first."""
    if parity.same_answers is None:
        return parity.largest_difference <= MOST_DIFFERENCE
    different = parity.examples * (1 - parity.same_answers)
    return different <= max(1.0, (1 - LEAST_SAME) * parity.examples) + 1e-6
