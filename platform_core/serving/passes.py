"""One pass: the encoder once for the rows of all slices, then each model's own networks, fenced off from each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from platform_core.modeling.model import Model, features_by_model
from platform_core.sdk import ModelFailed
from platform_core.sdk.heads import Features
from platform_core.serving.tickets import Slice

Watch = Callable[[Model | None], object]
"""Is told whose own networks compute, and ``None`` while the encoder does."""


def answer(slices: Sequence[Slice], watch: Watch = lambda _: None) -> None:
    """Compute the scores of slices of models that share a runtime, and give them to their tickets.

    A model that raises, or answers with what is no number, fails its own tickets only.

    Args:
        slices: what is asked.
        watch: see :data:`Watch`.
    """
    watch(None)
    try:
        found = features_by_model([(part.ticket.model, row) for part in slices for row in part.rows])
    except Exception as error:
        for part in slices:
            part.ticket.fail(error)
        return
    for model, _, features in found:
        watch(model)
        own = [part for part in slices if part.ticket.model is model]
        try:
            _answer_of(model, own, features)
        except Exception as error:
            for part in own:
                part.ticket.fail(error)


def _answer_of(model: Model, slices: Sequence[Slice], features: Features) -> None:
    scores = model.scores_of(features, [row for part in slices for row in part.rows])
    if not bool(torch.isfinite(scores).all()):
        raise ModelFailed(
            "the model answers with what is no number",
            where=model.spec.solution,
            hint="its weights may be damaged: verify the version, or go back to an earlier one",
        )
    start = 0
    for part in slices:
        part.ticket.give(part.start, list(scores[start : start + len(part.rows)]))
        start += len(part.rows)
