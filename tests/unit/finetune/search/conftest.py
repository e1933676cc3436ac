"""Desks on small generated data: a table, and texts with a tiny encoder."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import pytest

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.records import LabeledExample
from platform_core.finetune.material import Material, describe_model
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.search.desk import Desk
from platform_core.modeling.pool import EncoderPool
from platform_core.modeling.rows import has_text
from platform_core.sdk import (
    CardNotes,
    Category,
    ClassTarget,
    Example,
    Number,
    NumberTarget,
    Place,
    Recipe,
    Sample,
    Silent,
    Solution,
    Text,
)

WORDS = {"up": "profit rose strongly", "down": "loss widened badly", "flat": "report was published"}
NOUNS = ("sales", "orders", "income", "margin", "costs", "volume", "prices", "group")
TIMES = ("january", "april", "july", "october", "december")


class Parcel(Example):
    weight: Annotated[float | None, Number()] = None
    distance: Annotated[float | None, Number()] = None
    town: Annotated[str | None, Category()] = None


class Line(Example):
    text: Annotated[str, Text()]


class Recorder(Silent):
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int | None]] = []
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.numbers: list[dict[str, float]] = []
        self.units = 0

    def stage(self, name: str, total: int | None = None) -> None:
        self.stages.append((name, total))

    def advance(self, units: int = 1, **numbers: float) -> None:
        self.units += units
        self.numbers.append(numbers)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)


def parcels(rows: int) -> list[tuple[Example, str]]:
    """Return parcels that come late when they are heavy or have far to go, mostly."""
    generator = random.Random(0)
    found: list[tuple[Example, str]] = []
    for _ in range(rows):
        weight, distance = generator.gauss(0, 1), generator.gauss(0, 1)
        late = weight + distance + generator.gauss(0, 0.3) > 0
        parcel = Parcel(weight=weight, distance=distance, town=generator.choice(("Turku", "Oslo", "Lima")))
        found.append((parcel, "late" if late else "early"))
    return found


def lines(rows: int) -> list[tuple[Example, str]]:
    """Return lines whose words tell their label, mostly."""
    generator = random.Random(0)
    found: list[tuple[Example, str]] = []
    for number in range(rows):
        label = generator.choice(tuple(WORDS))
        words = f"{generator.choice(NOUNS)} {WORDS[label]} in {generator.choice(TIMES)} {number}"
        found.append((Line(text=words), label if generator.random() > 0.1 else generator.choice(tuple(WORDS))))
    return found


def toy(example: type[Example], target: Any, head: str, metric: str, recipes: dict[str, Recipe]) -> Solution:
    return Solution(
        id="toy.thing",
        title="Things",
        summary="Things.",
        example=example,
        target=target,
        adapters=(),
        head=f"platform_core.sdk.heads:{head}",
        recipes=recipes,  # type: ignore[arg-type]
        default_method="head",
        primary_metric=metric,
        sample=Sample(write=lambda folder: None, description="", requests=()),
        notes=CardNotes(intended_use="tests"),
    )


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A transformers encoder of a few thousand weights that knows the words of the lines."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    words = sorted({*" ".join(WORDS.values()).split(), *NOUNS, *TIMES, "in"})
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


@pytest.fixture
def make_desk(tmp_path: Path, encoder: str) -> Callable[..., Desk]:
    """Return a function that makes desks; the last fifth of the rows are the test split, or as told."""

    def make(
        kind: str = "table",
        *,
        rows: int = 200,
        parts: tuple[float, float] = (0.6, 0.2),
        groups: Callable[[int], str | None] = lambda row: None,
        times: bool = False,
        stop: Callable[[], bool] = lambda: False,
        head: str = "BinaryHead",
        metric: str = "accuracy",
        **settings: Any,
    ) -> Desk:
        recipe = Recipe(encoder=encoder, epochs=3, learning_rate=0.02, batch_size=32, precision="fp32")
        recipe = recipe.model_copy(update=settings)
        recipes = dict.fromkeys(("head", "lora", "full", "fit") if kind == "text" else ("head", "fit"), recipe)
        if kind == "text":
            pairs, solution = lines(rows), toy(Line, ClassTarget(), "ClassificationHead", metric, recipes)
        elif metric == "mae":
            pairs = [(example, float(example.weight * 3)) for example, _ in parcels(rows)]  # type: ignore[attr-defined]
            solution = toy(Parcel, NumberTarget(), "RegressionHead", metric, recipes)
        else:
            pairs, solution = parcels(rows), toy(Parcel, ClassTarget(), head, metric, recipes)
        first, second = round(parts[0] * rows), round((parts[0] + parts[1]) * rows)
        splits: dict[str, list[LabeledExample]] = {"train": [], "validation": [], "test": []}
        for number, (example, target) in enumerate(pairs):
            split = "train" if number < first else "validation" if number < second else "test"
            moment = f"2020-01-{1 + number % 28:02d}" if times else None
            place = Place("made.csv", number + 1)
            splits[split].append(LabeledExample(example, target, split, groups(number), place, moment))
        labels = sorted({target for _, target in pairs}) if isinstance(pairs[0][1], str) else []
        spec = RunSpec(solution=solution.id, model="m", dataset_id="d", method="head", recipe=recipe, seed=0)
        dataset = made_dataset(rows, labels)
        pool = EncoderPool(device="cpu")
        files = pool.locate(encoder) if has_text(solution.example) else None
        model = describe_model(spec, solution, dataset, splits["train"], files)
        material = Material("", spec, solution, dataset, splits, model)
        shop = SimpleNamespace(encoders=pool, cache=tmp_path / "features")
        return Desk(material, shop, Recorder(), stop)  # type: ignore[arg-type]

    return make


def made_dataset(rows: int, labels: list[str]) -> DatasetInfo:
    return DatasetInfo(
        id="d",
        name="made",
        number=1,
        solution="toy.thing",
        rows=rows,
        splits={},
        labels=labels,
        statistics={},
        provenance={},
        warnings=[],
        adapter="table",
        mapping={},
        options={},
        digest="0" * 64,
        storage_key="",
        created_at=datetime(2026, 1, 1),
    )
