"""Starting from an earlier version: its weights are where training begins."""

from __future__ import annotations

from torch import nn

from platform_core.finetune.schemas import RunSpec
from platform_core.modeling.artifact import Artifact
from platform_core.modeling.delta import load_delta, merge_delta
from platform_core.modeling.mixture import Tail
from platform_core.modeling.spec import ModelSpec
from platform_core.modeling.table_schema import TableSchema
from platform_core.sdk import Method, Progress, UsageError

_WAYS: dict[Method, tuple[Method, ...]] = {
    "head": ("head", "lora", "full"),
    "lora": ("lora", "full"),
    "full": ("full",),
}
"""From the parent's method to those that can go on from it: what they freeze must be the encoder as it came."""


def check_parent(parent: ModelSpec, spec: RunSpec) -> None:
    """Refuse a parent that the run cannot go on from.

    Raises:
        UsageError: it is of another solution or encoder, of a method that leads elsewhere, or an export.
    """
    if parent.export is not None:
        raise UsageError(
            "an export has no weights to go on from",
            where="--from",
            hint=f"start from the version that it was made of: {parent.export.parent}",
        )
    if parent.solution != spec.solution:
        raise UsageError(f"the version to start from is of {parent.solution}, not of {spec.solution}", where="--from")
    ways = _WAYS.get(parent.method, ())
    if spec.method not in ways:
        possible = f"use --method {' or '.join(ways)}" if ways else "closed forms are fitted anew each time"
        raise UsageError(f"method {spec.method!r} cannot go on from {parent.method!r}", where="--from", hint=possible)


def inherited_columns(parent: ModelSpec | None, fresh: TableSchema | None, progress: Progress) -> TableSchema | None:
    """Return the parent's columns where the data has the same ones, else the fresh ones: weights belong to columns."""
    if parent is None or parent.table is None or fresh is None:
        return fresh
    if parent.table.columns.names == fresh.names:
        return parent.table.columns
    progress.note("the table's columns differ from those of the version to start from: its network starts anew")
    return fresh


def begin_tail(tail: Tail, model: ModelSpec, parent: Artifact, progress: Progress) -> None:
    """Give ``tail`` the parent's weights as far as they mean the same."""
    ours, theirs = model.head, parent.spec.head
    if (ours.labels, ours.positive, ours.object) == (theirs.labels, theirs.positive, theirs.object):
        _take(tail.head, parent.tail.head, "head", progress)
    else:
        progress.note("the labels differ from those of the version to start from: the head starts anew")
    if model.table == parent.spec.table and model.fusion == parent.spec.fusion:
        _take(tail.mixture, parent.tail.mixture, "table's network", progress)


def begin_encoder(module: nn.Module, method: Method, parent: Artifact) -> None:
    """Give the encoder ``module``, prepared for ``method``, the parent's weights.

    Raises:
        UsageError: the parent's delta is for other layers, or of a higher rank.
    """
    if parent.encoder_weights is not None:
        module.load_state_dict(parent.encoder_weights)
    elif parent.delta is not None and method == "full":
        merge_delta(module, parent.delta)
    elif parent.delta is not None:
        try:
            load_delta(module, parent.delta)
        except ValueError as error:
            raise UsageError(
                f"the delta of the version to start from does not fit the recipe: {error}",
                where="--from",
                hint="use the lora_rank and lora_targets of that version, or a higher rank",
            ) from error


def _take(module: nn.Module, source: nn.Module, name: str, progress: Progress) -> None:
    try:
        module.load_state_dict(source.state_dict())
    except RuntimeError:
        progress.note(f"the {name} has another shape than that of the version to start from: it starts anew")
