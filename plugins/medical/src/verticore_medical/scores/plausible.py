"""What an example holds that cannot be, or that nobody understands: it is taken as missing, and told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from platform_core.sdk import Example, Number, Remark, field_markers


def impossible(example: Example) -> dict[str, float]:
    """Return the numbers that cannot be, by field."""
    values = {name: getattr(example, name) for name in numbers_of(type(example))}
    markers = numbers_of(type(example))
    return {name: v for name, v in values.items() if v is not None and not markers[name].is_possible(v)}


def numbers_of(example_type: type[Example]) -> dict[str, Number]:
    """Return the fields that hold numbers, with their bounds."""
    return {name: marker for name, marker in field_markers(example_type).items() if isinstance(marker, Number)}


def not_understood(example: Example, known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the words that are none of ``known``, by field."""
    said = {name: getattr(example, name) for name in known}
    return {name: word for name, word in said.items() if word is not None and word not in known[name]}


def plausibility_remarks(example: Example, known: Mapping[str, Sequence[str]]) -> Iterator[Remark]:
    """Yield a remark on each number that cannot be (``vitals.impossible``) and each word that is not understood
    (``vitals.not-understood``).

    Args:
        example: whose values they are.
        known: field → words that are understood.
    """
    markers = field_markers(type(example))
    for name, value in impossible(example).items():
        marker = numbers_of(type(example))[name]
        unit = f" {marker.unit}" if marker.unit else ""
        text = f"{marker.title} {value:g}{unit} is not possible ({marker.low:g} to {marker.high:g}); taken as missing."
        yield Remark(code="vitals.impossible", text=text, field=name)
    for name, word in not_understood(example, known).items():
        text = f"{markers[name].title} {word!r} is not understood; taken as not measured."
        yield Remark(code="vitals.not-understood", text=text, field=name)
