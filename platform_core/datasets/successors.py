"""The next version of a dataset: its parent's rows in their splits, and further ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platform_core.datasets.catalogue import Contents
from platform_core.datasets.describing import label_warnings, split_warnings, statistics_of
from platform_core.datasets.extending import Extension, Rule, extend
from platform_core.datasets.finishing import Finisher
from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.making import DEFAULT_SPLIT
from platform_core.datasets.records import LabeledExample, count_of
from platform_core.datasets.rewriting import kept_warnings
from platform_core.datasets.splitting import SPLITS, Ratio
from platform_core.datasets.targets import ordered_labels
from platform_core.sdk import Conflict

PARENT = "parent"
"""Key of the provenance under which a version names the one that it goes on from."""


@dataclass(frozen=True)
class Successor:
    """A version that is not stored yet, and what became of the further rows."""

    contents: Contents
    extension: Extension


def make_successor(
    parent: DatasetInfo,
    old: Sequence[LabeledExample],
    further: Sequence[LabeledExample],
    finisher: Finisher,
    source: Mapping[str, Any],
) -> Successor:
    """Return what the next version of ``parent`` holds.

    Args:
        parent: the version that it goes on from.
        old: all of its rows.
        further: finished and labelled, the oldest first; groups and moments are set here.
        finisher: of the solution.
        source: what is told of where the further rows come from, as JSON types: one key of the provenance.

    Raises:
        Conflict: identities in the version were hashed with another key.
    """
    _check_key(parent, finisher)
    target = finisher.solution.target
    rule = _rule(parent)
    tied = _tied(further, old, finisher.roles.identity)
    found = extend(old, [row if rule.by_time else replace(row, time=None) for row in tied], rule)
    present = set(ordered_labels((row.target for row in found.examples), target))
    known = [label for label in parent.labels if label in present]
    splits = [name for name in SPLITS if any(row.split == name for row in found.examples)]
    contents = Contents(
        solution=parent.solution,
        examples=found.examples,
        labels=[*known, *(label for label in sorted(present) if label not in known)],
        adapter=parent.adapter,
        mapping=parent.mapping,
        options=parent.options,
        statistics=statistics_of(found.examples, found.duplicates),
        provenance=_provenance(parent, finisher, source, found),
        warnings=[
            *kept_warnings(parent.warnings),
            *label_warnings(found.examples, target),
            *split_warnings(found.examples, splits),
        ],
    )
    return Successor(contents, found)


def newest_successor(info: DatasetInfo, versions: Iterable[DatasetInfo]) -> DatasetInfo:
    """Return the last of the versions that go on from ``info``, one after the other; itself where none does.

    Args:
        info: where to begin.
        versions: all that there are.
    """
    children: dict[str, DatasetInfo] = {}
    for version in sorted(versions, key=lambda version: version.number):
        parent = version.provenance.get(PARENT)
        if parent and version.name == info.name:
            children[parent["id"]] = version
    while info.id in children:
        info = children[info.id]
    return info


def _rule(parent: DatasetInfo) -> Rule:
    options = parent.options
    ratio = Ratio.parse(options.get("split", DEFAULT_SPLIT)).without(*options.get("official", ()))
    return Rule(ratio, options.get("seed", 0), bool(options.get("by_time")))


def _tied(
    further: Sequence[LabeledExample], old: Sequence[LabeledExample], identity: str | None
) -> list[LabeledExample]:
    """Return the rows with their groups, where rows of one identity are a group in the version."""
    if identity is None or not any(row.group and row.group == getattr(row.example, identity) for row in old):
        return list(further)
    return [replace(row, group=getattr(row.example, identity)) for row in further]


def _provenance(parent: DatasetInfo, finisher: Finisher, source: Mapping[str, Any], found: Extension) -> dict[str, Any]:
    kept = {key: value for key, value in parent.provenance.items() if key != "erased"}
    if finisher.roles.identity is not None:
        kept.setdefault("pseudonyms", {"field": finisher.roles.identity, "key": finisher.pseudonyms.fingerprint})
    added = sum(found.added.values())
    grown = {"added": added, "corrected": found.corrected}
    corrected = f", the targets of {count_of(found.corrected, 'row')} were corrected" if found.corrected else ""
    note = f"goes on from {parent.ref}: {count_of(added, 'row')} came to it{corrected}; its test split is the same"
    return {
        **kept,
        "notes": [*kept.get("notes", ()), note],
        PARENT: {"id": parent.id, "ref": parent.ref, "digest": parent.digest, **grown},
        **source,
    }


def _check_key(parent: DatasetInfo, finisher: Finisher) -> None:
    key = parent.provenance.get("pseudonyms", {}).get("key")
    if key not in (None, finisher.pseudonyms.fingerprint):
        raise Conflict(
            "identities in this version were hashed with another key",
            where=parent.ref,
            hint="set pseudonym_key to the one that it was imported with, or import the files again",
        )
