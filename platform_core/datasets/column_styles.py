"""From the values of a column, as read from a file, to how they are read, and to cells."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from platform_core.datasets.cells import (
    BOOLEANS,
    COMMA_DECIMAL,
    COMMA_GROUPS,
    DOT_GROUPS,
    MISSING_AMONG_NUMBERS,
    PLAIN,
    Style,
    Unfit,
    as_float,
    is_marker,
    word_of,
)
from platform_core.sdk import Cell

_STRAY = 0.02
_MANY_NUMBERS = 20


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
            number = as_float(value)
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
        if not (texts.str.contains(f"^(?:{PLAIN.pattern})$") | blank).all() or blank.all():
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
    present = {word: times for word, times in words.items() if not is_marker(word)}
    style = _number_style(present)
    strays: dict[str, int] = {}
    for word, times in present.items():
        number = style.parse(word)
        if number is not None and math.isfinite(number):
            numbers.add(number)
            count += times
        elif word.casefold() not in MISSING_AMONG_NUMBERS:
            strays[word] = times
    if not numbers:
        return Style("boolean" if strays and strays.keys() <= BOOLEANS.keys() else "text")
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
        grouped, decimal = COMMA_GROUPS.fullmatch(word), COMMA_DECIMAL.fullmatch(word)
        groups += grouped is not None and decimal is None
        decimals += decimal is not None and grouped is None
        dot_groups = dot_groups or ("." in word and DOT_GROUPS.fullmatch(word) is not None)
    return Style("number", comma_groups=decimals <= groups and not dot_groups, dot_groups=dot_groups)


def _safely(value: Any) -> str | None:
    try:
        return word_of(value)
    except Unfit:
        return None
