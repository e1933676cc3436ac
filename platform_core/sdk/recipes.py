"""Recipes: the hyper-parameters of a fine-tune."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Method = Literal["head", "lora", "full", "fit"]
"""How a model learns: the head alone, a low-rank delta, all weights, or in closed form."""

LoraTarget = Literal["query", "key", "value", "attention_output", "intermediate", "output"]
"""A kind of linear layer of a transformer block."""


class Recipe(BaseModel):
    """The hyper-parameters of one method. ``--set name=value`` changes any of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: str = Field("minilm", description="Encoder reference: a packaged name, a path, or a hub id.")
    epochs: int = Field(4, ge=1, le=1000, description="Passes over the training split.")
    batch_size: int = Field(32, ge=1, le=4096, description="Examples per optimisation step.")
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Peak rate of AdamW.")
    head_learning_rate: float | None = Field(None, gt=0, le=10, description="Rate of the head; as the rest if unset.")
    weight_decay: float = Field(0.01, ge=0, le=1, description="Decoupled weight decay.")
    warmup: float = Field(0.1, ge=0, le=1, description="Part of all steps in which the rate rises linearly.")
    clip_norm: float = Field(1.0, gt=0, description="Gradients are scaled down to this norm.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout before the head.")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="Part of the target given to all classes alike.")
    class_weights: Literal["auto", "none"] = Field(
        "auto", description="auto: weigh rare classes up when the largest has over 1.5 times the smallest."
    )
    patience: int = Field(3, ge=1, description="Stop after this many epochs without a better validation score.")
    max_tokens: int = Field(128, ge=8, le=8192, description="Longer texts are cut to this many tokens.")
    lora_rank: int = Field(8, ge=1, le=256, description="Rank of the low-rank delta.")
    lora_alpha: float = Field(16.0, gt=0, description="Scale of the delta; the factor is alpha / rank.")
    lora_targets: tuple[LoraTarget, ...] = Field(
        ("query", "key", "value", "attention_output", "intermediate", "output"),
        description="Layers that get a delta.",
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="auto: bf16 where the hardware multiplies it natively."
    )
