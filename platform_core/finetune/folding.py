"""Learning in folds: each part of a model learns from all rows but one fold, and is judged on that fold alone.

All rows of the training and the validation split are learned from, and each is judged by a part that has not seen it:
blends, calibration and decisions are chosen on those *out-of-fold* scores of all rows, instead of on a small split.
The parts answer together (:class:`~platform_core.sdk.heads.BaggedHead`), which is steadier than each alone.

What rows are made of without looking at their targets is learned once, from all of them: quantiles of numbers and known
categories. Folds pay no heed to time: of dated rows, some parts learn from later ones than they are judged on; the test
split says what that hides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from platform_core.datasets.folds import make_folds
from platform_core.datasets.roles import roles_of
from platform_core.finetune.loop.estimate import Estimate
from platform_core.finetune.loop.loop import LoopResult
from platform_core.finetune.material import Material, Rows, targets_of
from platform_core.finetune.methods import Bench, frozen_features, prepare, reads_features
from platform_core.finetune.single import HeldOut, Learned, Watch, learn_once, primary_score
from platform_core.modeling.artifact import Artifact, join_tails
from platform_core.modeling.mixture import Tail
from platform_core.sdk import Interrupted, Progress, UsageError
from platform_core.sdk.heads import BlendHead


def learn_folds(material: Material, bench: Bench, watch: Watch) -> Learned:
    """Learn the parts of a model one after the other, then how they are blended; each has checkpoints of its own.

    Called again after an interruption, it goes on with the loop that was interrupted; closed forms are fitted again.

    Raises:
        Interrupted: a stop was requested.
        TrainingFailed: the optimisation of a part cannot go on.
        UsageError: the rows are too few for so many folds, or the network reads tokens.
    """
    if not reads_features(material):
        raise UsageError(
            "a network that reads tokens cannot be learned in folds",
            where="folds",
            hint="use --set folds=1, or members without the network",
        )
    return _Folding(material, bench, watch).run()


class _Folding:
    def __init__(self, material: Material, bench: Bench, watch: Watch) -> None:
        self._material, self._bench, self._watch = material, bench, watch
        self._rows = material.training + material.validation
        self._places = np.array(_cut(self._rows, material.folds, material.spec.seed))
        self._features = frozen_features(material, bench)
        self._history: list[dict[str, float]] = []
        self._tails: list[Tail] = []
        self._scores = torch.empty(0)
        """Of each member, float [members, rows, k]."""

    def run(self) -> Learned:
        seconds = 0.0
        for number in range(self._material.folds):
            if self._watch.stop_requested():
                raise Interrupted("the training was stopped between two folds")
            seconds += self._learn(number)
        return self._joined_parts(seconds)

    def _joined_parts(self, seconds: float) -> Learned:
        """Let all parts blend their members alike, by all rows; return them as one model."""
        material, scores = self._material, self._scores[0]
        blends = [tail.head for tail in self._tails if isinstance(tail.head, BlendHead)]
        if blends:
            blends[0].weigh(self._scores, blends[0].encode_targets(targets_of(self._rows)))
            scores = blends[0].mix(self._scores)
        for blend in blends[1:]:
            blend.weights.copy_(blends[0].weights)
        return Learned(
            Artifact(material.model, join_tails(self._tails)),
            LoopResult(self._history, 0, seconds),
            primary_score(material, scores, targets_of(self._rows)),
            blends[0].shares if blends else {},
            HeldOut(self._rows, scores.numpy()),
        )

    def _learn(self, number: int) -> float:
        """Learn one part, and let it judge its fold; return the seconds of its steps."""
        material = self._material
        seen, unseen = (np.flatnonzero(mask) for mask in (self._places != number, self._places == number))
        record = material.model.head.model_copy(update={"folds": 1})
        part = replace(
            material,
            spec=material.spec.model_copy(update={"seed": material.spec.seed + number}),
            splits={"train": self._of(seen), "validation": self._of(unseen), "test": []},
            model=material.model.model_copy(update={"head": record}),
        )
        bench = replace(self._bench, progress=_InFold(self._bench.progress, f"fold {number + 1}/{material.folds}"))
        features = self._cut(np.concatenate((seen, unseen)))
        learned = learn_once(part, bench, self._fold_watch(number), prepare(part, bench, features))
        self._tails.append(learned.artifact.tail)
        self._judge(learned.artifact.tail, unseen)
        self._history = self._counted_on(learned.result.history)
        return learned.result.train_seconds

    @torch.no_grad()
    def _judge(self, tail: Tail, unseen: np.ndarray) -> None:
        head = tail.eval().head
        features = tail.mixture(self._cut(unseen), head.reads)
        found = head.member_scores(features) if isinstance(head, BlendHead) else head.scores(head(features))[None]
        if not len(self._scores):
            self._scores = found.new_zeros((len(found), len(self._rows), *found.shape[2:]))
        self._scores[:, torch.from_numpy(unseen)] = found

    def _of(self, indices: np.ndarray) -> Rows:
        return [self._rows[i] for i in indices]

    def _cut(self, indices: np.ndarray) -> Mapping[str, Tensor]:
        chosen = torch.from_numpy(indices)
        return {name: tensor.index_select(0, chosen) for name, tensor in self._features.items()}

    def _fold_watch(self, number: int) -> Watch:
        """Return the watch over one part: its epochs and steps are counted on from those of the parts before."""
        watch, before = self._watch, len(self._history) * self._material.epoch_steps

        def on_estimate(estimate: Estimate) -> None:
            if watch.on_estimate is not None:
                watch.on_estimate(replace(estimate, seconds=estimate.seconds * self._material.folds))

        return replace(
            watch,
            checkpoints=watch.checkpoints / f"fold-{number}",
            on_epoch=lambda history: watch.on_epoch(self._counted_on(history)),
            on_step=lambda step, values: watch.on_step(before + step, values),
            on_estimate=on_estimate if watch.on_estimate is not None and number == 0 else None,
        )

    def _counted_on(self, history: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
        done = len(self._history)
        return [*self._history, *(dict(entry) | {"epoch": done + entry["epoch"]} for entry in history)]


@dataclass(frozen=True)
class _InFold(Progress):
    """Progress whose stages say in which fold they are."""

    progress: Progress
    name: str

    def stage(self, name: str, total: int | None = None) -> None:
        self.progress.stage(f"{self.name}, {name}", total)

    def advance(self, units: int = 1, **numbers: float) -> None:
        self.progress.advance(units, **numbers)

    def note(self, text: str) -> None:
        self.progress.note(text)

    def warn(self, text: str) -> None:
        self.progress.warn(text)


def _cut(rows: Rows, folds: int, seed: int) -> list[int]:
    """Return the fold of each row; rows of one group, or else of one identity, share theirs."""
    identity = roles_of(type(rows[0].example)).identity
    if identity and all(row.group is None for row in rows):
        rows = [replace(row, group=getattr(row.example, identity)) for row in rows]
    try:
        return make_folds(rows, folds, seed=seed)
    except UsageError as error:
        error.where = "folds"
        error.hint = "use fewer: --set folds=…; with 1, a model is fitted once, to the training split"
        raise
