"""Encoders in memory, shared by models; and models made of artifacts."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import partial

from platform_core.modeling.artifact import Artifact
from platform_core.modeling.encoder_files import EncoderFiles, locate_encoder
from platform_core.modeling.hardware import Precision, choose_device, choose_precision, free_memory, half_type
from platform_core.modeling.model import Model
from platform_core.modeling.multilingual import MultilingualEncoder
from platform_core.modeling.onnx_runtime import OnnxRuntime
from platform_core.modeling.reviewing import Reviewer
from platform_core.modeling.runtime import EncoderRuntime, FrozenRuntime, Runtime, Textless
from platform_core.modeling.spec import EncoderRecord, ModelSpec
from platform_core.modeling.text_encoder import TextEncoder
from platform_core.scheduling.ledger import Ledger
from platform_core.scheduling.residents import Residents
from platform_core.sdk import IntegrityError, Solution, UsageError


class EncoderPool:
    """Encoders in memory, one runtime for each fingerprint and precision.

    Args:
        device: ``auto``, ``cpu``, ``cuda`` or ``cuda:1``.
        allow_download: whether encoders may come from the hub.
        exact: whether models are asked in fp32 even where 16 bits were found to be as good.
        memory: bytes that encoders and models may take; if left out, half of what is free.
        processes: that share the memory alike, each with a pool of its own.

    Attributes:
        ledger: what lies in the device's memory.
    """

    def __init__(
        self,
        *,
        device: str = "auto",
        allow_download: bool = False,
        exact: bool = False,
        memory: int | None = None,
        processes: int = 1,
    ) -> None:
        self.device = choose_device(device)
        self.allow_download = allow_download
        self.ledger = Ledger((memory or free_memory(self.device) // 2) // processes)
        self._exact = exact
        self._runtimes: Residents[Runtime] = Residents("encoder", self.ledger)
        self._textless = Textless(self.device)

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
        key = self._key(record, precision)
        found = self._runtimes.at_hand(key)
        if found is not None:
            return found
        files = self._verified(record)
        return self._runtimes.get(
            key, lambda: self._load(files, precision), lambda runtime: runtime.nbytes, expected=files.nbytes
        )

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
        precision = precision or self._precision_for(artifact.spec)
        reviewer = Reviewer.of(solution, artifact.spec.head.labels)
        spare = self._need_encoder(artifact, precision)
        try:
            runtime = self._runtime_for(artifact, precision)
            tail = artifact.tail.to(runtime.device).eval()
            model = Model(artifact.spec, tail, runtime, runtime.attach(artifact.delta), reviewer)
        except BaseException:
            spare()
            raise
        weakref.finalize(model, spare).atexit = False
        return model

    def _need_encoder(self, artifact: Artifact, precision: Precision) -> Callable[[], None]:
        """Keep the shared encoder of a model in memory until what is returned is called."""
        record = artifact.spec.encoder
        if record is None or artifact.encoder_weights is not None or artifact.graph is not None:
            return lambda: None
        name = self._runtimes.entry(self._key(record, precision))
        self.ledger.need(name)
        return partial(self.ledger.spare, name)

    @staticmethod
    def _key(record: EncoderRecord, precision: Precision) -> str:
        # The packaged multilingual encoder computes without torch: all its precisions are one.
        return f"{record.fingerprint} {'fp32' if record.reference == 'multilingual' else precision}"

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
