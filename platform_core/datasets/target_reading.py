"""From the cell that holds the target to the target, by its kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from platform_core.datasets.cells import Style, Unfit, as_text, is_missing_label, is_missing_number
from platform_core.sdk import ClassTarget, LabelsTarget, NumberTarget, Target, TargetValue
from platform_core.sdk.names import places_among

_AMBIGUOUS = re.compile(r"[+-]?[0-9.]*,[0-9]+")
_NUMBER = Style("number")


def read_target(target: Target, value: Any) -> TargetValue | None:
    """Return the target that ``value``, as read from a file, means; ``None`` where there is none.

    Labels are stripped text; markers such as ``NA`` or ``-`` are none, unless the target names them. A set of labels is
    a list, or text with the target's separators or in JSON, and is sorted; a blank cell is the empty set, a marker is
    none. A number is finite and has a decimal point.

    Raises:
        Unfit: it is of another kind.
    """
    match target:
        case NumberTarget():
            return _number(value)
        case LabelsTarget():
            return _labels(value, target)
        case _:
            text = as_text(value)
            return None if text is None or _says_none(text, target) else text


def _number(value: Any) -> float | None:
    text = as_text(value)
    if text is None or is_missing_number(text):
        return None
    if "," in text:
        hint = f"write a decimal point: {text.replace(',', '.')}" if _AMBIGUOUS.fullmatch(text) else None
        raise Unfit(f"{text!r} is no number: it holds a comma", value, hint)
    number = _NUMBER.number(value)
    if number is None or number in (float("inf"), float("-inf")):
        raise Unfit(f"{text!r} is no finite number", value)
    return number


def _says_none(text: str, target: Target) -> bool:
    """Tell whether a label says that there is none."""
    named = (*target.order, *(target.positive if isinstance(target, ClassTarget) else ()))
    return is_missing_label(text) and not places_among([text], named)


def _labels(value: Any, target: LabelsTarget) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, list | tuple | set):
        return _as_set(value)
    text = as_text(value) or ""
    if text and _says_none(text, target):
        return None
    if text.startswith("[") and text.endswith("]"):
        try:
            return _as_set(json.loads(text))
        except ValueError:
            pass
    return _as_set(re.split(f"[{re.escape(target.separators)}]", text) if target.separators else [text])


def _as_set(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({label for value in values if (label := as_text(value)) is not None}))
