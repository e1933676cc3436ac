"""What an example holds that cannot be, or that nobody understands: it is taken as missing, and told."""

from __future__ import annotations

from collections.abc import Iterator

from platform_core.sdk import Category, Example, Number, Remark, field_markers


def impossible(example: Example) -> dict[str, float]:
    """Return the numbers that cannot be, by field."""
    values = {name: getattr(example, name) for name in numbers_of(type(example))}
    markers = numbers_of(type(example))
    return {name: v for name, v in values.items() if v is not None and not markers[name].is_possible(v)}


def numbers_of(example_type: type[Example]) -> dict[str, Number]:
    """Return the fields that hold numbers, with their bounds."""
    return {name: marker for name, marker in field_markers(example_type).items() if isinstance(marker, Number)}


def not_understood(example: Example) -> dict[str, str]:
    """Return the words that are none of those known, by field."""
    markers = field_markers(type(example)).items()
    known = {name: marker.known for name, marker in markers if isinstance(marker, Category) and marker.known}
    said = {name: getattr(example, name) for name in known}
    return {name: word for name, word in said.items() if word is not None and word not in known[name]}


def plausibility_remarks(example: Example) -> Iterator[Remark]:
    """Yield a remark on each number that cannot be (``vitals.impossible``) and each word that is not understood
    (``vitals.not-understood``).
    """
    markers = field_markers(type(example))
    for name, value in impossible(example).items():
        marker = numbers_of(type(example))[name]
        unit = f" {marker.unit}" if marker.unit else ""
        text = f"{marker.title} {value:g}{unit} is not possible ({marker.low:g} to {marker.high:g}); taken as missing."
        yield Remark(code="vitals.impossible", text=text, field=name)
    for name, word in not_understood(example).items():
        text = f"{markers[name].title} {word!r} is not understood; taken as not measured."
        yield Remark(code="vitals.not-understood", text=text, field=name)
