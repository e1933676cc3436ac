"""Learning in a generated world without workspace, database or files of data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.records import LabeledExample
from platform_core.finetune.learning import Learned, Watch, learn
from platform_core.finetune.material import Material, describe_model
from platform_core.finetune.methods import Bench
from platform_core.finetune.schemas import RunSpec
from platform_core.modeling.artifact import load_artifact, save_artifact
from platform_core.modeling.model import Model
from platform_core.modeling.pool import EncoderPool
from platform_core.sdk import Method, Place, Silent
from worlds import Answer, Kind, labels_of, make_examples, make_rows, make_solution, make_targets

PARTS = {"train": 0.6, "validation": 0.2, "test": 0.2}


@dataclass
class World:
    """A place to learn in.

    Attributes:
        folder: for caches, checkpoints and models.
        encoder: reference of the encoder of texts.
    """

    folder: Path
    encoder: str

    def __post_init__(self) -> None:
        self.pool = EncoderPool(device="cpu")

    def material(
        self,
        kind: Kind,
        answer: Answer,
        method: Method,
        *,
        rows: int = 600,
        seed: int = 0,
        edit: Callable[[LabeledExample], LabeledExample | None] = lambda row: row,
        **changes: Any,
    ) -> Material:
        """Return what a run of ``method`` works on.

        Args:
            kind: of input.
            answer: kind of target.
            method: how it learns.
            rows: how many are made.
            seed: of the run.
            edit: changes a row, or leaves it out.
            changes: replace values of the recipe.
        """
        solution = make_solution(kind, answer, encoder=self.encoder, **changes)
        made = make_rows(rows)
        cuts = (PARTS["train"] * rows, (PARTS["train"] + PARTS["validation"]) * rows)
        names = ["train" if i < cuts[0] else "validation" if i < cuts[1] else "test" for i in range(rows)]
        labelled = [
            LabeledExample(example, target, name, None, Place("rows", i + 1))
            for i, (example, target, name) in enumerate(
                zip(make_examples(kind, made), make_targets(answer, made), names, strict=True)
            )
        ]
        edited = [row for row in map(edit, labelled) if row is not None]
        splits = {name: [row for row in edited if row.split == name] for name in PARTS}
        spec = RunSpec(
            solution=solution.id, model="m", dataset_id="d", method=method, recipe=solution.recipes[method], seed=seed
        )
        dataset = _dataset(solution.id, rows, labels_of(answer))
        files = self.pool.locate(self.encoder) if kind != "table" else None
        model = describe_model(spec, solution, dataset, splits, files)
        return Material("run", spec, solution, dataset, splits, model)

    def learn(self, material: Material, name: str, **watch: Any) -> Learned:
        """Learn, with checkpoints under ``name``."""
        bench = Bench(self.pool, self.folder / "cache", "fp32", Silent())
        return learn(material, bench, Watch(self.folder / "checkpoints" / name, **watch))

    def save_and_load(self, learned: Learned, material: Material, name: str) -> Model:
        """Save what was learned, and load it as serving does."""
        folder = self.folder / "models" / name
        folder.mkdir(parents=True)
        save_artifact(learned.artifact, folder)
        return self.pool.load(load_artifact(folder, head=material.solution.head), material.solution)


def _dataset(solution: str, rows: int, labels: tuple[str, ...]) -> DatasetInfo:
    return DatasetInfo(
        id="d",
        name="d",
        number=1,
        solution=solution,
        rows=rows,
        splits={name: round(share * rows) for name, share in PARTS.items()},
        labels=list(labels),
        statistics={},
        provenance={},
        warnings=[],
        adapter="table",
        mapping={},
        options={},
        digest="0" * 64,
        storage_key="",
        created_at=datetime.now(UTC),
    )
