"""What is trained, by method: a head on cached features, or an encoder (all of it, or a low-rank delta) with a head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from platform_core.modeling.text_encoder import TextEncoder, TokenIds, encode
from platform_core.sdk.heads import Head


class Inputs(Protocol):
    """Inputs of a network, by index.

    Attributes:
        lengths: cost of each example, e.g. its tokens.
    """

    lengths: Sequence[int]

    def collate(self, indices: Sequence[int]) -> dict[str, Tensor]:
        """Return the batch of these examples."""


class FeatureInputs:
    """Vectors of a frozen encoder, float32 [examples, width]."""

    def __init__(self, vectors: np.ndarray) -> None:
        self._vectors = torch.from_numpy(vectors)
        self.lengths: Sequence[int] = [1] * len(vectors)

    def collate(self, indices: Sequence[int]) -> dict[str, Tensor]:
        """Return ``pooled``, float32 [batch, width]."""
        return {"pooled": self._vectors[list(indices)]}


class TokenInputs:
    """Token ids of texts."""

    def __init__(self, encoder: TextEncoder, ids: Sequence[TokenIds]) -> None:
        self._encoder = encoder
        self._ids = ids
        self.lengths: Sequence[int] = [len(i) for i in ids]

    def collate(self, indices: Sequence[int]) -> dict[str, Tensor]:
        """Return ``input_ids`` and ``attention_mask``, int64 [batch, longest]."""
        return self._encoder.collate([self._ids[i] for i in indices])


class Network(nn.Module):
    """What the loop trains: here a head on features."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the head's outputs."""
        outputs: Tensor = self.head(batch)
        return outputs

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the head's loss."""
        return self.head.loss(outputs, targets)


class EncoderNetwork(Network):
    """An encoder with a head; what of the encoder is trained was decided by its method (``methods.py``)."""

    def __init__(self, encoder: nn.Module, head: Head) -> None:
        super().__init__(head)
        self.encoder = encoder

    def train(self, mode: bool = True) -> EncoderNetwork:
        """Switch the head; the encoder's own dropout stays off.

        On small data it costs accuracy as well as a fifth of the time; the head's dropout remains.
        """
        super().train(mode)
        self.encoder.eval()
        return self

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the head's outputs on the encoder's features."""
        return super().forward(encode(self.encoder, batch))
