"""One training: by gradients in the loop, in closed form, or both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from platform_core.evaluation import score, sign_of
from platform_core.finetune.assessment import severe_end
from platform_core.finetune.loop.checkpoint import Checkpoints
from platform_core.finetune.loop.estimate import Estimate, estimate
from platform_core.finetune.loop.loop import Loop, LoopResult, TrainingSet, Validation
from platform_core.finetune.material import Material, Rows, targets_of
from platform_core.finetune.methods import Bench, Prepared
from platform_core.finetune.networks import FeatureInputs, Inputs, Network
from platform_core.modeling.artifact import Artifact
from platform_core.modeling.mixture import Tail
from platform_core.sdk import TargetValue
from platform_core.sdk.heads import BlendHead, Features, FitData, FitHead, Head

Step = Mapping[str, float]


@dataclass(frozen=True)
class Watch:
    """Who is told, and who may stop it.

    Attributes:
        checkpoints: folder of the loop's state.
        on_epoch: is given the history after every epoch.
        on_step: is given the number of the step and its values, a few times a second.
        stop_requested: asked after every step; ``True`` means checkpoint and leave.
        on_estimate: is given time and memory before the first step of the loop; estimated only if set.
    """

    checkpoints: Path
    on_epoch: Callable[[Sequence[dict[str, float]]], None] = lambda _: None
    on_step: Callable[[int, Step], None] = lambda _, __: None
    stop_requested: Callable[[], bool] = lambda: False
    on_estimate: Callable[[Estimate], None] | None = None


@dataclass(frozen=True)
class HeldOut:
    """What a model said of rows when it had not seen them.

    Attributes:
        rows: labelled examples.
        scores: raw ones, float32 [rows, …].
    """

    rows: Rows
    scores: np.ndarray


@dataclass(frozen=True)
class Learned:
    """What learning gave.

    Attributes:
        artifact: the model, uncalibrated.
        score: the primary metric on the validation split, or out of fold; none without either.
        shares: weight of each member of a blend.
        held_out: of a model that was learned in folds: what its parts said of the rows that they did not see.
    """

    artifact: Artifact
    result: LoopResult
    score: float | None
    shares: Mapping[str, float] = field(default_factory=dict)
    held_out: HeldOut | None = None


def learn_once(material: Material, bench: Bench, watch: Watch, prepared: Prepared) -> Learned:
    """Learn from the training split, with the validation split to stop, to choose and to weigh by.

    Raises:
        Interrupted: a stop was requested; the state of the loop is kept.
        TrainingFailed: the optimisation cannot go on.
    """
    loop, head = make_loop(material, bench, watch, prepared), prepared.network.head
    if loop is not None and watch.on_estimate is not None:
        watch.on_estimate(estimate(loop, _fitted_members(head)))
    result = loop.run() if loop is not None else LoopResult([], 0, 0.0)
    if isinstance(head, FitHead):
        return _fit(material, bench, prepared, head, result)
    best = result.history[result.best_epoch - 1].get("score") if material.validation else None
    return Learned(prepared.take(), result, None if best is None else best * _sign(material))


def primary_score(material: Material, scores: Tensor, targets: Sequence[TargetValue]) -> float:
    """Return the solution's primary metric for the scores of a head, float [examples, …]."""
    record = material.model.head
    return score(
        material.solution.primary_metric,
        record.task,
        record.labels,
        targets,
        scores.numpy(),
        positive=record.positive,
        severe=severe_end(material.solution),
    )


def _sign(material: Material) -> int:
    """Return 1 where more of the primary metric is better, else -1."""
    return sign_of(material.solution.primary_metric)


def stepwise(head: Head) -> Head | None:
    """Return what of ``head`` is trained by gradients: all of it, the network of a blend, or nothing."""
    if not isinstance(head, FitHead):
        return head
    member = head.members["network"] if isinstance(head, BlendHead) and "network" in head.members else None
    return member if isinstance(member, Head) else None


def make_loop(material: Material, bench: Bench, watch: Watch, prepared: Prepared) -> Loop | None:
    """Return the loop that trains what has gradients; none where nothing has."""
    head, spec = stepwise(prepared.network.head), material.spec
    if head is None:
        return None
    network = prepared.network
    if head is not network.head:
        network = Network(Tail(network.tail.mixture, head))
    validation = None
    if material.validation:
        targets = targets_of(material.validation)

        def judge(outputs: Tensor) -> float:
            return _sign(material) * primary_score(material, head.scores(outputs), targets)

        # Errors have no scale of their own: only equal ones are level.
        tie = 0.0 if material.solution.primary_metric in ("mae", "rmse") else None
        validation = Validation(prepared.validation, judge, tie)
    return Loop(
        network,
        TrainingSet(prepared.training, head.encode_targets(targets_of(material.training))),
        validation,
        spec.recipe,
        seed=spec.seed,
        device=bench.encoders.device,
        precision=bench.precision,
        checkpoints=Checkpoints(watch.checkpoints),
        progress=bench.progress,
        on_epoch=watch.on_epoch,
        on_step=watch.on_step,
        stop_requested=watch.stop_requested,
        group=bench.group,
    )


def _fit(material: Material, bench: Bench, prepared: Prepared, head: FitHead, result: LoopResult) -> Learned:
    """Fit a head, or each member of a blend and then their weights; ``result`` is that of the blend's network."""
    tail = prepared.network.tail
    tail.cpu().eval()
    bench.progress.stage("fitting")
    training = fit_data(tail, prepared.training, head, material.training)
    validation = fit_data(tail, prepared.validation, head, material.validation) if material.validation else None
    for member in [*_fitted_members(head).values(), head]:
        member.fit(training, validation, seed=material.spec.seed)
    value = None
    if validation is not None:
        with torch.inference_mode():
            scores = head.scores(head(validation.features))
        value = primary_score(material, scores, targets_of(material.validation))
    shares = head.shares if isinstance(head, BlendHead) else {}
    return Learned(prepared.take(), result, value, shares)


def _fitted_members(head: Head) -> dict[str, FitHead]:
    """Return the members of a blend that are fitted in closed form, by name."""
    members = head.members.items() if isinstance(head, BlendHead) else ()
    return {name: member for name, member in members if isinstance(member, FitHead)}


@torch.no_grad()
def fit_data(tail: Tail, inputs: Inputs, head: Head, rows: Rows) -> FitData:
    """Return all features that the head reads, of all rows at once."""
    assert isinstance(inputs, FeatureInputs)
    features: Features = tail.mixture(inputs.features, head.reads)
    return FitData(features, head.encode_targets(targets_of(rows)))
