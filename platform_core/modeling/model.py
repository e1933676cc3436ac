"""A model = encoder + delta + head + decode, and the one forward pass that training's evaluation, offline
prediction and serving share.

:func:`forward_rows` takes rows of *any* models on one encoder and runs the encoder once; a model alone is the
special case of all rows being its own.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from platform_core.modeling.artifact import Artifact
from platform_core.modeling.batching import inference_batches
from platform_core.modeling.delta import DeltaBank
from platform_core.modeling.encoder_files import EncoderFiles, locate_encoder
from platform_core.modeling.hardware import Precision, choose_device
from platform_core.modeling.spec import ModelSpec
from platform_core.modeling.text_encoder import TextEncoder, TokenIds, encode
from platform_core.sdk import Example, IntegrityError, Text, field_markers
from platform_core.sdk.heads import Head


class Slot:
    """The place of a delta on its encoder; free again as soon as nobody holds it.

    A model that has left the residency may still wait in a queue: until it is answered, its place is its own.

    Attributes:
        index: number of the place; 0 is the encoder as it came.
    """

    def __init__(self, index: int, free: Callable[[int], object]) -> None:
        self.index = index
        if index:
            weakref.finalize(self, free, index).atexit = False


class EncoderRuntime:
    """One resident encoder, with the deltas of all resident models that share it.

    Attributes:
        encoder: the encoder.
        calls: forward passes so far, for tests and metrics.
    """

    def __init__(self, encoder: TextEncoder, device: torch.device) -> None:
        self.encoder = encoder
        self.device = device
        self.calls = 0
        self._bank = DeltaBank(encoder.module.to(device).requires_grad_(False))
        self._lock = threading.Lock()

    def attach(self, artifact: Artifact) -> Slot:
        """Make the delta of ``artifact`` resident for as long as the slot is held (0: it has none)."""
        if artifact.delta is None:
            return Slot(0, self._bank.remove)
        with self._lock:
            return Slot(self._bank.add(artifact.delta), self._bank.remove)

    @torch.inference_mode()
    def features(self, ids: Sequence[TokenIds], slots: Sequence[int], precision: Precision = "fp32") -> Tensor:
        """Return pooled features, float32 [rows, width], in one pass of the encoder.

        Args:
            ids: token ids of each row.
            slots: index of the slot of each row.
            precision: of the matrix products.
        """
        batch = {name: tensor.to(self.device) for name, tensor in self.encoder.collate(ids).items()}
        with self._lock:
            self.calls += 1
            self._bank.active = torch.tensor(slots, device=self.device) if any(slots) else None
            with torch.autocast(self.device.type, torch.bfloat16, enabled=precision == "bf16"):
                return encode(self.encoder.module, batch)["pooled"]


@dataclass(eq=False)
class Model:
    """A loaded model version, ready to predict.

    Attributes:
        spec: what it is.
        head: its head, in evaluation mode.
        runtime: the encoder that it shares with others.
        slot: where its delta is in ``runtime``.
    """

    spec: ModelSpec
    head: Head
    runtime: EncoderRuntime
    slot: Slot

    def tokenize(self, examples: Sequence[Example]) -> list[TokenIds]:
        """Return token ids of each example: the solution's preprocessing."""
        return self.runtime.encoder.tokenize(texts_of(examples), self.spec.max_tokens)

    def scores(self, features: Tensor) -> Tensor:
        """Return calibrated scores [rows, …] for pooled features of this model."""
        return self.head.scores(self.head({"pooled": features}) / self.spec.temperature)

    def score_examples(
        self, examples: Sequence[Example], *, advance: Callable[[int], object] = lambda _: None
    ) -> np.ndarray:
        """Return scores, float32 [examples, …], in batches of like length; ``advance`` is told of each batch."""
        ids = self.tokenize(examples)
        found: list[Tensor] = [torch.empty(0)] * len(ids)
        for batch in inference_batches([len(i) for i in ids]):
            rows = [(self, ids[i]) for i in batch]
            for index, row in zip(batch, forward_rows(rows), strict=True):
                found[index] = row
            advance(len(batch))
        return torch.stack(found).numpy() if found else np.zeros((0, len(self.spec.head.labels)), np.float32)


def texts_of(examples: Sequence[Example]) -> list[str]:
    """Return the text of each example, all of one type; several text fields are joined, absent ones left out."""
    if not examples:
        return []
    names = [name for name, marker in field_markers(type(examples[0])).items() if isinstance(marker, Text)]
    fields = ([getattr(example, name) for name in names] for example in examples)
    return ["\n".join(str(text) for text in texts if text is not None) for texts in fields]


@torch.inference_mode()
def forward_rows(rows: Sequence[tuple[Model, TokenIds]]) -> list[Tensor]:
    """Return the scores of each row, on the CPU: one pass of the encoder, then each model's head on its own rows.

    Args:
        rows: pairs of a model and token ids; all models share one runtime.
    """
    runtime = rows[0][0].runtime
    features = runtime.features([ids for _, ids in rows], [model.slot.index for model, _ in rows])
    members: dict[int, list[int]] = {}
    for index, (model, _) in enumerate(rows):
        members.setdefault(id(model), []).append(index)
    found: list[Tensor] = [torch.empty(0)] * len(rows)
    for indices in members.values():
        model = rows[indices[0]][0]
        for index, row in zip(indices, model.scores(features[indices]).cpu(), strict=True):
            found[index] = row
    return found


class EncoderPool:
    """Encoders in memory, one runtime for each fingerprint."""

    def __init__(self, *, device: str = "auto", allow_download: bool = False) -> None:
        self.device = choose_device(device)
        self.allow_download = allow_download
        self._runtimes: dict[str, EncoderRuntime] = {}
        self._lock = threading.Lock()

    def locate(self, reference: str) -> EncoderFiles:
        """Find an encoder without loading it."""
        return locate_encoder(reference, allow_download=self.allow_download)

    def fresh(self, reference: str) -> TextEncoder:
        """Load an encoder that nobody else holds, to be trained."""
        return TextEncoder(self.locate(reference))

    def shared(self, reference: str, fingerprint: str) -> EncoderRuntime:
        """Return the runtime of an encoder, loading it on first use.

        Raises:
            IntegrityError: ``reference`` now leads to another encoder than the one with ``fingerprint``.
        """
        with self._lock:
            if fingerprint not in self._runtimes:
                self._runtimes[fingerprint] = self._load(reference, fingerprint)
            return self._runtimes[fingerprint]

    def _load(self, reference: str, fingerprint: str) -> EncoderRuntime:
        encoder = self.fresh(reference)
        if encoder.files.fingerprint != fingerprint:
            raise IntegrityError(
                "the encoder is not the one that the model was trained on",
                where=f"{reference} ({encoder.files.folder})",
                hint=f"install the encoder with fingerprint {fingerprint[:12]}…",
            )
        return EncoderRuntime(encoder, self.device)

    def load(self, artifact: Artifact) -> Model:
        """Make a model of ``artifact``: on the shared encoder, or on its own after a ``full`` fine-tune."""
        record = artifact.spec.encoder
        if artifact.encoder_weights is None:
            runtime = self.shared(record.reference, record.fingerprint)
        else:
            runtime = self._load(record.reference, record.fingerprint)
            runtime.encoder.module.load_state_dict(artifact.encoder_weights)
        head = artifact.head.to(self.device).eval()
        return Model(artifact.spec, head, runtime, runtime.attach(artifact))
