"""What pydantic finds wrong with users' values, in Verticore's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

_Place = tuple[int | str, ...]

_OWN = ("value_error", "assertion_error")
"""Kinds of errors that validators raise with words of their own."""

_UNFIT = "the value does not fit"

_WORDS = {
    "missing": "the value is missing",
    "extra_forbidden": "there is no such field",
    "none_required": "the value must be null",
    "finite_number": "the number is not finite",
    "int_parsing_size": "the number is too large",
    "greater_than": "the value must be greater than {gt}",
    "greater_than_equal": "the value must be {ge} or more",
    "less_than": "the value must be less than {lt}",
    "less_than_equal": "the value must be {le} or less",
    "multiple_of": "the value must be a multiple of {multiple_of}",
    "decimal_max_digits": "the number has more than {max_digits} digits",
    "decimal_max_places": "the number has more than {decimal_places} digits after the decimal point",
    "decimal_whole_digits": "the number has more than {whole_digits} digits before the decimal point",
    "string_too_long": "the text is longer than {max_length} characters",
    "string_too_short": "the text is shorter than {min_length} characters",
    "string_pattern_mismatch": "the text does not have the form {pattern}",
    "too_long": "there are more than {max_length} entries",
    "too_short": "there are fewer than {min_length} entries",
    "literal_error": "the value must be {expected}",
    "enum": "the value must be {expected}",
    "date_past": "the date must lie in the past",
    "date_future": "the date must lie in the future",
    "datetime_past": "the date must lie in the past",
    "datetime_future": "the date must lie in the future",
    "timezone_naive": "the time must have no time zone",
    "timezone_aware": "the time needs a time zone",
    "byte_size": "the value is no size, such as 10 GiB",
    "byte_size_unit": "the value has a unit that no size has; write it like 10 GiB",
}

_THINGS = {
    "string": "text",
    "int": "whole number",
    "float": "number",
    "decimal": "number",
    "bool": "true or false",
    "date": "date",
    "datetime": "date with a time",
    "time": "time of day",
    "time_delta": "length of time",
    "list": "list",
    "tuple": "list",
    "set": "list",
    "frozen_set": "list",
    "iterable": "list",
    "dict": "object",
    "mapping": "object",
    "model": "object",
    "dataclass": "object",
    "path": "path",
    "url": "URL",
    "uuid": "UUID",
}
"""What a value should be → in words. Of a kind like ``date_from_datetime_parsing`` the longest beginning counts."""


@dataclass(frozen=True)
class Complaint:
    """What is wrong with a value.

    Attributes:
        place: the names and numbers that lead to it, outermost first; empty: the whole.
        message: what is wrong, without the value itself.
        kind: pydantic's name for it, e.g. ``extra_forbidden``.
    """

    place: _Place
    message: str
    kind: str

    @property
    def where(self) -> str:
        """The place with dots, e.g. ``lines.0.text``."""
        return ".".join(map(str, self.place))


def complaints(error: ValidationError, *, own_words: bool = True) -> list[Complaint]:
    """Return what ``error`` found, one complaint for each value.

    Args:
        error: from pydantic.
        own_words: whether the words of validators are kept; without them, no complaint can quote a value.
    """
    return complaints_of(error.errors(include_url=False), own_words=own_words)


def complaints_of(details: Iterable[Mapping[str, Any]], *, own_words: bool = True) -> list[Complaint]:
    """Return the same of pydantic's list of errors, which is all that some libraries pass on."""
    details = list(details)
    within: dict[_Place, list[Mapping[str, Any]]] = {}
    for detail in details:
        within.setdefault(tuple(detail["loc"][:-1]), []).append(detail)
    by_place: dict[_Place, list[Mapping[str, Any]]] = {}
    for detail in details:
        by_place.setdefault(_place(detail, within[tuple(detail["loc"][:-1])]), []).append(detail)
    return [_complaint(place, found, own_words) for place, found in by_place.items()]


def first_complaint(error: ValidationError, *, own_words: bool = True) -> Complaint:
    """Return the first of :func:`complaints`."""
    return complaints(error, own_words=own_words)[0]


def _place(detail: Mapping[str, Any], within: Sequence[Mapping[str, Any]]) -> _Place:
    """Return the place of a value, without the name of a type, which pydantic adds where there may be several.

    Fields and keys may be called like types: a name is that of a type where others were tried on the same value.

    Args:
        detail: of the value.
        within: all details of what holds the value, or of the value itself where several types were tried.
    """
    place: _Place = tuple(detail["loc"])
    if len(place) < 2 or not any(other is not detail and other["input"] is detail["input"] for other in within):
        return place
    tried = {"str": "string"}.get(str(place[-1]), str(place[-1]))
    return place[:-1] if tried in _THINGS and detail["type"].startswith(f"{tried}_") else place


def _complaint(place: _Place, details: Sequence[Mapping[str, Any]], own_words: bool) -> Complaint:
    kinds = [str(detail["type"]) for detail in details]
    things = list(dict.fromkeys(filter(None, map(_thing, kinds))))
    message = _message(details[0], own_words) if len(things) < 2 else f"the value is neither {' nor '.join(things)}"
    return Complaint(place, message, kinds[0])


def _message(detail: Mapping[str, Any], own_words: bool) -> str:
    kind, facts = str(detail["type"]), detail.get("ctx") or {}
    if kind in _OWN:
        return _as_sentence_part(str(facts["error"])) if own_words and facts.get("error") else _UNFIT
    if kind in ("string_too_short", "too_short") and facts.get("min_length") == 1:
        return "the text is empty" if kind == "string_too_short" else "the list is empty"
    if kind in _WORDS:
        return _WORDS[kind].format(**facts)
    thing = _thing(kind)
    if thing is None:
        return _UNFIT
    return "the value is neither true nor false" if thing == _THINGS["bool"] else f"the value is no {thing}"


def _thing(kind: str) -> str | None:
    """Return what the value should have been, in words, where ``kind`` says so."""
    known = [name for name in _THINGS if kind.startswith(f"{name}_")]
    return _THINGS[max(known, key=len)] if known else None


def _as_sentence_part(words: str) -> str:
    """Return ``words`` without the capital of a sentence; names such as ``NEWS2`` keep theirs."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words
