"""Many models on one encoder, made without training: what serving costs does not depend on what they learned."""

from __future__ import annotations

from pathlib import Path

import torch

from platform_core.modeling.artifact import Artifact, build_tail, head_spec, load_artifact, save_artifact
from platform_core.modeling.delta import LoraDelta
from platform_core.modeling.hardware import Precision
from platform_core.platform import Platform

LABELS = ("negative", "neutral", "positive", "mixed", "unclear", "other", "none")
LAYERS = ("query", "key", "value", "attention_output", "intermediate", "output")


def register_fleet(
    platform: Platform,
    parent: str,
    names: str,
    count: int,
    folder: Path,
    *,
    rank: int | None,
    precision: Precision = "fp32",
) -> list[str]:
    """Register models of 2 to 7 labels with random weights; return their references.

    Args:
        platform: where.
        parent: a model of text whose solution and encoder they have.
        names: what they are called, with a number behind.
        count: how many.
        folder: where their files are written first.
        rank: of their deltas on all linear layers; ``None``: heads alone.
        precision: in which their encoder is asked.
    """
    version = platform.registry.resolve(parent)
    solution = platform.plugins.solution(version.solution)
    spec = load_artifact(platform.registry.folder(version), head=solution.head).spec
    encoder = platform.encoders.fresh(version.encoder)
    layers = {name: encoder.module.get_submodule(name) for name in encoder.layers_for(LAYERS)}
    references = []
    for number in range(count):
        generator = torch.Generator().manual_seed(number)
        head = spec.head.model_copy(update={"labels": LABELS[: 2 + number % 6]})
        own = spec.model_copy(update={"head": head, "method": "lora" if rank else "head", "precision": precision})
        tail = build_tail(own, head_spec(head))
        delta = None
        if rank:
            delta = LoraDelta(
                {
                    name: (
                        torch.randn(rank, layer.in_features, generator=generator) * 0.02,
                        torch.randn(layer.out_features, rank, generator=generator) * 0.02,
                    )
                    for name, layer in layers.items()
                }
            )
        files = folder / f"{names}-{number}"
        files.mkdir(parents=True)
        save_artifact(Artifact(own, tail, delta), files)
        made = platform.registry.register(
            name=f"{names}-{number}",
            solution=version.solution,
            folder=files,
            method=own.method,
            encoder=version.encoder,
            encoder_fingerprint=version.encoder_fingerprint,
            metrics={},
            lineage={},
        )
        references.append(made.ref)
    return references
