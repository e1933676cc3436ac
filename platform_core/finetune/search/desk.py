"""Where the trainings of a search take place: one after the other, on the same data and cached features.

They are those of ordinary runs, with the same seed, so that what a search found is what its run then makes; but
nothing of them stays.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from platform_core.finetune.learning import Learned, Watch, learn
from platform_core.finetune.loop.estimate import Estimate
from platform_core.finetune.material import Material, Rows, describe_model
from platform_core.finetune.methods import Bench, fill_cache, frozen_features, is_frozen, reads_features
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.workshop import Workshop, gather
from platform_core.modeling.artifact import Artifact
from platform_core.modeling.hardware import choose_precision
from platform_core.modeling.rows import has_text
from platform_core.sdk import Interrupted, Method, Progress, Recipe, Silent, TrainingFailed, UsageError

_ROWS_AT_ONCE = 8192
_MEMORY = Path("/dev/shm")  # noqa: S108
"""Where there is such a file system, small states that nobody keeps need not wait for a disk."""


@dataclass(frozen=True)
class Desk:
    """What all trainings of a search share.

    Attributes:
        base: the run that is prepared: its data, its seed, its recipe.
        shop: the rooms that it needs.
        progress: is told how it goes.
        stop: whether somebody wants it to end.
    """

    base: Material
    shop: Workshop
    progress: Progress
    stop: Callable[[], bool]

    @classmethod
    def of(cls, shop: Workshop, spec: RunSpec, progress: Progress, stop: Callable[[], bool]) -> Desk:
        """Gather the data of the run that ``spec`` describes."""
        return cls(gather(shop, "", spec, progress), shop, progress, stop)

    @property
    def metric(self) -> str:
        """The solution's primary metric."""
        return self.base.solution.primary_metric

    @property
    def writing(self) -> Callable[[], AbstractContextManager[None]]:
        """What is entered to write what stays: it raises `DataChanged` where rows of the data were erased."""
        return self.shop.guard(self.base.dataset).writing

    def need_validation(self) -> None:
        """Refuse to compare what nothing is compared on.

        Raises:
            UsageError: there is no validation split.
        """
        if not self.base.validation:
            raise UsageError(
                "there is no validation data to compare on",
                where=self.base.dataset.ref,
                hint="give --split a validation part, or let 'verticore tune' compare over folds: --cv 5",
            )

    def material(
        self, method: Method, recipe: Recipe, training: Rows | None = None, validation: Rows | None = None
    ) -> Material:
        """Return what a training works on.

        Args:
            method: how it learns.
            recipe: its values.
            training: its rows; the training split if left out.
            validation: the rows that pick its best epoch; the validation split if ``training`` is left out.
        """
        base = self.base
        spec = base.spec.model_copy(update={"method": method, "recipe": recipe})
        splits = base.splits
        if training is not None:
            splits = {"train": training, "validation": validation or [], "test": []}
        encoder = self.shop.encoders.locate(recipe.encoder) if has_text(base.solution.example) else None
        model = describe_model(spec, base.solution, base.dataset, splits, encoder)
        return replace(base, spec=spec, splits=splits, model=model)

    def warm_up(self, material: Material) -> None:
        """Put the features of frozen encoders into the cache, telling how it goes: the trainings are silent."""
        fill_cache(material, self._bench(material, self.progress))

    def learn(
        self,
        material: Material,
        *,
        on_epoch: Callable[[Sequence[dict[str, float]]], None] = lambda _: None,
        on_estimate: Callable[[Estimate], None] | None = None,
        stop: Callable[[], bool] | None = None,
        progress: Progress | None = None,
        checkpoints: Path | None = None,
    ) -> Learned:
        """Train.

        Args:
            material: what to work on.
            on_epoch: is given the history after every epoch; what it raises ends the training.
            on_estimate: is given the estimate before the first step of a loop; what it raises ends the training.
            stop: asked after every step, beside the desk's own.
            progress: is told how it goes; nobody if left out.
            checkpoints: where the state is kept, and found by a later call; if left out, nothing stays.

        Raises:
            Interrupted: somebody wanted it to end.
            TrainingFailed: it cannot go on, or the metric is undefined on the validation split.
            DataChanged: rows of the data were erased.
        """
        self.shop.guard(self.base.dataset).check()
        small = _has_small_steps(material)
        with TemporaryDirectory(prefix="verticore-", dir=_MEMORY if small and _MEMORY.is_dir() else None) as folder:
            watch = Watch(
                checkpoints or Path(folder),
                on_epoch=on_epoch,
                on_estimate=on_estimate,
                stop_requested=lambda: self.stop() or (stop is not None and stop()),
            )
            with _threads(1 if small else torch.get_num_threads()):
                learned = learn(material, self._bench(material, progress or Silent()), watch)
        self.shop.guard(self.base.dataset).check()
        if self.stop():
            raise Interrupted("stopped on request")
        if learned.score is not None and math.isnan(learned.score):
            raise TrainingFailed(f"{self.metric} is undefined on the validation data")
        return learned

    def scores(self, artifact: Artifact, material: Material, rows: Rows) -> np.ndarray:
        """Return the raw scores of other rows by what was learned, float32 [rows, …]; frozen features are cached."""
        tail = artifact.tail.eval()
        if not is_frozen(material, tail):
            return self.shop.encoders.load(artifact).score_examples([e.example for e in rows])
        tail.cpu()
        held = replace(material, splits={"train": rows, "validation": [], "test": []})
        features = frozen_features(held, self._bench(material, Silent()))
        found = []
        with torch.inference_mode():
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                part = {name: tensor[start : start + _ROWS_AT_ONCE] for name, tensor in features.items()}
                found.append(tail.head.scores(tail(part)))
        return torch.cat(found).numpy()

    def digest(self, **more: Any) -> str:
        """Return a word that is the same for the same data, recipe and seed, and for the same ``more``, JSON types."""
        spec = self.base.spec
        content = {
            "dataset": self.base.dataset.digest,
            "recipe": spec.recipe.model_dump(mode="json"),
            "seed": spec.seed,
            **more,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def _bench(self, material: Material, progress: Progress) -> Bench:
        precision = choose_precision(material.spec.recipe.precision, self.shop.encoders.device)
        return Bench(self.shop.encoders, self.shop.cache, precision, progress, writing=self.writing)


def _has_small_steps(material: Material) -> bool:
    """Tell whether a step takes so little that all around it counts: a head on vectors of texts."""
    return material.spec.method == "head" and material.model.table is None and reads_features(material)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """Compute with so many threads; in small steps, several mostly wait for each other, above all beside other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
