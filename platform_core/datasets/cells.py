"""What a cell of a table holds: a number, a word, or nothing, the same whatever format it was read from.

What a cell means is decided for its column as a whole: ``none`` is a category among words, and nothing among numbers;
``1,234`` is one thousand or one and a bit, as the other cells tell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from platform_core.sdk import Cell
from platform_core.sdk.adapters import MAX_FIELD

Kind = Literal["number", "boolean", "text"]

_MISSING = frozenset(("", "?", "??", "na", "n/a", "<na>", "nan", "null", "#n/a"))
_DASHES = frozenset(("-", "--", "."))
MISSING_AMONG_NUMBERS = _DASHES | {"none", "n.a.", "missing", "unknown"}
_SPREADSHEET_ERROR = re.compile(r"#\w+[!?]")
PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
COMMA_DECIMAL = re.compile(r"[+-]?[0-9]+,[0-9]+")
COMMA_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
DOT_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_WHOLE_WITH_ZEROS = re.compile(r"-?(?:0|[1-9][0-9]*)\.0+")
BOOLEANS = {"true": 1.0, "false": 0.0}


class Unfit(ValueError):
    """A value that a field cannot take; ``value`` is it, ``hint`` what to do."""

    def __init__(self, message: str, value: Any, hint: str | None = None) -> None:
        super().__init__(message)
        self.value = value
        self.hint = hint


def as_text(value: Any) -> str | None:
    """Return ``value`` as stripped text: ``1.0`` → ``"1"``; ``None`` for blanks and NaN.

    Raises:
        Unfit: it is a list or an object, holds a NUL, or is too long.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if not isinstance(value, str) and isinstance(value, Mapping | list | tuple | set | bytes):
        raise Unfit(f"the value is a {type(value).__name__}, not text", value)
    text = str(value).strip()
    if len(text) > MAX_FIELD:
        raise Unfit(f"the value has {len(text):,} characters; {MAX_FIELD:,} is the most", value)
    if "\0" in text:
        raise Unfit("the value holds a NUL character", value)
    return text or None


def is_missing(value: Any) -> bool:
    """Tell whether there is no value: ``None``, NaN, white space, or a marker such as ``?``, ``NA`` or ``null``."""
    if isinstance(value, str):
        return is_marker(value.strip())
    return value is None or (isinstance(value, float) and math.isnan(value))


@dataclass(frozen=True)
class Style:
    """How the cells of one column are read.

    Attributes:
        kind: ``number``, ``boolean`` (read as 1 and 0) or ``text``.
        comma_groups: a comma that could be either parts thousands, as in ``1,234``; else it is the decimal sign.
        dot_groups: a point that could be either parts thousands, as in ``1.234,50``.
        stray: among numbers, values that are none; they are read as missing.
    """

    kind: Kind
    comma_groups: bool = True
    dot_groups: bool = False
    stray: tuple[str, ...] = ()

    def read(self, value: Any) -> Cell:
        """Return what ``value`` means, as read from a file.

        Raises:
            Unfit: it is a list or an object, holds a NUL, or is too long.
        """
        if self.kind == "number":
            number = value if type(value) is float else self.number(value)
            return number if number is not None and math.isfinite(number) else None
        text = word_of(value)
        if text is None:
            return None
        return BOOLEANS.get(text) if self.kind == "boolean" else text

    def number(self, value: Any) -> float | None:
        """Return the number that ``value`` is, or ``None`` where it is none; it may be infinite.

        Raises:
            Unfit: it is a list or an object, holds a NUL, or is too long.
        """
        if isinstance(value, int | float) and not isinstance(value, bool):
            return as_float(value)
        text = as_text(value)
        return None if text is None else self.parse(text)

    def parse(self, text: str) -> float | None:
        """Return the number that a text without white space around it spells, or ``None``."""
        if self.dot_groups and DOT_GROUPS.fullmatch(text):
            return float(text.replace(".", "").replace(",", "."))
        if PLAIN.fullmatch(text):
            return float(text)
        if COMMA_GROUPS.fullmatch(text) and (self.comma_groups or not COMMA_DECIMAL.fullmatch(text)):
            return float(text.replace(",", ""))
        if COMMA_DECIMAL.fullmatch(text):
            return float(text.replace(",", "."))
        return None


def is_missing_number(text: str) -> bool:
    """Tell whether ``text`` says, among numbers, that there is none."""
    return is_marker(text) or text.casefold() in MISSING_AMONG_NUMBERS


def is_missing_label(text: str) -> bool:
    """Tell whether ``text`` says, among labels, that there is none; ``none`` and ``unknown`` may be answers."""
    return is_marker(text) or text in _DASHES


def is_marker(text: str) -> bool:
    """Tell whether ``text`` says that there is no value."""
    return text.casefold() in _MISSING or _SPREADSHEET_ERROR.fullmatch(text) is not None


def word_of(value: Any) -> str | None:
    """Return ``value`` as a category: a number as it is written shortest, a truth value in lower case."""
    text = as_text(value)
    if text is None or is_marker(text):
        return None
    if text.casefold() in BOOLEANS:
        return text.casefold()
    return text.partition(".")[0] if _WHOLE_WITH_ZEROS.fullmatch(text) else text


def as_float(value: float) -> float:
    """Return ``value`` as a float, infinite where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf
