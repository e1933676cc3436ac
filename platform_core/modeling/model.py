"""A model = encoders + delta + head + decode, and the one forward pass that training's evaluation, offline prediction
and serving share.

:func:`forward_rows` takes rows of *any* models on one encoder and runs the encoder once; a model alone is the
special case of all rows being its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from platform_core.modeling.batching import inference_batches
from platform_core.modeling.mixture import Tail
from platform_core.modeling.rows import Row, collate_tables, texts_of
from platform_core.modeling.runtime import Runtime, Slot
from platform_core.modeling.spec import ModelSpec
from platform_core.sdk import Example
from platform_core.sdk.heads import Features, Head


@dataclass(eq=False)
class Model:
    """A loaded model version, ready to predict.

    Attributes:
        spec: what it is.
        tail: its own networks and head, in evaluation mode.
        runtime: the encoder that it shares with others.
        slot: where its delta is in ``runtime``.
    """

    spec: ModelSpec
    tail: Tail
    runtime: Runtime
    slot: Slot

    @property
    def head(self) -> Head:
        """Its head."""
        return self.tail.head

    def prepare(self, examples: Sequence[Example]) -> list[Row]:
        """Return examples as rows: the solution's preprocessing.

        Raises:
            BadInput: an example lacks a column of the table, or holds what the column cannot.
        """
        ids: list[list[int]] = [[] for _ in examples]
        if self.spec.encoder is not None:
            ids = self.runtime.tokenize(texts_of(examples), self.spec.encoder.max_tokens)
        if self.spec.table is None:
            return [Row(i) for i in ids]
        table = self.spec.table.columns.encode(examples)
        return [Row(*parts) for parts in zip(ids, table.numbers, table.categories, strict=True)]

    def scores(self, features: Features) -> Tensor:
        """Return calibrated scores [rows, …] for the features of rows of this model."""
        scores = self.head.scores(self.tail(features))
        return torch.from_numpy(self.spec.calibration.apply(self.spec.head.task, scores.cpu().numpy()))

    def decode(self, scores: Tensor) -> list[dict[str, Any]]:
        """Return one prediction per row of calibrated scores, by the version's decision."""
        return self.head.decode(scores, self.spec.decision)

    def score_examples(
        self, examples: Sequence[Example], *, advance: Callable[[int], object] = lambda _: None
    ) -> np.ndarray:
        """Return scores, float32 [examples, …], in batches of like length; ``advance`` is told of each batch."""
        rows = self.prepare(examples)
        found: list[Tensor] = [torch.empty(0)] * len(rows)
        for batch in inference_batches([row.cost for row in rows]):
            for index, row in zip(batch, forward_rows([(self, rows[i]) for i in batch]), strict=True):
                found[index] = row
            advance(len(batch))
        return torch.stack(found).numpy() if found else np.zeros((0, len(self.spec.head.labels) or 1), np.float32)


@torch.inference_mode()
def forward_rows(rows: Sequence[tuple[Model, Row]]) -> list[Tensor]:
    """Return the scores of each row, on the CPU: one pass of the encoder, then each model's tail on its own rows.

    Args:
        rows: pairs of a model and a row; all models share one runtime.
    """
    runtime = rows[0][0].runtime
    wants_tokens = any(model.tail.reads_tokens for model, _ in rows)
    features = runtime.features([row for _, row in rows], [model.slot.index for model, _ in rows], tokens=wants_tokens)
    members: dict[int, list[int]] = {}
    for index, (model, _) in enumerate(rows):
        members.setdefault(id(model), []).append(index)
    found: list[Tensor] = [torch.empty(0)] * len(rows)
    for indices in members.values():
        model = rows[indices[0]][0]
        own = {name: tensor[indices] for name, tensor in features.items()}
        own |= collate_tables([rows[i][1] for i in indices], runtime.device)
        for index, row in zip(indices, model.scores(own), strict=True):
            found[index] = row
    return found
