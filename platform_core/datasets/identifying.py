"""Columns from which nothing general can be learned: identifiers, free text, constants."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from platform_core.datasets.profiles import Profile, name_parts

Idle = Literal["identifier", "text", "constant", "unreadable"]

MIN_ROWS = 20
"""Fewer rows prove nothing."""

_NEARLY_ALL = 0.98
_MANY = 0.5
_SOME = 0.2
_WORD = 1.5
_LONG = 8.0
_SAME_WIDTH = 6
_EXPECTED_REPEATS = 5
_OF_TIME = frozenset(
    ("time", "timestamp", "date", "datetime", "epoch", "second", "seconds", "minutes", "hours", "days")
)
_SURELY_IDENTITY = frozenset(("id", "uid", "uuid", "guid"))
_OF_IDENTITY = _SURELY_IDENTITY | {"ids", "key", "serial", "number", "nr", "no"}


def idle_evidence(profile: Profile) -> tuple[Idle, str] | None:
    """Say why nothing can be learned from the column, or return ``None``."""
    if profile.unreadable:
        return "unreadable", profile.unreadable
    if profile.distinct <= 1 and (not profile.written or not profile.missing.any()):
        return "constant", f"every row has {reprlib.repr(profile.written[0])}" if profile.written else "it is empty"
    identifier = _identifier_evidence(profile)
    if identifier:
        return "identifier", identifier
    text = _text_evidence(profile)
    return ("text", text) if text else None


def _text_evidence(profile: Profile) -> str | None:
    rows = len(profile.written)
    if profile.numbers is not None or rows < MIN_ROWS or profile.words <= _WORD:
        return None
    if profile.distinct < (_SOME if profile.words >= _LONG else _MANY) * rows:
        return None
    return f"{profile.distinct:,} different values of {profile.words:.1f} words on average in {rows:,} rows"


def _identifier_evidence(profile: Profile) -> str | None:
    rows = len(profile.written)
    if rows < MIN_ROWS:
        return None
    share = profile.distinct / rows
    named = set(name_parts(profile.name))
    if profile.numbers is None:
        return _code_evidence(profile.written, share, profile) if profile.words <= _WORD else None
    numbers = profile.numbers[~profile.missing]
    if not bool((numbers == np.floor(numbers)).all()):
        return None
    if share >= _NEARLY_ALL and named & _OF_IDENTITY:
        return "a different whole number in nearly every row, and it is named like an identifier"
    if share >= _SOME and named & _SURELY_IDENTITY:
        return f"{profile.distinct:,} different whole numbers in {rows:,} rows, and it is named like an identifier"
    return _number_evidence(profile.written, numbers, named) if profile.distinct == rows else None


def _number_evidence(written: Sequence[str], numbers: np.ndarray, named: set[str]) -> str | None:
    """Say what shows that whole numbers without repetition count or name the rows."""
    rows = len(numbers)
    span = float(numbers.max() - numbers.min()) + 1
    if bool((np.diff(numbers) > 0).all()) and not named & _OF_TIME:
        return "whole numbers that rise from row to row"
    if span <= 1.5 * rows:
        return "whole numbers without repetition or gaps"
    expected = rows * rows / (2 * span)
    if expected >= _EXPECTED_REPEATS:
        return f"whole numbers that never repeat, where chance would repeat {expected:.0f}"
    widths = {len(text) for text in written}
    if len(widths) == 1 and min(widths) >= _SAME_WIDTH and all(text.isdecimal() for text in written):
        return f"a different number of {min(widths)} digits in every row"
    return None


def _code_evidence(written: Sequence[str], share: float, profile: Profile) -> str | None:
    if share >= _NEARLY_ALL:
        running = ", with a running number in it" if _hides_running_number(written) else ""
        return f"a different word in nearly every row{running}"
    if share < _MANY or sum(any(c.isdigit() for c in text) for text in written) < _MANY * len(written):
        return None
    return f"{profile.distinct:,} different codes in {len(written):,} rows"


def _hides_running_number(written: Sequence[str]) -> bool:
    """Tell whether the last number in the codes rises from row to row, among codes of the same letters."""
    last: dict[str, int] = {}
    for text in written:
        letters, digits = re.fullmatch(r"(.*?)([0-9]{0,18})", text, re.DOTALL).groups()  # type: ignore[union-attr]
        number = int(digits or -1)
        if number <= last.get(letters, -1):
            return False
        last[letters] = number
    return len(last) <= len(written) / 2
