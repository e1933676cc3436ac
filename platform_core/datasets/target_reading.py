"""From the cell that holds the target to the target, by its kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from platform_core.datasets.cells import Style, Unfit, as_text, is_missing_number
from platform_core.sdk import LabelsTarget, NumberTarget, Target, TargetValue

_AMBIGUOUS = re.compile(r"[+-]?[0-9.]*,[0-9]+")
_NUMBER = Style("number")


def read_target(target: Target, value: Any) -> TargetValue | None:
    """Return the target that ``value``, as read from a file, means; ``None`` where there is none.

    Labels are stripped text. A set of labels is a list, or text with the target's separators or in JSON, and is sorted;
    a blank cell is the empty set. A number is finite and has a decimal point.

    Raises:
        Unfit: it is of another kind.
    """
    match target:
        case NumberTarget():
            return _number(value)
        case LabelsTarget():
            return _labels(value, target.separators)
        case _:
            return as_text(value)


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


def _labels(value: Any, separators: str) -> tuple[str, ...] | None:
    if value is None:
        return None
    if isinstance(value, list | tuple | set):
        return _as_set(value)
    text = as_text(value) or ""
    if text.startswith("[") and text.endswith("]"):
        try:
            return _as_set(json.loads(text))
        except ValueError:
            pass
    return _as_set(re.split(f"[{re.escape(separators)}]", text) if separators else [text])


def _as_set(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted({label for value in values if (label := as_text(value)) is not None}))
