"""What a cell of a table holds: a number, a word, or nothing, the same whatever format it was read from.

What a cell means is decided for its column as a whole: ``none`` is a category among words, and nothing among numbers;
``1,234`` is one thousand or one and a bit, as the other cells tell.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from platform_core.sdk import Cell
from platform_core.sdk.adapters import MAX_FIELD

Kind = Literal["number", "boolean", "text"]

_MISSING = frozenset(("", "?", "??", "na", "n/a", "<na>", "nan", "null", "#n/a"))
_MISSING_AMONG_NUMBERS = frozenset(("none", "-", "--", ".", "n.a.", "missing", "unknown"))
_SPREADSHEET_ERROR = re.compile(r"#\w+[!?]")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_COMMA_DECIMAL = re.compile(r"[+-]?[0-9]+,[0-9]+")
_COMMA_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DOT_GROUPS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?")
_WHOLE_WITH_ZEROS = re.compile(r"-?(?:0|[1-9][0-9]*)\.0+")
_BOOLEANS = {"true": 1.0, "false": 0.0}
_STRAY = 0.02
_MANY_NUMBERS = 20


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
        return _is_marker(value.strip())
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
        text = _word(value)
        if text is None:
            return None
        return _BOOLEANS.get(text) if self.kind == "boolean" else text

    def number(self, value: Any) -> float | None:
        """Return the number that ``value`` is, or ``None`` where it is none; it may be infinite.

        Raises:
            Unfit: it is a list or an object, holds a NUL, or is too long.
        """
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _as_float(value)
        text = as_text(value)
        return None if text is None else self.parse(text)

    def parse(self, text: str) -> float | None:
        """Return the number that a text without white space around it spells, or ``None``."""
        if self.dot_groups and _DOT_GROUPS.fullmatch(text):
            return float(text.replace(".", "").replace(",", "."))
        if _PLAIN.fullmatch(text):
            return float(text)
        if _COMMA_GROUPS.fullmatch(text) and (self.comma_groups or not _COMMA_DECIMAL.fullmatch(text)):
            return float(text.replace(",", ""))
        if _COMMA_DECIMAL.fullmatch(text):
            return float(text.replace(",", "."))
        return None


def style_of(values: Iterable[Any]) -> Style:
    """Return how a column with these values, as read, is to be read.

    It is a column of numbers when every value is one, but for missing ones and, among many different numbers, a few
    strays. Values that no column can hold are left to :meth:`Style.read`.
    """
    values = list(values)
    if _plain_numbers(values):
        return Style("number")
    numbers: set[float] = set()
    count = 0
    words: Counter[str] = Counter()
    for value, times in _counted(values):
        if isinstance(value, int | float) and not isinstance(value, bool):
            number = _as_float(value)
            if math.isfinite(number):
                numbers.add(number)
                count += times
            elif not math.isnan(number):
                words[str(value)] += times
        elif value is not None:
            words[_safely(value) or ""] += times
    return _style_of(numbers, count, words)


def number_style(values: Iterable[Any]) -> Style:
    """Return how a column that must hold numbers is to be read: what its commas and points mean."""
    return _number_style({text for value in values if isinstance(value, str) and (text := value.strip())})


def read_column(values: Sequence[Any], style: Style) -> list[Cell | Unfit]:
    """Return what each of ``values`` means; one that cannot be read gives the reason."""
    if style.kind == "number" and not style.dot_groups and (numbers := _plain_numbers(values)):
        return numbers
    known: dict[str, Cell | Unfit] = {}
    cells: list[Cell | Unfit] = []
    for value in values:
        if not isinstance(value, str):
            cells.append(_read(value, style))
        elif value in known:
            cells.append(known[value])
        else:
            known[value] = _read(value, style)
            cells.append(known[value])
    return cells


def is_missing_number(text: str) -> bool:
    """Tell whether ``text`` says, among numbers, that there is none."""
    return _is_marker(text) or text.casefold() in _MISSING_AMONG_NUMBERS


def _read(value: Any, style: Style) -> Cell | Unfit:
    try:
        return style.read(value)
    except Unfit as unfit:
        return unfit


def _plain_numbers(values: Sequence[Any]) -> list[Cell | Unfit] | None:
    """Return the numbers of a column that holds nothing but plain ones and blanks; ``None`` for all others.

    Most columns of large tables are such, and this is many times faster than cell by cell.
    """
    import polars

    kinds = set(map(type, values)) - {type(None)}
    if not kinds or not (kinds == {str} or kinds <= {int, float}):
        return None
    if kinds == {str}:
        texts = polars.Series(values, dtype=polars.String)
        blank = texts == ""
        if not (texts.str.contains(f"^(?:{_PLAIN.pattern})$") | blank).all() or blank.all():
            return None
        numbers = texts.set(blank, None).cast(polars.Float64)
    else:
        try:
            numbers = polars.Series(values, dtype=polars.Float64, strict=False).fill_nan(None)
        except OverflowError:
            return None
    if numbers.is_infinite().any() or numbers.is_null().all():
        return None
    found: list[Cell | Unfit] = numbers.to_list()
    return found


def _counted(values: Iterable[Any]) -> Iterator[tuple[Any, int]]:
    """Yield the values with how often they appear: texts once each, others one by one."""
    texts: Counter[str] = Counter()
    for value in values:
        if isinstance(value, str):
            texts[value] += 1
        else:
            yield value, 1
    yield from texts.items()


def _style_of(numbers: set[float], count: int, words: Counter[str]) -> Style:
    present = {word: times for word, times in words.items() if not _is_marker(word)}
    style = _number_style(present)
    strays: dict[str, int] = {}
    for word, times in present.items():
        number = style.parse(word)
        if number is not None and math.isfinite(number):
            numbers.add(number)
            count += times
        elif word.casefold() not in _MISSING_AMONG_NUMBERS:
            strays[word] = times
    if not numbers:
        return Style("boolean" if strays and strays.keys() <= _BOOLEANS.keys() else "text")
    few = sum(strays.values()) <= _STRAY * count and len(numbers) > _MANY_NUMBERS
    if strays and not few:
        return Style("text")
    return Style("number", style.comma_groups, style.dot_groups, tuple(strays))


def _number_style(words: Iterable[str]) -> Style:
    decimals = groups = 0
    dot_groups = False
    for word in words:
        if "," not in word:
            continue
        grouped, decimal = _COMMA_GROUPS.fullmatch(word), _COMMA_DECIMAL.fullmatch(word)
        groups += grouped is not None and decimal is None
        decimals += decimal is not None and grouped is None
        dot_groups = dot_groups or ("." in word and _DOT_GROUPS.fullmatch(word) is not None)
    return Style("number", comma_groups=decimals <= groups and not dot_groups, dot_groups=dot_groups)


def _is_marker(text: str) -> bool:
    return text.casefold() in _MISSING or _SPREADSHEET_ERROR.fullmatch(text) is not None


def _safely(value: Any) -> str | None:
    try:
        return _word(value)
    except Unfit:
        return None


def _word(value: Any) -> str | None:
    """Return ``value`` as a category: a number as it is written shortest, a truth value in lower case."""
    text = as_text(value)
    if text is None or _is_marker(text):
        return None
    if text.casefold() in _BOOLEANS:
        return text.casefold()
    return text.partition(".")[0] if _WHOLE_WITH_ZEROS.fullmatch(text) else text


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf
