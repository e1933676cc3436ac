"""Encoders in memory, shared by models; and models made of artifacts."""

from __future__ import annotations

import threading

from platform_core.modeling.artifact import Artifact
from platform_core.modeling.encoder_files import EncoderFiles, locate_encoder
from platform_core.modeling.hardware import Precision, choose_device, choose_precision, half_type
from platform_core.modeling.model import Model
from platform_core.modeling.multilingual import MultilingualEncoder
from platform_core.modeling.onnx_runtime import OnnxRuntime
from platform_core.modeling.reviewing import Reviewer
from platform_core.modeling.runtime import EncoderRuntime, FrozenRuntime, Runtime, Textless
from platform_core.modeling.spec import EncoderRecord, ModelSpec
from platform_core.modeling.text_encoder import TextEncoder
from platform_core.sdk import IntegrityError, Solution, UsageError


class EncoderPool:
    """Encoders in memory, one runtime for each fingerprint and precision.

    Args:
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        allow_download: whether encoders may come from the hub.
        exact: whether models are asked in fp32 even where 16 bits were found to be as good.
    """

    def __init__(self, *, device: str = "auto", allow_download: bool = False, exact: bool = False) -> None:
        self.device = choose_device(device)
        self.allow_download = allow_download
        self._exact = exact
        self._runtimes: dict[tuple[str, Precision], Runtime] = {}
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

    def half(self) -> Precision | None:
        """Return the 16-bit precision in which models may be asked here; ``None`` where there is none."""
        if self._exact:
            return None
        best = choose_precision("auto", self.device)
        return best if half_type(best) is not None else None

    def shared(self, record: EncoderRecord, precision: Precision = "fp32") -> Runtime:
        """Return the runtime of an encoder, loading it on first use.

        Args:
            record: the encoder.
            precision: of the matrix products.

        Raises:
            IntegrityError: its reference now leads to another encoder than the one with its fingerprint.
        """
        with self._lock:
            key = (record.fingerprint, precision)
            if key not in self._runtimes:
                files = self._verified(record)
                # It computes without torch: all precisions are one.
                one = files.kind == "multilingual"
                whole = self._runtimes.get((record.fingerprint, "fp32")) if one else None
                self._runtimes[key] = whole or self._load(files, "fp32" if one else precision)
            return self._runtimes[key]

    def load(
        self, artifact: Artifact, solution: Solution | None = None, *, precision: Precision | None = None
    ) -> Model:
        """Make a model of ``artifact``: on the shared encoder, on its own after a ``full`` fine-tune, or on a graph.

        Args:
            artifact: the contents of a model folder.
            solution: whose rules hold the answers; without it they are what was learned, and nothing else.
            precision: of the encoder's matrix products; if left out, what was found to be as good as fp32, where this
                machine has it.
        """
        runtime = self._runtime_for(artifact, precision or self._precision_for(artifact.spec))
        tail = artifact.tail.to(runtime.device).eval()
        reviewer = Reviewer.of(solution, artifact.spec.head.labels)
        return Model(artifact.spec, tail, runtime, runtime.attach(artifact.delta), reviewer)

    def _precision_for(self, spec: ModelSpec) -> Precision:
        return spec.precision if spec.precision == self.half() else "fp32"

    def _runtime_for(self, artifact: Artifact, precision: Precision) -> Runtime:
        if artifact.graph is not None:
            return OnnxRuntime(artifact.graph)
        record = artifact.spec.encoder
        if record is None:
            return self._textless
        if artifact.encoder_weights is None:
            return self.shared(record, precision)
        encoder = TextEncoder(self._verified(record))
        encoder.module.load_state_dict(artifact.encoder_weights)
        return EncoderRuntime(encoder, self.device, precision)

    def _load(self, files: EncoderFiles, precision: Precision) -> Runtime:
        if files.kind == "multilingual":
            return FrozenRuntime(MultilingualEncoder(files))
        return EncoderRuntime(TextEncoder(files), self.device, precision)

    def _verified(self, record: EncoderRecord) -> EncoderFiles:
        """Return the encoder's files.

        Raises:
            IntegrityError: the reference leads to another encoder.
        """
        files = self.locate(record.reference)
        if files.fingerprint != record.fingerprint:
            raise IntegrityError(
                "the encoder is not the one that the model was trained on",
                where=f"{record.reference} ({files.folder})",
                hint=f"install the encoder with fingerprint {record.fingerprint[:12]}…",
            )
        return files
