"""NEWS2, the National Early Warning Score (Royal College of Physicians, London, 2017), for people of 16 years and over.

Seven observations give 0 to 3 points each. A total of 5, or 3 points in one of them, calls for urgent review; 7 for an
emergency response.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

URGENT = 5
EMERGENCY = 7
RED = 3
"""Points of a single observation that call for review whatever the total."""

ADULT = 16
"""The score is not for people younger than so many years."""

Bands = tuple[tuple[float, int], ...]
"""(upper bound, points), rising; a value belongs to the first band whose bound it does not exceed."""

_ABOVE = float("inf")
_BANDS: Mapping[str, Bands] = {
    "respiratory_rate": ((8, 3), (11, 1), (20, 0), (24, 2), (_ABOVE, 3)),
    "spo2": ((91, 3), (93, 2), (95, 1), (_ABOVE, 0)),
    "systolic_bp": ((90, 3), (100, 2), (110, 1), (219, 0), (_ABOVE, 3)),
    "heart_rate": ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (_ABOVE, 3)),
    "temperature": ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (_ABOVE, 2)),
}
_HYPERCAPNIC: Bands = ((83, 3), (85, 2), (87, 1), (92, 0))
_HYPERCAPNIC_ON_OXYGEN: Bands = ((94, 1), (96, 2), (_ABOVE, 3))


@dataclass(frozen=True, kw_only=True)
class Observations:
    """One set of observations; ``None`` where one was not taken.

    Attributes:
        respiratory_rate: breaths a minute.
        spo2: oxygen saturation in per cent.
        systolic_bp: mmHg.
        heart_rate: beats a minute.
        temperature: °C.
        on_oxygen: whether supplemental oxygen is given; not known counts as air.
        alert: whether the patient is alert; confused, or reacting to voice or pain only, or not at all, is not.
        hypercapnic: whether the target saturation is 88–92 % (scale 2), as a clinician decided.
    """

    respiratory_rate: float | None = None
    spo2: float | None = None
    systolic_bp: float | None = None
    heart_rate: float | None = None
    temperature: float | None = None
    on_oxygen: bool | None = None
    alert: bool | None = None
    hypercapnic: bool = False


@dataclass(frozen=True)
class News2:
    """The score.

    Attributes:
        points: by observation; only those that were taken.
        missing: observations that were not taken: the total is a lower bound then.
    """

    points: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        """The sum of the points."""
        return sum(self.points.values())

    @property
    def red(self) -> tuple[str, ...]:
        """Observations that call for review on their own."""
        return tuple(name for name, points in self.points.items() if points >= RED)

    @property
    def response(self) -> str:
        """``emergency``, ``urgent`` or ``routine``: the threshold that is reached."""
        if self.total >= EMERGENCY:
            return "emergency"
        return "urgent" if self.total >= URGENT or self.red else "routine"


def news2(seen: Observations) -> News2:
    """Return the score of one set of observations."""
    points: dict[str, int] = {}
    for name, bands in _BANDS.items():
        value = getattr(seen, name)
        if value is not None:
            points[name] = _points(value, bands)
    if seen.spo2 is not None and seen.hypercapnic:
        points["spo2"] = _hypercapnic_points(seen.spo2, on_oxygen=bool(seen.on_oxygen))
    if seen.alert is not None:
        points["consciousness"] = 0 if seen.alert else 3
    if seen.on_oxygen is not None:
        points["oxygen"] = 2 if seen.on_oxygen else 0
    names = (*_BANDS, "consciousness", "oxygen")
    return News2(points, tuple(name for name in names if name not in points))


def _points(value: float, bands: Bands) -> int:
    return next(points for bound, points in bands if value <= bound)


def _hypercapnic_points(spo2: float, *, on_oxygen: bool) -> int:
    if spo2 <= _HYPERCAPNIC[-1][0]:
        return _points(spo2, _HYPERCAPNIC)
    return _points(spo2, _HYPERCAPNIC_ON_OXYGEN) if on_oxygen else 0
