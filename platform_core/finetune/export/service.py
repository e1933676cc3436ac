"""Exporting a version: trace, write, compare, measure, register."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from platform_core.finetune.export.card import CARD_FILE, write_card
from platform_core.finetune.export.comparing import (
    FEW,
    Trial,
    gather_trial,
    require_parity,
    typical_examples,
)
from platform_core.finetune.export.findings import Findings, examine
from platform_core.finetune.export.peaks import column_peaks
from platform_core.finetune.export.quantising import factors, quantise
from platform_core.finetune.export.schemas import ExportResult
from platform_core.finetune.export.tracing import assemble, trace
from platform_core.finetune.export.writing import ExportPrecision, describe_export, write_export
from platform_core.finetune.parity import compare_answers
from platform_core.finetune.schemas import measured
from platform_core.finetune.workshop import Workshop
from platform_core.modeling.artifact import GRAPH_FILE, Artifact, load_artifact
from platform_core.modeling.hardware import Precision
from platform_core.modeling.model import Model
from platform_core.modeling.spec import ModelSpec
from platform_core.modeling.text_encoder import TextEncoder
from platform_core.registry.schemas import VersionInfo
from platform_core.sdk import Progress, UsageError

FORMATS = ("onnx",)

_PACKAGES = ("onnx", "onnx_ir", "onnxruntime", "onnxscript")


def export_version(
    shop: Workshop, version: VersionInfo, *, format: str = "onnx", int8: bool = False, progress: Progress
) -> ExportResult:
    """Bring ``version`` into another form, compare both, and register the new one beside it.

    Args:
        shop: the rooms that are needed.
        version: what is exported.
        format: ``onnx``.
        int8: whether weights are kept, and products computed, in eight bits.
        progress: is told how it goes.

    Raises:
        UsageError: the format is unknown, a package is missing, the version is an export itself, or one of its
            networks cannot be exported; names it.
        IntegrityError: the graph computes something else than the version; nothing is registered.
    """
    if format not in FORMATS:
        raise UsageError(f"there is no format {format!r}", where="--format", hint=f"known: {', '.join(FORMATS)}")
    absent = [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        raise UsageError(
            f"exporting needs what is not installed: {', '.join(absent)}", hint="pip install 'verticore[export]'"
        )
    return _Export(shop, version, "int8" if int8 else "fp32", progress).run()


class _Export:
    """One export of one version."""

    def __init__(self, shop: Workshop, version: VersionInfo, precision: ExportPrecision, progress: Progress) -> None:
        self._shop = shop
        self._version = version
        self._precision: ExportPrecision = precision
        self._progress = progress
        self._solution = shop.host.solution(version.solution)
        self._source = shop.registry.folder(version)

    def run(self) -> ExportResult:
        artifact = self._artifact(self._source)
        if artifact.spec.export is not None:
            raise UsageError(
                f"{self._version.ref} is an export already",
                hint=f"export the version that it was made of: {artifact.spec.export.parent}",
            )
        encoder = self._encoder(artifact.spec)
        trial = gather_trial(self._shop.datasets, self._version, self._solution)
        parents = self._parents(artifact.spec)
        with self._shop.storage.staging() as folder:
            self._write(folder, artifact, encoder, parents["fp32"], trial)
            export = self._load(folder)
            findings = examine(
                export,
                parents,
                trial,
                version=self._version,
                solution=self._solution,
                progress=self._progress,
            )
            if self._precision == "fp32":
                require_parity(findings.parity, self._version)
            sizes = sum(file.stat().st_size for file in folder.iterdir()), self._parent_size(artifact.spec)
            record = export.spec.export
            assert record is not None
            write_card(folder, self._source / CARD_FILE, record, findings, solution=self._solution, sizes=sizes)
            return self._result(self._register(folder, findings), findings, sizes[1])

    def _artifact(self, folder: Path) -> Artifact:
        return load_artifact(folder, head=self._solution.head)

    def _load(self, folder: Path) -> Model:
        return self._shop.encoders.load(self._artifact(folder), self._solution)

    def _parents(self, spec: ModelSpec) -> dict[Precision, Model]:
        """Return the version in fp32, and in 16 bits where it has an encoder and this machine multiplies them."""
        encoders = self._shop.encoders
        half = encoders.half() if spec.encoder is not None else None
        kinds: list[Precision] = ["fp32", half] if half is not None else ["fp32"]
        source = self._artifact(self._source)
        return {kind: encoders.load(source, self._solution, precision=kind) for kind in kinds}

    def _encoder(self, spec: ModelSpec) -> TextEncoder | None:
        """Return the encoder of the text, held by nobody else."""
        if spec.encoder is None:
            return None
        if self._shop.encoders.locate(spec.encoder.reference).kind != "transformers":
            raise UsageError(
                f"the encoder {spec.encoder.reference!r} cannot be exported: it computes without torch",
                where=self._version.ref,
                hint="export versions that were trained on a transformers encoder",
            )
        return self._shop.encoders.fresh(spec.encoder.reference)

    def _write(
        self, folder: Path, artifact: Artifact, encoder: TextEncoder | None, parent: Model, trial: Trial
    ) -> None:
        """Write the export into ``folder``; its graph in fp32 must have computed what the parent does."""
        self._progress.stage("tracing the graph")
        graph = trace(assemble(artifact, encoder), artifact.spec)
        spec = describe_export(artifact.spec, self._version, self._precision, encoder)
        write_export(folder, spec, graph, encoder, self._solution)
        exact, few = self._load(folder), trial.examples[:FEW]
        require_parity(compare_answers(spec, parent.score_examples(few), exact.score_examples(few)), self._version)
        if self._precision == "fp32":
            return
        self._progress.stage("quantising")
        typical = typical_examples(self._shop.datasets, self._version, trial)
        peaks = column_peaks(folder / GRAPH_FILE, factors(graph), exact.prepare(typical))
        if not quantise(graph, peaks):
            raise UsageError(
                f"nothing in {self._version.ref} is large enough for eight bits",
                where="--int8",
                hint="export it without --int8",
            )
        write_export(folder, spec, graph, encoder, self._solution)

    def _parent_size(self, spec: ModelSpec) -> int:
        """Return the bytes of the parent with the encoder that it needs besides."""
        if spec.encoder is None or spec.method == "full":
            return self._version.size_bytes
        folder = self._shop.encoders.locate(spec.encoder.reference).folder
        return self._version.size_bytes + sum(file.stat().st_size for file in folder.glob("*.safetensors"))

    def _register(self, folder: Path, findings: Findings) -> VersionInfo:
        version, parity = self._version, findings.parity
        facts = {
            "format": "onnx",
            "precision": self._precision,
            "parent": version.ref,
            "largest_difference": parity.largest_difference,
            "same_answers": parity.same_answers,
            "speeds": {name: speed.to_dict() for name, speed in findings.speeds.items()},
        }
        return self._shop.registry.register(
            name=version.model,
            solution=version.solution,
            folder=folder,
            method=version.method,
            encoder=version.encoder,
            encoder_fingerprint=version.encoder_fingerprint,
            parent_id=version.id,
            metrics=findings.evaluation.metrics if findings.evaluation else {},
            lineage=dict(version.lineage) | {"evaluated_on": findings.trial.split, "export": facts},
            dataset_version_id=version.dataset_version_id,
        )

    def _result(self, made: VersionInfo, findings: Findings, parent_size: int) -> ExportResult:
        comparison = findings.comparison
        return ExportResult(
            model=made.model,
            version=made.number,
            solution=made.solution,
            parent=self._version.ref,
            format="onnx",
            precision=self._precision,
            evaluated_on=findings.trial.split,
            n=findings.parity.examples,
            largest_difference=findings.parity.largest_difference,
            same_answers=findings.parity.same_answers,
            comparison=comparison.to_dict()["differences"] if comparison else [],
            size_bytes=made.size_bytes,
            parent_size_bytes=parent_size,
            speeds={name: speed.to_dict() for name, speed in findings.speeds.items()},
            folder=str(self._shop.registry.folder(made)),
            warnings=list(findings.warnings),
            **measured(findings.evaluation, self._solution),
        )
