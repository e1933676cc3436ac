"""A model = encoders + delta + head + decode, and the one forward pass that training's evaluation, offline prediction
and serving share.

:func:`forward_rows` takes rows of *any* models on one encoder and runs the encoder once; a model alone is the
special case of all rows being its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from platform_core.modeling.batching import inference_batches
from platform_core.modeling.gathering import ResidentDelta
from platform_core.modeling.mixture import Tail
from platform_core.modeling.reviewing import Reviewer
from platform_core.modeling.rows import Row, collate_tables, texts_of
from platform_core.modeling.runtime import Runtime, bytes_of
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
        delta: its low-rank delta, as ``runtime`` reads it.
        reviewer: the rules of its solution, where it has some.
    """

    spec: ModelSpec
    tail: Tail
    runtime: Runtime
    delta: ResidentDelta | None
    reviewer: Reviewer | None = None

    @property
    def head(self) -> Head:
        """Its head."""
        return self.tail.head

    @property
    def nbytes(self) -> int:
        """Bytes that it takes beside a shared encoder."""
        own = self.spec.method == "full" or self.spec.export is not None
        encoding = self.runtime.nbytes if own else self.delta.nbytes if self.delta is not None else 0
        return encoding + bytes_of(self.tail)

    @property
    def alone(self) -> Model:
        """The same model without the rules."""
        return replace(self, reviewer=None)

    def prepare(self, examples: Sequence[Example]) -> list[Row]:
        """Return examples as rows: the solution's preprocessing, and what its rules say of them.

        Raises:
            BadInput: an example lacks a column of the table, or holds what the column cannot.
            PluginError: the rules fail.
        """
        ids: list[list[int]] = [[] for _ in examples]
        if self.spec.encoder is not None:
            ids = self.runtime.tokenize(texts_of(examples), self.spec.encoder.max_tokens)
        reviews = [self.reviewer.review(example) if self.reviewer else None for example in examples]
        if self.spec.table is None:
            return [Row(i, review=review) for i, review in zip(ids, reviews, strict=True)]
        table = self.spec.table.columns.encode(examples)
        return [Row(*parts) for parts in zip(ids, table.numbers, table.categories, reviews, strict=True)]

    @torch.inference_mode()
    def scores_of(self, features: Features, rows: Sequence[Row]) -> Tensor:
        """Return calibrated scores [rows, …], raised as rules want it, of rows and their features, on the CPU."""
        known = dict(features) | collate_tables(rows, self.runtime.device)
        raw = self.head.scores(self.tail(known)).cpu().numpy()
        return torch.from_numpy(self.raised(self.spec.calibration.apply(self.spec.head.task, raw), rows))

    def raised(self, scores: np.ndarray, rows: Sequence[Row]) -> np.ndarray:
        """Return calibrated scores of rows, raised as far as the rules want."""
        return self.reviewer.raised(scores, [row.review for row in rows]) if self.reviewer else scores

    def decode(self, scores: Tensor, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return one prediction per row, by the version's decision, with what rules say of it.

        Args:
            scores: of the rows, as :func:`forward_rows` returns them.
            rows: as :meth:`prepare` returns them.
        """
        predictions = self.head.decode(scores, self.spec.decision)
        pairs = zip(predictions, rows, strict=True)
        return [said if row.review is None else row.review.add_to(said) for said, row in pairs]

    def score_examples(
        self, examples: Sequence[Example], *, advance: Callable[[int], object] = lambda _: None
    ) -> np.ndarray:
        """Return scores, float32 [examples, …], see :meth:`score_rows`."""
        return self.score_rows(self.prepare(examples), advance=advance)

    def score_rows(self, rows: Sequence[Row], *, advance: Callable[[int], object] = lambda _: None) -> np.ndarray:
        """Return scores, float32 [rows, …], in batches of like length; ``advance`` is told of each batch."""
        found: list[Tensor] = [torch.empty(0)] * len(rows)
        for batch in inference_batches([row.cost for row in rows]):
            for index, row in zip(batch, forward_rows([(self, rows[i]) for i in batch]), strict=True):
                found[index] = row
            advance(len(batch))
        return torch.stack(found).numpy() if found else np.zeros((0, len(self.spec.head.labels) or 1), np.float32)


def forward_rows(rows: Sequence[tuple[Model, Row]]) -> list[Tensor]:
    """Return the scores of each row, on the CPU: one pass of the encoder, then each model's tail on its own rows.

    Args:
        rows: pairs of a model and a row; all models share one runtime.
    """
    found: list[Tensor] = [torch.empty(0)] * len(rows)
    for model, indices, features in features_by_model(rows):
        for index, row in zip(indices, model.scores_of(features, [rows[i][1] for i in indices]), strict=True):
            found[index] = row
    return found


def features_by_model(rows: Sequence[tuple[Model, Row]]) -> list[tuple[Model, list[int], Features]]:
    """Return each model with the numbers of its rows and their features: one pass of the encoder for all.

    Args:
        rows: pairs of a model and a row; all models share one runtime.
    """
    runtime = rows[0][0].runtime
    wants_tokens = any(model.tail.reads_tokens for model, _ in rows)
    deltas = [model.delta for model, _ in rows]
    features = runtime.features([row for _, row in rows], deltas, tokens=wants_tokens)
    members: dict[Model, list[int]] = {}
    for index, (model, _) in enumerate(rows):
        members.setdefault(model, []).append(index)
    return [
        (model, indices, {name: tensor[indices] for name, tensor in features.items()})
        for model, indices in members.items()
    ]
