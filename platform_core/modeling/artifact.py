"""Model folders: ``model.json`` and tensors in safetensors. Nothing in them can run code.

============================  ====================================================================
``model.json``                :class:`~platform_core.modeling.spec.ModelSpec`
``head.safetensors``          weights of the head
``mixture.safetensors``       weights of the table's network and of the fusion, where there are any
``delta.safetensors``         method ``lora``: A and B of each layer, the scale inside B
``encoder.safetensors``       method ``full``: all weights of the encoder
``model.onnx``                exported versions: one graph of all networks, instead of tensors
``tokenizer.json``            exported versions that read text: what makes token ids of it
============================  ====================================================================
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from platform_core.modeling.delta import LoraDelta
from platform_core.modeling.mixture import FoldedTail, GraphTail, Mixture, Tail
from platform_core.modeling.spec import FORMAT, HeadRecord, ModelSpec
from platform_core.sdk import IntegrityError, TableSettings, UnsafeArtifact, WorkspaceTooNew, load_object
from platform_core.sdk.heads import BaggedHead, BlendHead, BoostedTrees, Head, HeadSpec, LinearProbe

SPEC_FILE = "model.json"
HEAD_FILE = "head.safetensors"
MIXTURE_FILE = "mixture.safetensors"
DELTA_FILE = "delta.safetensors"
ENCODER_FILE = "encoder.safetensors"
GRAPH_FILE = "model.onnx"


@dataclass(frozen=True)
class Artifact:
    """The contents of a model folder; of an exported version's networks only the graph's place."""

    spec: ModelSpec
    tail: Tail
    delta: LoraDelta | None = None
    encoder_weights: dict[str, torch.Tensor] | None = None
    graph: Path | None = None


def save_spec(spec: ModelSpec, folder: Path) -> None:
    """Write ``model.json`` into ``folder``."""
    (folder / SPEC_FILE).write_text(spec.model_dump_json(indent=2) + "\n", "utf-8")


def save_artifact(artifact: Artifact, folder: Path) -> None:
    """Write ``artifact`` into an existing, empty ``folder``."""
    save_spec(artifact.spec, folder)
    _save(artifact.tail.head.state_dict(), folder / HEAD_FILE)
    if mixture := artifact.tail.mixture.state_dict():
        _save(mixture, folder / MIXTURE_FILE)
    if artifact.delta is not None:
        _save(artifact.delta.tensors(), folder / DELTA_FILE)
    if artifact.encoder_weights is not None:
        _save(artifact.encoder_weights, folder / ENCODER_FILE)


def load_artifact(folder: Path, *, head: str) -> Artifact:
    """Read a model folder.

    Args:
        folder: a folder that :func:`save_artifact` wrote, its hashes verified by the caller.
        head: the head that the solution declares: no other code is imported on the word of a file.

    Raises:
        IntegrityError: a file is missing or damaged.
        UnsafeArtifact: the folder names a head that the solution does not declare.
        WorkspaceTooNew: the layout is that of a later release.
    """
    spec = _read_spec(folder / SPEC_FILE)
    if spec.head.object != head and not spec.head.object.startswith("platform_core.sdk.heads:"):
        raise UnsafeArtifact(
            f"the model names the head {spec.head.object!r}, its solution declares {head!r}",
            where=str(folder / SPEC_FILE),
        )
    if spec.export is not None:
        return Artifact(spec, GraphTail(build_head(spec.head, head_spec(spec.head))).eval(), graph=folder / GRAPH_FILE)
    tail = build_tail(spec, head_spec(spec.head))
    _restore(tail.head, folder / HEAD_FILE)
    if tail.mixture.state_dict():
        _restore(tail.mixture, folder / MIXTURE_FILE)
    delta = LoraDelta.from_tensors(_load(folder / DELTA_FILE)) if spec.method == "lora" else None
    weights = _load(folder / ENCODER_FILE) if spec.method == "full" and spec.encoder is not None else None
    return Artifact(spec, tail.eval(), delta, weights)


def build_tail(spec: ModelSpec, head: HeadSpec) -> Tail:
    """Build what follows the encoder, with fresh weights.

    Args:
        spec: the model.
        head: what its head is built from.
    """
    if spec.head.folds == 1:
        return Tail(build_mixture(spec), build_head(spec.head, head))
    part = spec.head.model_copy(update={"folds": 1})
    return join_tails([Tail(build_mixture(spec), build_head(part, head)) for _ in range(spec.head.folds)])


def join_tails(parts: Sequence[Tail]) -> FoldedTail:
    """Return the tail that answers with the mean of the scores of ``parts``."""
    head = BaggedHead(parts[0].head.spec, [part.head for part in parts])
    learned = len(parts) if "pooled" in head.reads else 1
    return FoldedTail([part.mixture for part in parts[:learned]], head)


def build_mixture(spec: ModelSpec) -> Mixture:
    """Build what makes a head's features, with fresh weights."""
    return Mixture(
        spec.encoder.width if spec.encoder else 0,
        spec.table.columns if spec.table else None,
        spec.table.settings if spec.table else TableSettings(),
        spec.fusion,
    )


def head_spec(record: HeadRecord) -> HeadSpec:
    """Return what the head of ``record`` is built from, without what only training needs."""
    return HeadSpec(
        feature_widths=record.feature_widths,
        labels=record.labels,
        positive=record.positive,
        top=record.top,
        center=record.center,
        scale=record.scale,
        options=record.options,
    )


def build_head(record: HeadRecord, spec: HeadSpec) -> Head:
    """Build the head that ``record`` names, or the blend of its members in front of it; one part of a bag."""
    head: Head = load_object(record.object)(spec)
    if not record.members:
        return head
    kinds = {"lightgbm": BoostedTrees, "linear": LinearProbe}
    members: dict[str, Head] = {name: head if name == "network" else kinds[name](spec, head) for name in record.members}
    return BlendHead(spec, head, members)


def _read_spec(file: Path) -> ModelSpec:
    try:
        content = json.loads(file.read_text("utf-8"))
        if content.get("format", 0) > FORMAT:
            raise WorkspaceTooNew(
                f"this model has format {content['format']}, this release reads up to {FORMAT}",
                where=str(file),
                hint="upgrade verticore",
            )
        return ModelSpec.model_validate(content)
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise IntegrityError("the description of the model is missing or damaged", where=str(file)) from error


def _restore(module: torch.nn.Module, file: Path) -> None:
    try:
        module.load_state_dict(_load(file))
    except RuntimeError as error:
        raise IntegrityError("the weights do not fit the description of the model", where=str(file)) from error


def _save(tensors: dict[str, torch.Tensor], file: Path) -> None:
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}, file)


def _load(file: Path) -> dict[str, torch.Tensor]:
    try:
        tensors: dict[str, torch.Tensor] = load_file(file)
    except (OSError, SafetensorError) as error:
        raise IntegrityError("the weights are missing or damaged", where=str(file)) from error
    return tensors
