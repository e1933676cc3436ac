"""Recipes: the hyper-parameters of a fine-tune."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Method = Literal["head", "lora", "full", "fit"]
"""How a model learns: the head alone, a low-rank delta, all weights, or in closed form."""

LoraTarget = Literal["query", "key", "value", "attention_output", "intermediate", "output"]
"""A kind of linear layer of a transformer block."""


FitMember = Literal["lightgbm", "linear", "network"]
"""A head that method ``fit`` can fit: boosted trees, a regularised linear probe, or the solution's head in the loop."""


@dataclass(frozen=True, kw_only=True)
class FloatRange:
    """Numbers from ``low`` to ``high``; ``log`` spreads them evenly over orders of magnitude."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class IntRange:
    """Whole numbers from ``low`` to ``high``; ``log`` spreads them evenly over orders of magnitude."""

    low: int
    high: int
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of some values."""

    options: tuple[str | float | int | bool | None, ...]


Range = FloatRange | IntRange | Choice
"""What a search may put in the place of one recipe value; the key is its name, dotted inside groups."""


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableSettings(_Group):
    """The network that reads tables (Gorishniy et al. 2022, "On Embeddings for Numerical Features")."""

    numbers: Literal["piecewise", "periodic", "plain"] = Field(
        "piecewise", description="Embedding of numbers: piecewise-linear over quantiles, periodic, or as they are."
    )
    bins: int = Field(24, ge=2, le=256, description="Quantile bins of the piecewise-linear embedding.")
    embedding: int = Field(12, ge=1, le=256, description="Size of the embedding of each column.")
    width: int = Field(192, ge=8, le=4096, description="Width of the hidden layers.")
    layers: int = Field(2, ge=1, le=16, description="Hidden layers.")
    dropout: float = Field(0.15, ge=0, lt=1, description="Dropout between hidden layers.")
    rare: int = Field(3, ge=1, description="Categories seen less often count as unseen.")


class BoostingSettings(_Group):
    """LightGBM, member ``lightgbm`` of method ``fit``."""

    rounds: int = Field(1000, ge=1, le=100_000, description="Most trees; validation data stops earlier.")
    learning_rate: float = Field(0.03, gt=0, le=1, description="Part of each tree that is kept.")
    leaves: int = Field(15, ge=2, le=4096, description="Leaves of a tree.")
    least_in_leaf: int = Field(10, ge=1, description="Fewest examples of a leaf.")
    columns: float = Field(0.8, gt=0, le=1, description="Part of the columns that each tree may use.")
    rows: float = Field(0.8, gt=0, le=1, description="Part of the rows that each tree sees.")
    l2: float = Field(1.0, ge=0, description="L2 penalty on leaf values.")
    patience: int = Field(80, ge=1, description="Stop after this many trees without a better validation loss.")
    one_hot: int = Field(
        64, ge=1, le=1000, description="Columns with at most so many categories are split one against the rest."
    )
    least_in_category: int = Field(100, ge=1, description="Fewest examples of a category that splits by sets use.")
    category_smoothing: float = Field(10.0, ge=0, description="Pull of rare categories to the middle in such splits.")
    category_l2: float = Field(10.0, ge=0, description="L2 penalty on leaf values of such splits.")


class Recipe(BaseModel):
    """The hyper-parameters of one method. ``--set name=value`` changes any of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: str = Field("minilm", description="Encoder reference: a packaged name, a path, or a hub id.")
    epochs: int = Field(4, ge=1, le=1000, description="Passes over the training split.")
    batch_size: int = Field(32, ge=1, le=65536, description="Examples per optimisation step.")
    batch_tokens: int | None = Field(
        None, ge=16, description="Most padded tokens in one pass; a larger batch is computed in parts."
    )
    learning_rate: float = Field(1e-3, gt=0, le=10, description="Peak rate of AdamW.")
    head_learning_rate: float | None = Field(None, gt=0, le=10, description="Rate of the head; as the rest if unset.")
    weight_decay: float = Field(0.01, ge=0, le=1, description="Decoupled weight decay.")
    warmup: float = Field(0.1, ge=0, le=1, description="Part of all steps in which the rate rises linearly.")
    clip_norm: float = Field(1.0, gt=0, description="Gradients are scaled down to this norm.")
    dropout: float = Field(0.1, ge=0, lt=1, description="Dropout before the head.")
    loss: Literal["cross_entropy", "focal"] = Field(
        "cross_entropy", description="focal: easy examples count less (Lin et al. 2017)."
    )
    focal_gamma: float = Field(2.0, ge=0, le=10, description="How much less.")
    label_smoothing: float = Field(0.0, ge=0, lt=1, description="Part of the target given to all classes alike.")
    class_weights: Literal["auto", "none"] = Field(
        "auto", description="auto: weigh rare classes up when the largest has over 1.5 times the smallest."
    )
    patience: int = Field(3, ge=1, description="Stop after this many epochs without a better validation score.")
    averaging: float = Field(
        0.0, ge=0, lt=1, description="Decay per step of the running average of weights that is kept; 0: none."
    )
    max_tokens: int = Field(128, ge=8, le=8192, description="Longer texts are cut to this many tokens.")
    lora_rank: int = Field(8, ge=1, le=256, description="Rank of the low-rank delta.")
    lora_alpha: float = Field(16.0, gt=0, description="Scale of the delta; the factor is alpha / rank.")
    lora_targets: tuple[LoraTarget, ...] = Field(
        ("query", "key", "value", "attention_output", "intermediate", "output"),
        description="Layers that get a delta.",
    )
    precision: Literal["auto", "fp32", "tf32", "bf16", "fp16"] = Field(
        "auto", description="auto: bf16 where the hardware multiplies it natively, else fp16 on GPUs, else fp32."
    )
    compile: Literal["auto", "on", "off"] = Field(
        "auto", description="torch.compile; auto: on GPUs, where the run is long enough to gain."
    )
    fusion: Literal["concat", "attend"] = Field(
        "concat", description="How features of several encoders become one: side by side, or by attention."
    )
    table: TableSettings = Field(TableSettings(), description="The network that reads tables.")
    members: tuple[FitMember, ...] = Field(
        ("linear",), min_length=1, description="Heads of method fit; several are blended, weighted on validation."
    )
    folds: int = Field(
        1,
        ge=1,
        le=20,
        description="Method fit: training and validation examples are cut into so many parts; members are fitted once "
        "without each part, and answer together. 1: fitted once, to the training examples.",
    )
    boosting: BoostingSettings = Field(BoostingSettings(), description="LightGBM, for method fit.")
