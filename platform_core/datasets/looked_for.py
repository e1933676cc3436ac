"""Which of two classes is looked for: the one that is asked for, that has a known name, or else the rarer one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from platform_core.sdk import ClassTarget, Solution, Target, UsageError
from platform_core.sdk.names import places_among

NEGATIVE = (
    "0", "-1", "no", "n", "nein", "non", "false", "f", "negative", "normal", "genuine", "legitimate", "legit", "ok",
    "good", "gut", "clean", "not fraud", "no fraud", "non-fraud", "kein betrug",
)  # fmt: skip
"""Usual names of the class that nobody looks for."""


@dataclass(frozen=True)
class LookedFor:
    """The class that is looked for, where the solution's own names do not tell it.

    Attributes:
        label: its name in the data.
        by: it was ``asked`` for, is the ``opposite`` of a usual negative, or is the one of greater ``rarity``.
        note: what people are told of the choice.
    """

    label: str
    by: Literal["asked", "opposite", "rarity"]
    note: str = ""


def asked_of(solution: Solution, asked: str | None) -> Solution:
    """Return ``solution`` as it is where the user names the class that is looked for.

    Raises:
        UsageError: its target is no class.
    """
    if not asked:
        return solution
    if not isinstance(solution.target, ClassTarget):
        raise UsageError(f"{solution.id} does not predict a class", where="--positive", hint="leave it out")
    return replace(solution, target=replace(solution.target, positive=(asked,)))


def choose_looked_for(
    target: Target, labels: Sequence[str], counts: Mapping[str, int], asked: str | None = None
) -> LookedFor | None:
    """Return the class that is looked for; ``None`` where there are not two, or where the target's own names tell it.

    Args:
        target: of the solution.
        labels: of the data, in order.
        counts: how many training rows have each label.
        asked: the class that the user names.

    Raises:
        UsageError: the user names a class where there are not two, or none of the two.
    """
    if asked:
        return LookedFor(_asked(labels, asked), "asked")
    if not isinstance(target, ClassTarget) or len(labels) != 2:
        return None
    if places_among(labels, target.positive) or len(places_among(labels, target.order)) == 2:
        return None
    negative = places_among(labels, NEGATIVE)
    if len(negative) == 1:
        found = next(label for label in labels if label not in negative)
        return LookedFor(found, "opposite", _note(found, f"the opposite of {next(iter(negative))!r}"))
    first, last = labels
    difference = counts.get(first, 0) - counts.get(last, 0)
    rarer = first if difference < 0 else last
    return LookedFor(
        rarer, "rarity", _note(rarer, "the rarer of the two" if difference else "as frequent as the other")
    )


def _asked(labels: Sequence[str], asked: str) -> str:
    shown = ", ".join(map(repr, labels[:10]))
    if len(labels) != 2:
        raise UsageError(
            f"one of two classes is looked for, but there are {len(labels)}: {shown}",
            where="--positive",
            hint="leave it out",
        )
    found = next(iter(places_among(labels, (asked,))), None)
    if found is None:
        raise UsageError(f"no row has the label {asked!r}", where="--positive", hint=f"name one of {shown}")
    return found


def _note(label: str, why: str) -> str:
    return f"looked for: {label!r}, {why}; --positive names another"
