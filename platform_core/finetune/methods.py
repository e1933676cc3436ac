"""The methods: what is trained, on which inputs, and how the result becomes a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from platform_core.finetune.loop.group import Group
from platform_core.finetune.material import Material
from platform_core.finetune.networks import EncoderNetwork, FeatureInputs, Inputs, Network, TokenInputs
from platform_core.finetune.warm_start import begin_encoder, begin_tail
from platform_core.modeling.artifact import Artifact, build_tail
from platform_core.modeling.delta import extract_delta, halve_frozen_layers, inject_trainable_delta
from platform_core.modeling.features import cached_features
from platform_core.modeling.hardware import Precision, half_type
from platform_core.modeling.mixture import Tail
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.rows import texts_of
from platform_core.sdk import Progress


@dataclass(frozen=True)
class Bench:
    """Where a run computes.

    Attributes:
        encoders: where encoders are found.
        cache: folder of the tenant's feature caches.
        precision: of the matrix products.
        progress: is told how it goes.
        group: the processes that train together.
        writing: is entered to write features.
    """

    encoders: EncoderPool
    cache: Path
    precision: Precision
    progress: Progress
    group: Group = field(default_factory=Group)
    writing: Callable[[], AbstractContextManager[None]] = nullcontext


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


def prepare(material: Material, bench: Bench, features: Mapping[str, Tensor] | None = None) -> Prepared:
    """Prepare the method that the run asks for, with weights initialised from its seed.

    Args:
        material: what the run works on.
        bench: where it computes.
        features: those that :func:`frozen_features` would return, where they are known.
    """
    torch.manual_seed(material.spec.seed)
    tail = _build_tail(material)
    if material.parent is not None:
        begin_tail(tail, material.model, material.parent, bench.progress)
    if is_frozen(material, tail):
        return _on_features(material, frozen_features(material, bench) if features is None else features, tail)
    return _with_encoder(material, bench, tail)


def fill_cache(material: Material, bench: Bench) -> None:
    """Compute the features that :func:`prepare` will read, if any, before processes that share the work need them."""
    if reads_features(material):
        frozen_features(material, bench)


def reads_features(material: Material) -> bool:
    """Tell whether the training of ``material`` reads features that are computed once."""
    return is_frozen(material, _build_tail(material))


def _build_tail(material: Material) -> Tail:
    return build_tail(material.model, material.head_spec())


def is_frozen(material: Material, tail: Tail) -> bool:
    """Tell whether all that comes before ``tail`` stays as it is, so that its features are computed once."""
    return material.model.encoder is None or (material.spec.method in ("head", "fit") and not tail.reads_tokens)


def _on_features(material: Material, features: Mapping[str, Tensor], tail: Tail) -> Prepared:
    cut = len(material.training)
    return Prepared(
        Network(tail),
        FeatureInputs(_cut(features, slice(cut))),
        FeatureInputs(_cut(features, slice(cut, None))),
        lambda: Artifact(material.model, tail),
    )


def frozen_features(material: Material, bench: Bench) -> dict[str, Tensor]:
    """Return what frozen encoders and the table give, [examples, …]: the training split, then the validation split."""
    features = _table_of(material)
    if material.model.encoder is not None:
        vectors = cached_features(
            bench.encoders,
            material.model.encoder,
            material.examples(),
            cache=bench.cache,
            precision=bench.precision,
            progress=bench.progress,
            writing=bench.writing,
        )
        features["text"] = torch.from_numpy(vectors)
    return features


def _table_of(material: Material) -> dict[str, Tensor]:
    if material.model.table is None:
        return {}
    rows = material.model.table.columns.encode(material.examples())
    return {"numbers": torch.from_numpy(rows.numbers), "categories": torch.from_numpy(rows.categories)}


def _with_encoder(material: Material, bench: Bench, tail: Tail) -> Prepared:
    bench.progress.stage("loading the encoder")
    recipe, method = material.spec.recipe, material.spec.method
    encoder = bench.encoders.fresh(recipe.encoder)
    if method == "lora":
        layers = encoder.layers_for(recipe.lora_targets)
        inject_trainable_delta(encoder.module, layers, recipe.lora_rank, recipe.lora_alpha)
    elif method != "full":
        encoder.module.requires_grad_(False)
    if material.parent is not None:
        begin_encoder(encoder.module, method, material.parent)
    half = half_type(bench.precision)
    if method != "full" and half is not None:
        halve_frozen_layers(encoder.module, half)
    ids = encoder.tokenize(texts_of(material.examples()), recipe.max_tokens)
    encoder.prepare_training(bench.encoders.device, max(map(len, ids)))
    cut = len(material.training)
    table = _table_of(material)

    def take() -> Artifact:
        if method == "lora":
            return Artifact(material.model, tail, delta=extract_delta(encoder.module))
        weights = dict(encoder.module.state_dict()) if method == "full" else None
        return Artifact(material.model, tail, encoder_weights=weights)

    def inputs(part: slice) -> TokenInputs:
        return TokenInputs(encoder, ids[part], _cut(table, part))

    return Prepared(EncoderNetwork(encoder.module, tail), inputs(slice(cut)), inputs(slice(cut, None)), take)


def _cut(features: Mapping[str, Tensor], part: slice) -> dict[str, Tensor]:
    return {name: tensor[part] for name, tensor in features.items()}
