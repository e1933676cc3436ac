"""Prediction in this process, without a queue: the same model, the same forward pass, the same decoding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from platform_core.modeling.model import Model
from platform_core.sdk import Example
from platform_core.serving.explanation import occlude


def predict_examples(
    model: Model,
    examples: Sequence[Example],
    *,
    want_explanation: bool = False,
    advance: Callable[[int], object] = lambda _: None,
) -> list[dict[str, Any]]:
    """Return one prediction per example, each with an ``explanation`` where wanted; ``advance`` counts examples."""
    rows = model.prepare(examples)
    predictions = model.decode(torch.from_numpy(model.score_rows(rows, advance=advance)), rows)
    if want_explanation:
        for example, prediction in zip(examples, predictions, strict=True):
            occlusion = occlude(example, model.spec.table, model.spec.head.positive, note=model.spec.decision.note)
            prediction["explanation"] = occlusion.explain(prediction, predict_examples(model, occlusion.reduced))
    return predictions
