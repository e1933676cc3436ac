"""Which columns give classes away: the tests of :mod:`platform_core.datasets.leaks`, weighed against each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from platform_core.datasets.explaining import Explanation, explain
from platform_core.datasets.leaks import (
    Purity,
    Question,
    Telling,
    agreement,
    pure_values,
    telling_alone,
)
from platform_core.datasets.profiles import Profile

_FAR_TOO_WELL = 0.95
_NEARLY_AS_WELL = 0.05
_VERY_WELL = 0.8
_FAR_BETTER = 0.25
_BELIEVED = 0.9
_AGREES = 0.6
_AGREES_WELL = 0.8
_MOST = 0.5
_SEVERAL = 5
_PAIR = 2
_FAMILY = 3
_RARELY = 0.02

Findings = dict[str, tuple[str, bool]]
"""Column → evidence, and whether it is sure."""


def class_leaks(profiles: Sequence[Profile], question: Question) -> Findings:
    """Return the columns that give the class away; where it is not sure, people should look.

    A column that tells the class nearly without error is a sure leak only if the other columns together do not tell as
    much; one whose values go with one class without error, only if that class is rare: a rule such as "incomplete
    applications are refused" is honest. Nothing is sure when most columns are suspects, or when three or more tell the
    class and there is no other to hold them against: the task is easy then.
    """
    alone = {p.name: telling for p in profiles if (telling := telling_alone(p, question))}
    far = {name for name, telling in alone.items() if telling.scaled >= _FAR_TOO_WELL}
    judged = {p.name: kappa for p in profiles if (kappa := agreement(p, question)) is not None and kappa >= _AGREES}
    pure = {p.name: values for p in profiles if (values := pure_values(p, question))}
    suspects = far | judged.keys() | pure.keys()
    others = [p for p in profiles if p.name not in suspects]
    known = explain(others, question, _rows_of(pure, question)) if far or _common(pure) else None
    found: Findings = {}
    for name in suspects:
        if name in far:
            found[name] = _weigh_telling(alone[name], known, len(far))
        elif name in judged:
            words = f"it holds the labels themselves, and agrees with them (kappa {judged[name]:.2f})"
            found[name] = words, judged[name] >= _AGREES_WELL
        elif weighed := _weigh_purity(name, pure, known, question):
            found[name] = weighed
    found |= _siblings(profiles, {name for name in pure if any(purity.rare for purity in pure[name])})
    if len(found) > max(_SEVERAL, _MOST * len(profiles)):
        found = {name: (f"{evidence}; so do most columns", False) for name, (evidence, _) in found.items()}
    return found | _strong_ones(others, alone, question)


def _weigh_telling(telling: Telling, known: Explanation | None, as_well: int) -> tuple[str, bool]:
    words = f"alone it tells the label with a balanced accuracy of {telling.accuracy:.2f} (chance {telling.chance:.2f})"
    if known is None:
        return (f"{words}; so do {as_well} columns", False) if as_well > _PAIR else (words, True)
    others = known.telling()
    return (
        f"{words}; the other columns together reach {others.accuracy:.2f}",
        others.scaled < telling.scaled - _NEARLY_AS_WELL,
    )


def _weigh_purity(
    name: str, pure: Mapping[str, Sequence[Purity]], known: Explanation | None, question: Question
) -> tuple[str, bool] | None:
    best = max(pure[name], key=lambda purity: purity.nats)
    label = question.classes[best.label]
    words = (
        f"where it has {best.words}, {best.hits:,} of {best.count:,} rows are {label!r}, "
        f"as are {100 * best.base:.2g} % of all rows"
    )
    if best.rare:
        return words + _together(best, pure, question), True
    belief = known.belief(best.rows, best.label) if known else None
    if belief is None:
        return words, False
    return (f"{words}; the other columns expect {100 * belief:.0f} % there", False) if belief < _BELIEVED else None


def _together(best: Purity, pure: Mapping[str, Sequence[Purity]], question: Question) -> str:
    """Say how many rows of the rare class the suspects cover, where several point at it."""
    alike = {name: p for name, found in pure.items() for p in found if p.label == best.label and p.rare}
    if len(alike) < 2:
        return ""
    covered = np.logical_or.reduce([purity.rows for purity in alike.values()])
    members = question.codes == best.label
    share = (covered & members).sum() / members.sum()
    return f"; {', '.join(map(repr, alike))} together cover {100 * share:.0f} % of {question.classes[best.label]!r}"


def _siblings(profiles: Sequence[Profile], flags: set[str]) -> Findings:
    """Return rare flags that stand beside several suspects and are named in the same form: parts of one record."""
    found: Findings = {}
    names = [profile.name for profile in profiles]
    for place, profile in enumerate(profiles):
        family = [name for name in flags if _form(name) == _form(profile.name)]
        beside = set(names[max(0, place - 1) : place + 2]) & set(family)
        if profile.name not in flags and beside and len(family) >= _FAMILY and _is_rare_flag(profile):
            shown = ", ".join(repr(name) for name in names if name in family)
            found[profile.name] = f"it is one of a row of flags with {shown}, which give the label away", True
    return found


def _form(name: str) -> str:
    """Return the kinds of the characters of a name: ``TWF`` → ``AAA``, ``flag_1`` → ``aaaa_9``."""
    return re.sub(r"[0-9]", "9", re.sub(r"[a-z]", "a", re.sub(r"[A-Z]", "A", name)))


def _is_rare_flag(profile: Profile) -> bool:
    return len(profile.values) == 2 and np.bincount(profile.codes).min() <= _RARELY * len(profile.codes)


def _strong_ones(others: Sequence[Profile], alone: Mapping[str, Telling], question: Question) -> Findings:
    """Return columns that alone tell far more than all others together: worth a look, no more."""
    strong = {p.name for p in others if p.name in alone and alone[p.name].scaled >= _VERY_WELL}
    rest = [p for p in others if p.name not in strong]
    known = explain(rest, question) if strong else None
    if known is None:
        return {}
    together = known.telling()
    return {
        name: (
            f"alone it tells the label with a balanced accuracy of {alone[name].accuracy:.2f}, "
            f"the other columns together with {together.accuracy:.2f}",
            False,
        )
        for name in strong
        if together.scaled < alone[name].scaled - _FAR_BETTER
    }


def _common(pure: Mapping[str, Sequence[Purity]]) -> bool:
    return any(not purity.rare for found in pure.values() for purity in found)


def _rows_of(pure: Mapping[str, Sequence[Purity]], question: Question) -> np.ndarray:
    rows = [purity.rows for found in pure.values() for purity in found if not purity.rare]
    return np.logical_or.reduce(rows) if rows else np.zeros(len(question.codes), dtype=bool)
