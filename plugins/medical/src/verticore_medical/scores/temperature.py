"""Body temperature in the unit that it is in."""

from __future__ import annotations

_FAHRENHEIT = (77.0, 113.0)
"""25 to 45 °C. No body is that hot or that cold in the other unit, so a value tells its unit."""


def to_celsius(value: float | None) -> float | None:
    """Return °C; values from 77 to 113 can only be °F and are converted."""
    if value is None or not _FAHRENHEIT[0] <= value <= _FAHRENHEIT[1]:
        return value
    return round((value - 32) / 1.8, 2)
