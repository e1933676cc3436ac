"""Columns that should not be learned from: leaks of the target, identifiers, free text. With evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from platform_core.datasets.class_leaks import class_leaks
from platform_core.datasets.identifying import idle_evidence
from platform_core.datasets.leaks import Question
from platform_core.datasets.number_leaks import number_leaks
from platform_core.datasets.profiles import Profile
from platform_core.datasets.targets import labels_of
from platform_core.sdk import TargetValue

SCREENED_ROWS = 50_000
"""Rows that are looked at; enough to see a leak."""

_MOST_LABELS = 50
_LEAST_ROWS = 8

Kind = Literal["leak", "identifier", "text", "constant", "unreadable", "later", "ignored", "unique"]


@dataclass(frozen=True)
class Suspect:
    """A column that should not be learned from.

    Attributes:
        column: its name.
        kind: what it looks like.
        evidence: why, in words and numbers.
        sure: it is left out; else people are told to look at it.
    """

    column: str
    kind: Kind
    evidence: str
    sure: bool = True


def screen(
    columns: Mapping[str, Sequence[Any]], targets: Sequence[TargetValue | None], levels: Sequence[str] = ()
) -> list[Suspect]:
    """Return the suspects among columns.

    Args:
        columns: values as read from files, by column.
        targets: of the same rows.
        levels: all labels in order, where the target is ordinal.
    """
    rows = _sample(targets)
    profiles = [Profile.of(name, [values[row] for row in rows]) for name, values in columns.items()]
    found: dict[str, Suspect] = {}
    for profile in profiles:
        idle = idle_evidence(profile)
        if idle:
            found[profile.name] = Suspect(profile.name, *idle)
    rest = [profile for profile in profiles if profile.name not in found]
    for name, (evidence, sure) in _leaks(rest, [targets[row] for row in rows], levels).items():
        found[name] = Suspect(name, "leak", evidence, sure)
    return [found[name] for name in columns if name in found]


def _sample(targets: Sequence[TargetValue | None]) -> list[int]:
    """Return rows that have a target, or all where none has; a part of them where they are many."""
    rows = [row for row, target in enumerate(targets) if target is not None] or list(range(len(targets)))
    if len(rows) <= SCREENED_ROWS:
        return rows
    chosen = np.random.default_rng(0).choice(len(rows), SCREENED_ROWS, replace=False)
    return [rows[index] for index in np.sort(chosen)]


def _leaks(
    profiles: Sequence[Profile], targets: Sequence[TargetValue | None], levels: Sequence[str]
) -> dict[str, tuple[str, bool]]:
    if not profiles or all(target is None for target in targets):
        return {}
    if any(isinstance(target, float) for target in targets):
        numbers = np.array([target if isinstance(target, float) else math.nan for target in targets])
        return number_leaks(profiles, numbers, "target")
    if any(isinstance(target, tuple) for target in targets):
        return _leaks_of_any(profiles, targets)
    classes = list(levels) or sorted({str(target) for target in targets})
    places = {name: code for code, name in enumerate(classes)}
    question = Question(tuple(classes), np.array([places[str(target)] for target in targets]), ordered=bool(levels))
    found = class_leaks(profiles, question)
    if levels:
        rest = [profile for profile in profiles if profile.name not in found]
        found |= number_leaks(rest, question.codes.astype(np.float64), "order of the levels")
    return found


def _leaks_of_any(profiles: Sequence[Profile], targets: Sequence[TargetValue | None]) -> dict[str, tuple[str, bool]]:
    """Ask for each label, the most frequent first, whether a row has it."""
    sets = [set(labels_of(target)) for target in targets]
    counts: dict[str, int] = {}
    for labels in sets:
        for label in labels:
            counts[label] = counts.get(label, 0) + 1
    found: dict[str, tuple[str, bool]] = {}
    for label in sorted(counts, key=lambda name: -counts[name])[:_MOST_LABELS]:
        if _LEAST_ROWS <= counts[label] <= len(sets) - _LEAST_ROWS:
            question = Question((f"not {label}", label), np.array([int(label in labels) for labels in sets]))
            for name, (evidence, sure) in class_leaks(profiles, question).items():
                if name not in found or (sure and not found[name][1]):
                    found[name] = (f"of the label {label!r}: {evidence}", sure)
    return found
