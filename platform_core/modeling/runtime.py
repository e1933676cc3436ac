"""Resident encoders: what turns the texts of many models into features in one pass."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from platform_core.modeling.delta import DeltaBank, LoraDelta, Runs, halve_frozen_layers
from platform_core.modeling.hardware import Precision, autocast, half_type
from platform_core.modeling.multilingual import MultilingualEncoder
from platform_core.modeling.packing import PACKABLE, Pack, PackedEncoder
from platform_core.modeling.prepacking import prepack
from platform_core.modeling.rows import Row, TokenIds
from platform_core.modeling.text_encoder import TextEncoder, encode


class Slot:
    """The place of a delta on its encoder; free again as soon as nobody holds it.

    A model that has left the residency may still wait in a queue: until it is answered, its place is its own.

    Attributes:
        index: number of the place; 0 is the encoder as it came.
    """

    def __init__(self, index: int = 0, free: Callable[[int], object] = lambda _: None) -> None:
        self.index = index
        if index:
            weakref.finalize(self, free, index).atexit = False


class Runtime(Protocol):
    """Turns rows into features of text.

    Attributes:
        device: where it computes.
        calls: passes so far, for tests and metrics.
    """

    device: torch.device
    calls: int

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text, cut to ``max_tokens``."""

    def attach(self, delta: LoraDelta | None) -> Slot:
        """Make a delta resident for as long as the slot is held."""

    def features(self, rows: Sequence[Row], slots: Sequence[int], *, tokens: bool = False) -> dict[str, Tensor]:
        """Return named features of the rows, in one pass.

        Args:
            rows: of any models that share this encoder.
            slots: index of the slot of each row.
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
        prepack(module)
        self._precision: Precision = precision
        self._packed = PackedEncoder(module) if encoder.architecture in PACKABLE else None
        self._bank = DeltaBank(module)
        self._lock = threading.Lock()

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text, special tokens included."""
        return self.encoder.tokenize(texts, max_tokens)

    def attach(self, delta: LoraDelta | None) -> Slot:
        """Make ``delta`` resident for as long as the slot is held (0: there is none)."""
        if delta is None:
            return Slot()
        with self._lock:
            return Slot(self._bank.add(delta), self._bank.remove)

    @torch.inference_mode()
    def features(self, rows: Sequence[Row], slots: Sequence[int], *, tokens: bool = False) -> dict[str, Tensor]:
        """Return ``text``, float32 [rows, width], and where wanted ``tokens`` and ``mask``."""
        texts = [row.ids for row in rows]
        with self._lock:
            self.calls += 1
        with autocast(self._precision, self.device):
            return self._padded(texts, slots, tokens) if self._packed is None else self._pack(texts, slots, tokens)

    def _pack(self, texts: Sequence[TokenIds], slots: Sequence[int], tokens: bool) -> dict[str, Tensor]:
        assert self._packed is not None
        pack = Pack.of(texts, self.device, slots)
        runs = Runs.of([slots[i] for i in pack.order], [len(texts[i]) for i in pack.order], self.device)
        with self._bank.asked(runs):
            hidden = self._packed(pack)
        found = {"text": pack.mean(hidden)}
        if tokens:
            found["tokens"], found["mask"] = pack.padded(hidden)
        return found

    def _padded(self, texts: Sequence[TokenIds], slots: Sequence[int], tokens: bool) -> dict[str, Tensor]:
        batch = {name: tensor.to(self.device) for name, tensor in self.encoder.collate(texts).items()}
        with self._bank.asked(Runs.of(slots, [batch["input_ids"].shape[1]] * len(texts), self.device)):
            return encode(self.encoder.module, batch, tokens=tokens)


class FrozenRuntime:
    """The packaged multilingual encoder: nothing of it can be trained."""

    device = torch.device("cpu")

    def __init__(self, encoder: MultilingualEncoder) -> None:
        self.encoder = encoder
        self.calls = 0

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return token ids of each text."""
        return self.encoder.tokenize(texts, max_tokens)

    def attach(self, delta: LoraDelta | None) -> Slot:
        """Return the only slot there is."""
        assert delta is None
        return Slot()

    def features(self, rows: Sequence[Row], slots: Sequence[int], *, tokens: bool = False) -> dict[str, Tensor]:
        """Return ``text``, float32 [rows, width]."""
        del slots, tokens
        self.calls += 1
        return {"text": torch.from_numpy(self.encoder.encode([row.ids for row in rows]))}


class Textless:
    """For models without text: there is nothing to encode before their own networks."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.calls = 0

    def tokenize(self, texts: Sequence[str], max_tokens: int) -> list[TokenIds]:
        """Return nothing for each example."""
        del max_tokens
        return [[] for _ in texts]

    def attach(self, delta: LoraDelta | None) -> Slot:
        """Return the only slot there is."""
        assert delta is None
        return Slot()

    def features(self, rows: Sequence[Row], slots: Sequence[int], *, tokens: bool = False) -> dict[str, Tensor]:
        """Return no features."""
        del rows, slots, tokens
        self.calls += 1
        return {}
