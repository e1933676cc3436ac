"""The methods: what is trained, on which inputs, and how the result becomes a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from platform_core.finetune.material import Material
from platform_core.finetune.networks import EncoderNetwork, FeatureInputs, Inputs, Network, TokenInputs
from platform_core.modeling.artifact import Artifact, build_head
from platform_core.modeling.delta import extract_delta, halve_frozen_layers, inject_trainable_delta
from platform_core.modeling.features import cached_features
from platform_core.modeling.hardware import Precision
from platform_core.modeling.model import EncoderPool, texts_of
from platform_core.sdk import Progress


@dataclass(frozen=True)
class Prepared:
    """What the loop needs, and what to do when it is done.

    Attributes:
        network: what is trained.
        training: inputs of the training split.
        validation: inputs of the validation split.
        take: returns the trained model's artifact.
    """

    network: Network
    training: Inputs
    validation: Inputs
    take: Callable[[], Artifact]


def prepare(
    material: Material, encoders: EncoderPool, *, cache: Path, precision: Precision, progress: Progress
) -> Prepared:
    """Prepare the method that the run asks for, with weights initialised from its seed."""
    torch.manual_seed(material.spec.seed)
    if material.spec.method == "head":
        return _prepare_head(material, encoders, cache, precision, progress)
    return _prepare_encoder(material, encoders, precision, progress)


def _prepare_head(
    material: Material, encoders: EncoderPool, cache: Path, precision: Precision, progress: Progress
) -> Prepared:
    head = build_head(material.model.head, material.head_spec())
    vectors = cached_features(
        encoders, material.model, material.examples(), cache=cache, precision=precision, progress=progress
    )
    cut = len(material.training)
    return Prepared(
        Network(head),
        FeatureInputs(vectors[:cut]),
        FeatureInputs(vectors[cut:]),
        lambda: Artifact(material.model, head),
    )


def _prepare_encoder(material: Material, encoders: EncoderPool, precision: Precision, progress: Progress) -> Prepared:
    progress.stage("loading the encoder")
    recipe, method = material.spec.recipe, material.spec.method
    encoder = encoders.fresh(recipe.encoder)
    head = build_head(material.model.head, material.head_spec())
    if method == "lora":
        layers = encoder.layers_for(recipe.lora_targets)
        inject_trainable_delta(encoder.module, layers, recipe.lora_rank, recipe.lora_alpha)
        if precision == "bf16":
            halve_frozen_layers(encoder.module)
    ids = encoder.tokenize(texts_of(material.examples()), material.model.max_tokens)
    encoder.prepare_training(encoders.device, max(map(len, ids)))
    cut = len(material.training)

    def take() -> Artifact:
        if method == "lora":
            return Artifact(material.model, head, delta=extract_delta(encoder.module))
        return Artifact(material.model, head, encoder_weights=dict(encoder.module.state_dict()))

    inputs = TokenInputs(encoder, ids[:cut]), TokenInputs(encoder, ids[cut:])
    return Prepared(EncoderNetwork(encoder.module, head), *inputs, take)
