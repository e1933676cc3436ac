"""Judging a loaded model on labelled examples, through the very road that serving takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from platform_core.datasets.records import LabeledExample
from platform_core.evaluation.evaluation import Evaluation, evaluate_classes
from platform_core.evaluation.temperature import fit_temperature
from platform_core.modeling.model import Model
from platform_core.sdk import Progress


def calibrate(model: Model, examples: Sequence[LabeledExample]) -> Model:
    """Return ``model`` with the temperature that suits held-out ``examples``."""
    if not examples:
        return model
    scores = model.score_examples([e.example for e in examples])
    temperature = fit_temperature(model.spec.head.labels, targets_of(examples), scores)
    return replace(model, spec=model.spec.model_copy(update={"temperature": temperature}))


def assess(model: Model, examples: Sequence[LabeledExample], progress: Progress, *, seed: int = 0) -> Evaluation:
    """Return all metrics of ``model`` on ``examples``, with intervals that respect groups."""
    progress.stage("evaluating", len(examples))
    scores = model.score_examples([e.example for e in examples], advance=progress.advance)
    groups = [e.group for e in examples] if any(e.group is not None for e in examples) else None
    labels = model.spec.head.labels
    return evaluate_classes(labels, targets_of(examples), scores.astype(np.float64), groups=groups, seed=seed)


def targets_of(examples: Sequence[LabeledExample]) -> list[str]:
    """Return the label of each example, all of which are labelled."""
    return [e.target for e in examples if e.target is not None]
