"""Small generated worlds: solutions of every input kind and every kind of answer, with data that can be learned.

One hidden number decides all: words speak of it, numbers and categories carry it with noise, and every kind of answer
is read off it. A model that reads nothing scores visibly worse.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import torch

from platform_core.sdk import (
    CardNotes,
    Cells,
    ClassTarget,
    Columns,
    Example,
    LabelsTarget,
    NonBlank,
    NumberTarget,
    OrdinalTarget,
    Recipe,
    Sample,
    Solution,
    TableSettings,
    Target,
    TargetValue,
    Text,
)
from platform_core.sdk.adapters import TableAdapter

Kind = Literal["text", "table", "mixed"]
Answer = Literal["binary", "multiclass", "ordinal", "multilabel", "regression"]

KINDS: tuple[Kind, ...] = ("text", "table", "mixed")
ANSWERS: tuple[Answer, ...] = ("binary", "multiclass", "ordinal", "multilabel", "regression")

_WORDS = (
    ("awful", "broken", "ruined", "failed"),
    ("weak", "slow", "late", "poor"),
    ("fair", "plain", "usual", "steady"),
    ("strong", "quick", "bright", "superb"),
)
_FILLERS = ("the", "pump", "report", "order", "team", "said", "in", "april", "valve", "line", "was", "again")
_LEVELS = ("minor", "moderate", "serious", "critical")


class TextOnly(Example):
    """A sentence."""

    text: Annotated[NonBlank, Text()]


class TableOnly(Example):
    """A row of a table."""

    columns: Annotated[Cells, Columns()]


class TextAndTable(Example):
    """A sentence and a row of a table."""

    text: Annotated[NonBlank, Text()]
    columns: Annotated[Cells, Columns()]


_EXAMPLES: Mapping[Kind, type[Example]] = {"text": TextOnly, "table": TableOnly, "mixed": TextAndTable}
_TARGETS: Mapping[Answer, Target] = {
    "binary": ClassTarget(positive=("bad",)),
    "multiclass": ClassTarget(order=("low", "middle", "high")),
    "ordinal": OrdinalTarget(order=_LEVELS[::-1], severe="first"),
    "multilabel": LabelsTarget(order=("cold", "warm", "extreme")),
    "regression": NumberTarget(unit="points"),
}
_HEADS: Mapping[Answer, str] = {
    "binary": "BinaryHead",
    "multiclass": "ClassificationHead",
    "ordinal": "OrdinalHead",
    "multilabel": "MultiLabelHead",
    "regression": "RegressionHead",
}
_METRICS: Mapping[Answer, str] = {
    "binary": "average_precision",
    "multiclass": "macro_f1",
    "ordinal": "qwk",
    "multilabel": "micro_f1",
    "regression": "r2",
}
_SMALL_TABLE = TableSettings(width=32, embedding=8, layers=2, bins=12)


def make_solution(kind: Kind, answer: Answer, *, encoder: str = "minilm", **changes: Any) -> Solution:
    """Return a solution that reads ``kind`` and gives ``answer``; ``changes`` replace values of every recipe."""
    common = {"encoder": encoder, "max_tokens": 16, "batch_size": 32, "table": _SMALL_TABLE, "patience": 50} | changes
    members = {"text": ("linear",), "table": ("lightgbm", "linear", "network"), "mixed": ("linear", "network")}[kind]
    if answer == "multilabel":
        members = tuple(m for m in members if m != "lightgbm")
    # The tiny encoder knows nothing: its head needs longer steps than a pretrained one's.
    head = {"epochs": 40, "learning_rate": 3e-2} if kind == "text" else {"epochs": 25, "learning_rate": 1e-2}
    recipes = {
        "head": Recipe(**head | common),
        "fit": Recipe(**{"epochs": 25, "learning_rate": 1e-2, "members": members} | common),
        "lora": Recipe(**{"epochs": 10, "learning_rate": 1e-2} | common),
        "full": Recipe(**{"epochs": 8, "learning_rate": 3e-3} | common),
    }
    if kind == "table":
        recipes = {"head": recipes["head"], "fit": recipes["fit"]}
    return Solution(
        id=f"world.{kind}_{answer}",
        title=f"{kind} to {answer}",
        summary="Generated data for tests.",
        example=_EXAMPLES[kind],
        target=_TARGETS[answer],
        adapters=(TableAdapter(),),
        head=f"platform_core.sdk.heads:{_HEADS[answer]}",
        recipes=recipes,  # type: ignore[arg-type]
        default_method="head",
        primary_metric=_METRICS[answer],
        sample=Sample(write=lambda folder: None, description="Generated sample data.", requests=()),
        notes=CardNotes(intended_use="Tests."),
    )


def make_rows(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return rows with ``text``, ``columns`` and ``z``, the hidden number in (0, 1)."""
    rng = random.Random(seed)
    rows = []
    for _ in range(count):
        z = rng.random()
        words = [rng.choice(_WORDS[min(3, int(z * 4))]) for _ in range(2)] + rng.choices(_FILLERS, k=rng.randint(3, 9))
        rng.shuffle(words)
        columns: dict[str, float | str | None] = {
            "heat": 20 + 60 * z + rng.gauss(0, 6),
            "load": math.exp(2 * z + rng.gauss(0, 0.4)) if rng.random() > 0.1 else None,
            "noise": rng.gauss(0, 1),
            "grade": "ABCD"[min(3, int(z * 4))] if rng.random() > 0.2 else rng.choice("ABCD"),
            "site": rng.choice(("north", "south", "east")),
        }
        rows.append({"text": " ".join(words), "columns": columns, "z": z})
    return rows


def make_examples(kind: Kind, rows: Sequence[Mapping[str, Any]]) -> list[Example]:
    """Return the rows as examples of a kind."""
    fields = {"text": ("text",), "table": ("columns",), "mixed": ("text", "columns")}[kind]
    return [_EXAMPLES[kind].model_validate({name: row[name] for name in fields}) for row in rows]


def make_targets(answer: Answer, rows: Sequence[Mapping[str, Any]]) -> list[TargetValue]:
    """Return what is to be answered for each row."""
    return [_target(answer, row["z"]) for row in rows]


def labels_of(answer: Answer) -> tuple[str, ...]:
    """Return the labels of an answer in order; none for numbers."""
    return {"binary": ("bad", "good")}.get(answer) or _TARGETS[answer].order


def _target(answer: Answer, z: float) -> TargetValue:
    match answer:
        case "binary":
            return "bad" if z < 0.25 else "good"
        case "multiclass":
            return ("low", "middle", "high")[min(2, int(z * 3))]
        case "ordinal":
            return _LEVELS[min(3, int(z * 4))]
        case "multilabel":
            given = {"cold": z < 0.5, "warm": z > 0.4, "extreme": z < 0.2 or z > 0.8}
            return tuple(sorted(label for label, is_given in given.items() if is_given))
        case "regression":
            return 100 * z - 20


def write_encoder(folder: Path) -> str:
    """Write a transformers encoder of 20,000 random weights that knows the words; return its reference."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    words = [*sorted({word for level in _WORDS for word in level}), *_FILLERS]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    BertTokenizerFast(vocab={word: i for i, word in enumerate(vocabulary)}).save_pretrained(folder)
    return str(folder)
