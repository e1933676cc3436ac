"""What is trained: a version's tail on features, or an encoder (all of it, or a low-rank delta) with that tail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from platform_core.modeling.mixture import Tail
from platform_core.modeling.rows import TokenIds
from platform_core.modeling.text_encoder import TextEncoder, encode, padded_length
from platform_core.sdk.heads import Head


class Inputs(Protocol):
    """Inputs of a network, by index.

    Attributes:
        lengths: cost of each example, e.g. its tokens.
    """

    lengths: Sequence[int]

    def collate(self, indices: np.ndarray) -> dict[str, Tensor]:
        """Return the batch of these examples, int64 [batch], on the CPU.

        Equal indices give equal batches, whenever and from whichever thread it is called.
        """


class FeatureInputs:
    """Features that stand already: of a frozen encoder, or a table's columns.

    Args:
        features: tensors [examples, …] by name.
    """

    def __init__(self, features: Mapping[str, Tensor]) -> None:
        self.features = dict(features)
        self.lengths: Sequence[int] = [1] * len(next(iter(features.values())))

    def collate(self, indices: np.ndarray) -> dict[str, Tensor]:
        """Return the features of these examples, [batch, …]."""
        chosen = torch.from_numpy(indices)
        return {name: tensor.index_select(0, chosen) for name, tensor in self.features.items()}


class TokenInputs:
    """Token ids of texts, with features of a table beside them where there are any.

    Args:
        encoder: knows how texts are padded.
        ids: token ids of each example.
        beside: further tensors [examples, …] by name.
    """

    def __init__(
        self, encoder: TextEncoder, ids: Sequence[TokenIds], beside: Mapping[str, Tensor] | None = None
    ) -> None:
        self._encoder = encoder
        self._ids = ids
        self._beside = FeatureInputs(beside) if beside else None
        self.lengths: Sequence[int] = [padded_length(len(i)) for i in ids]

    def collate(self, indices: np.ndarray) -> dict[str, Tensor]:
        """Return ``input_ids`` and ``attention_mask``, int64 [batch, longest], and what stands beside them."""
        batch = self._encoder.collate([self._ids[i] for i in indices])
        return batch | self._beside.collate(indices) if self._beside else batch


class Network(nn.Module):
    """What the loop trains: here a tail on features."""

    def __init__(self, tail: Tail) -> None:
        super().__init__()
        self.tail = tail

    @property
    def head(self) -> Head:
        """The head, which may have a learning rate of its own."""
        return self.tail.head

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the head's outputs."""
        outputs: Tensor = self.tail(batch)
        return outputs

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the head's loss."""
        return self.head.loss(outputs, targets)


class EncoderNetwork(Network):
    """An encoder with a tail; what of the encoder is trained was decided by its method (``methods.py``)."""

    def __init__(self, encoder: nn.Module, tail: Tail) -> None:
        super().__init__(tail)
        self.encoder = encoder

    def train(self, mode: bool = True) -> EncoderNetwork:
        """Switch the tail; the encoder's own dropout stays off.

        On small data it costs accuracy as well as a fifth of the time; the tail's dropout remains.
        """
        super().train(mode)
        self.encoder.eval()
        return self

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the head's outputs on the encoder's features and those beside them."""
        return super().forward(batch | encode(self.encoder, batch, tokens=self.tail.reads_tokens))
