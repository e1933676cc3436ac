"""Encoders in memory, shared by models; and models made of artifacts."""

from __future__ import annotations

import threading

from platform_core.modeling.artifact import Artifact
from platform_core.modeling.encoder_files import EncoderFiles, locate_encoder
from platform_core.modeling.hardware import choose_device
from platform_core.modeling.model import Model
from platform_core.modeling.multilingual import MultilingualEncoder
from platform_core.modeling.onnx_runtime import OnnxRuntime
from platform_core.modeling.reviewing import Reviewer
from platform_core.modeling.runtime import EncoderRuntime, FrozenRuntime, Runtime, Textless
from platform_core.modeling.spec import EncoderRecord
from platform_core.modeling.text_encoder import TextEncoder
from platform_core.sdk import IntegrityError, Solution, UsageError


class EncoderPool:
    """Encoders in memory, one runtime for each fingerprint."""

    def __init__(self, *, device: str = "auto", allow_download: bool = False) -> None:
        self.device = choose_device(device)
        self.allow_download = allow_download
        self._runtimes: dict[str, Runtime] = {}
        self._textless = Textless(self.device)
        self._lock = threading.Lock()

    def locate(self, reference: str) -> EncoderFiles:
        """Find an encoder without loading it."""
        return locate_encoder(reference, allow_download=self.allow_download)

    def fresh(self, reference: str) -> TextEncoder:
        """Load an encoder that nobody else holds, to be trained.

        Raises:
            UsageError: nothing of it can be trained.
        """
        files = self.locate(reference)
        if files.kind != "transformers":
            raise UsageError(
                f"the encoder {reference!r} is frozen: nothing of it can be trained",
                where="--encoder",
                hint="use --method head or --method fit",
            )
        return TextEncoder(files)

    def shared(self, record: EncoderRecord) -> Runtime:
        """Return the runtime of an encoder, loading it on first use.

        Raises:
            IntegrityError: its reference now leads to another encoder than the one with its fingerprint.
        """
        with self._lock:
            if record.fingerprint not in self._runtimes:
                self._runtimes[record.fingerprint] = self._load(record)
            return self._runtimes[record.fingerprint]

    def load(self, artifact: Artifact, solution: Solution | None = None) -> Model:
        """Make a model of ``artifact``: on the shared encoder, on its own after a ``full`` fine-tune, or on a graph.

        Args:
            artifact: the contents of a model folder.
            solution: whose rules hold the answers; without it they are what was learned, and nothing else.
        """
        runtime = self._runtime_for(artifact)
        tail = artifact.tail.to(runtime.device).eval()
        reviewer = Reviewer.of(solution, artifact.spec.head.labels)
        return Model(artifact.spec, tail, runtime, runtime.attach(artifact.delta), reviewer)

    def _runtime_for(self, artifact: Artifact) -> Runtime:
        if artifact.graph is not None:
            return OnnxRuntime(artifact.graph)
        record = artifact.spec.encoder
        if record is None:
            return self._textless
        if artifact.encoder_weights is None:
            return self.shared(record)
        runtime = self._load(record)
        assert isinstance(runtime, EncoderRuntime)
        runtime.encoder.module.load_state_dict(artifact.encoder_weights)
        return runtime

    def _load(self, record: EncoderRecord) -> Runtime:
        files = self.locate(record.reference)
        if files.fingerprint != record.fingerprint:
            raise IntegrityError(
                "the encoder is not the one that the model was trained on",
                where=f"{record.reference} ({files.folder})",
                hint=f"install the encoder with fingerprint {record.fingerprint[:12]}…",
            )
        if files.kind == "multilingual":
            return FrozenRuntime(MultilingualEncoder(files))
        return EncoderRuntime(TextEncoder(files), self.device)
