"""Resident encoders: what turns the texts of many models into features in one pass."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from platform_core.modeling.delta import LoraDelta, halve_frozen_layers
from platform_core.modeling.gathering import Asked, Gathered, ResidentDelta, gather_linears
from platform_core.modeling.hardware import Precision, autocast, half_type
from platform_core.modeling.multilingual import MultilingualEncoder
from platform_core.modeling.packing import PACKABLE, Pack, PackedEncoder
from platform_core.modeling.prepacking import prepack
from platform_core.modeling.rows import Row, TokenIds
from platform_core.modeling.text_encoder import TextEncoder, encode

Deltas = Sequence[ResidentDelta | None]
"""What :meth:`Runtime.attach` returned, for each row."""


class Runtime(Protocol):
    """Turns rows into features of text.

    Attributes:
        device: where it computes.
        calls: passes so far, for tests and metrics.
        nbytes: what it takes of the device's memory, without deltas.
    """

    device: torch.device
    calls: int
    nbytes: int

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text, cut to ``max_tokens``."""

    def attach(self, delta: LoraDelta | None) -> ResidentDelta | None:
        """Return a delta as this encoder's passes read it."""

    def features(self, rows: Sequence[Row], deltas: Deltas, *, tokens: bool = False) -> dict[str, Tensor]:
        """Return named features of the rows, in one pass.

        Args:
            rows: of any models that share this encoder.
            deltas: of each row.
            tokens: whether the states of all tokens are wanted.
        """


class EncoderRuntime:
    """A transformers encoder, with the deltas of all resident models that share it; passes may run side by side.

    Args:
        encoder: the network, which nobody else holds; its weights cannot be changed afterwards.
        device: where it computes.
        precision: of its matrix products.
    """

    def __init__(self, encoder: TextEncoder, device: torch.device, precision: Precision = "fp32") -> None:
        self.encoder = encoder
        self.device = device
        self.calls = 0
        module = encoder.module.to(device).requires_grad_(False)
        half = half_type(precision)
        if half is not None:
            halve_frozen_layers(module, half)
        self.nbytes = bytes_of(module)
        prepack(module)
        self._precision: Precision = precision
        self._packed = PackedEncoder(module) if encoder.architecture in PACKABLE else None
        self._type = half or torch.float32
        self._asked = Asked()
        gather_linears(module, self._asked)
        self._lock = threading.Lock()

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text, special tokens included."""
        return self.encoder.tokenize(texts, max_tokens)

    def attach(self, delta: LoraDelta | None) -> ResidentDelta | None:
        """Return ``delta`` as passes read it."""
        return None if delta is None else ResidentDelta.of(delta, self.device, self._type)

    @torch.inference_mode()
    def features(self, rows: Sequence[Row], deltas: Deltas, *, tokens: bool = False) -> dict[str, Tensor]:
        """Return ``text``, float32 [rows, width], and where wanted ``tokens`` and ``mask``."""
        texts = [row.ids for row in rows]
        with self._lock:
            self.calls += 1
        with autocast(self._precision, self.device):
            return self._padded(texts, deltas, tokens) if self._packed is None else self._pack(texts, deltas, tokens)

    def _pack(self, texts: Sequence[TokenIds], deltas: Deltas, tokens: bool) -> dict[str, Tensor]:
        assert self._packed is not None
        pack = Pack.of(texts, self.device)
        lengths = [len(texts[i]) for i in pack.order]
        with self._asked.set(Gathered.of_texts([deltas[i] for i in pack.order], lengths, self.device)):
            hidden = self._packed(pack)
        found = {"text": pack.mean(hidden)}
        if tokens:
            found["tokens"], found["mask"] = pack.padded(hidden)
        return found

    def _padded(self, texts: Sequence[TokenIds], deltas: Deltas, tokens: bool) -> dict[str, Tensor]:
        batch = {name: tensor.to(self.device) for name, tensor in self.encoder.collate(texts).items()}
        lengths = [batch["input_ids"].shape[1]] * len(texts)
        with self._asked.set(Gathered.of_texts(deltas, lengths, self.device)):
            return encode(self.encoder.module, batch, tokens=tokens)


class FrozenRuntime:
    """The packaged multilingual encoder: nothing of it can be trained."""

    device = torch.device("cpu")

    def __init__(self, encoder: MultilingualEncoder) -> None:
        self.encoder = encoder
        self.calls = 0
        self.nbytes = encoder.files.nbytes

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text."""
        return self.encoder.tokenize(texts, max_tokens)

    def attach(self, delta: LoraDelta | None) -> None:
        """Return nothing: there are no deltas."""
        assert delta is None

    def features(self, rows: Sequence[Row], deltas: Deltas, *, tokens: bool = False) -> dict[str, Tensor]:
        """Return ``text``, float32 [rows, width]."""
        del deltas, tokens
        self.calls += 1
        return {"text": torch.from_numpy(self.encoder.encode([row.ids for row in rows]))}


class Textless:
    """For models without text: there is nothing to encode before their own networks."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.calls = 0
        self.nbytes = 0

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return nothing for each example."""
        del max_tokens
        return [[] for _ in texts]

    def attach(self, delta: LoraDelta | None) -> None:
        """Return nothing: there are no deltas."""
        assert delta is None

    def features(self, rows: Sequence[Row], deltas: Deltas, *, tokens: bool = False) -> dict[str, Tensor]:
        """Return no features."""
        del rows, deltas, tokens
        self.calls += 1
        return {}


def bytes_of(module: nn.Module) -> int:
    """Return the bytes of a network's weights and buffers."""
    return sum(tensor.nbytes for tensor in (*module.parameters(), *module.buffers()))
