"""The right answer, as people say it: checked against what the model can answer."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from platform_core.sdk import BadInput, LabelsTarget, NumberTarget, Target, TargetValue

KINDS = ("label", "labels", "value")
"""The words by which an answer is given."""

_SHOWN = 20


def read_said(target: Target, labels: Sequence[str], said: Mapping[str, Any]) -> TargetValue:
    """Return the right answer that somebody gave.

    Args:
        target: of the solution.
        labels: that the model knows.
        said: exactly one of ``label``, ``labels`` and ``value``, as JSON types.

    Raises:
        BadInput: it is of another kind than the model's answers, or a label that the model does not know.
    """
    wanted = kind_of(target)
    given = [name for name in KINDS if name in said]
    if given != [wanted]:
        named = " and ".join(repr(name) for name in given) or "nothing"
        raise BadInput(f"{named} is given, this model answers with {wanted!r}", where=wanted, hint=_example(wanted))
    value = said[wanted]
    if wanted == "value":
        return _number(value)
    if wanted == "label":
        return _label(value, labels, "label")
    if not isinstance(value, list | tuple):
        raise BadInput("the labels are no list", where="labels", hint=_example(wanted))
    return tuple(sorted({_label(label, labels, f"labels[{index}]") for index, label in enumerate(value)}))


def kind_of(target: Target) -> str:
    """Return the word by which answers of ``target`` are given: one of :data:`KINDS`."""
    match target:
        case NumberTarget():
            return "value"
        case LabelsTarget():
            return "labels"
        case _:
            return "label"


def as_target(value: Any) -> TargetValue:
    """Return a target that was stored as JSON."""
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, str) else float(value)


def answer_in(prediction: Mapping[str, Any] | None, kind: str) -> Any:
    """Return what a prediction says, as it is stored: a label, a sorted list, a number; ``None``: nothing."""
    value = None if prediction is None else prediction.get(kind)
    return sorted(value) if kind == "labels" and value is not None else value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput("the value is no finite number", where="value", hint=_example("value"))
    return float(value)


def _label(value: Any, labels: Sequence[str], where: str) -> str:
    if not isinstance(value, str):
        raise BadInput(f"{value!r} is no text", where=where, hint=f"one of {_shown(labels)}")
    if value in labels:
        return value
    nearest = difflib.get_close_matches(value, labels, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    raise BadInput(
        f"the model knows no label {value[:80]!r}",
        where=where,
        hint=f"{hint}known: {_shown(labels)}; a model learns new labels from files, not from feedback",
        details={"labels": list(labels[:100])},
    )


def _shown(labels: Sequence[str]) -> str:
    return ", ".join(labels[:_SHOWN]) + (", …" if len(labels) > _SHOWN else "")


def _example(kind: str) -> str:
    return {"label": 'send "label": "…"', "labels": 'send "labels": ["…"]', "value": 'send "value": 1.5'}[kind]
