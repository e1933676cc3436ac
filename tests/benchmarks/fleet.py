"""Many models on one encoder, made without training: what serving costs does not depend on what they learned."""

from __future__ import annotations

from pathlib import Path

import torch
from servers import sentences

from platform_core.modeling.artifact import Artifact, build_tail, head_spec, load_artifact, save_artifact
from platform_core.modeling.delta import LoraDelta
from platform_core.modeling.hardware import Precision
from platform_core.platform import Platform

LABELS = ("negative", "neutral", "positive", "mixed", "unclear", "other", "none")
LAYERS = ("query", "key", "value", "attention_output", "intermediate", "output")

PARENT = "parent"


def train_parent(platform: Platform, folder: Path) -> None:
    """Train :data:`PARENT`, a small classifier of three classes: a text that rises is positive, one that falls is not.

    Args:
        platform: where.
        folder: where the file that it learns from is written.
    """
    texts = sentences(400, seed=1)
    labels = ["positive" if "rose" in t else "negative" if "fell" in t else "neutral" for t in texts]
    file = folder / "parent.csv"
    rows = (f"{text},{label}" for text, label in zip(texts, labels, strict=True))
    file.write_text("\n".join(("text,label", *rows)) + "\n", "utf-8")
    platform.train("finance.sentiment", file, name=PARENT, method="head", settings={"epochs": 20})


def register_fleet(
    platform: Platform,
    parent: str,
    names: str,
    count: int,
    folder: Path,
    *,
    rank: int | None,
    precision: Precision = "fp32",
    same_head: bool = False,
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
        same_head: whether they have the parent's labels and head instead.
    """
    version = platform.registry.resolve(parent)
    solution = platform.plugins.solution(version.solution)
    artifact = load_artifact(platform.registry.folder(version), head=solution.head)
    spec = artifact.spec.model_copy(update={"method": "lora" if rank else "head", "precision": precision})
    encoder = platform.encoders.fresh(version.encoder)
    layers = {name: encoder.module.get_submodule(name) for name in encoder.layers_for(LAYERS)}
    references = []
    for number in range(count):
        generator = torch.Generator().manual_seed(number)
        own, tail = spec, artifact.tail
        if not same_head:
            head = spec.head.model_copy(update={"labels": LABELS[: 2 + number % 6]})
            own = spec.model_copy(update={"head": head})
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
