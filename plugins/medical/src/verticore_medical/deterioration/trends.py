"""What the model reads beside the vital signs themselves: their early-warning points, and where they are going."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from platform_core.sdk import Cell, read_moment
from platform_core.sdk.moments import read_date
from verticore_medical.deterioration.schema import VitalSigns
from verticore_medical.scores.consciousness import STATES
from verticore_medical.scores.news2 import News2, Observations, news2
from verticore_medical.scores.plausible import numbers_of

TRACKED = ("heart_rate", "respiratory_rate", "systolic_bp", "temperature", "spo2")
WINDOW_HOURS = 12.0
"""What lies further back says little of the next hours."""

_MARKERS = numbers_of(VitalSigns)


def score(signs: VitalSigns) -> News2:
    """Return the NEWS2 of one set of vital signs; what cannot be counts as not taken."""
    return news2(
        Observations(
            respiratory_rate=possible(signs, "respiratory_rate"),
            spo2=possible(signs, "spo2"),
            systolic_bp=possible(signs, "systolic_bp"),
            heart_rate=possible(signs, "heart_rate"),
            temperature=possible(signs, "temperature"),
            on_oxygen=_answer(signs.oxygen, "yes", "no"),
            alert=_answer(signs.consciousness, *STATES),
        )
    )


def trends(signs: VitalSigns, past: Sequence[VitalSigns]) -> Mapping[str, Cell]:
    """Return scores and trends as columns; of a trend, nothing where there is no earlier value.

    Args:
        signs: the vital signs now.
        past: those before, oldest first.
    """
    now, recent = hours(signs.timestamp), [(hours(one.timestamp), one) for one in past]
    if now is not None:
        recent = [(at, one) for at, one in recent if at is not None and now - at <= WINDOW_HOURS]
    own = score(signs)
    before = [score(one).total for _, one in recent]
    columns: dict[str, Cell] = {
        "news2": float(own.total),
        "news2_most": float(max(own.points.values(), default=0)),
        "news2_missing": float(len(own.missing)),
        "news2_change": float(own.total - before[-1]) if before else None,
        "news2_highest": float(max([own.total, *before])),
        "observations": float(len(recent)),
        "shock_index": _ratio(possible(signs, "heart_rate"), possible(signs, "systolic_bp")),
    }
    for name in TRACKED:
        values = [(at, value) for at, one in recent if (value := possible(one, name)) is not None]
        value = possible(signs, name)
        columns[f"{name}_change"] = value - values[-1][1] if values and value is not None else None
        columns[f"{name}_from_mean"] = value - fmean(v for _, v in values) if values and value is not None else None
        columns[f"{name}_slope"] = _slope([*values, (now, value)]) if value is not None else None
    return columns


def hours(time: str | None) -> float | None:
    """Return a moment in hours since 1970; a bare number is hours already, and what is neither is nothing."""
    date = None if time is None else read_date(time)
    return read_moment(time) if date is None else date.timestamp() / 3600


def possible(signs: VitalSigns, name: str) -> float | None:
    """Return a vital sign, or nothing where it is missing or cannot be."""
    value: float | None = getattr(signs, name)
    return value if value is not None and _MARKERS[name].is_possible(value) else None


def _answer(word: str | None, yes: str, *no: str) -> bool | None:
    return True if word == yes else False if word in no else None


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _slope(points: Sequence[tuple[float | None, float]]) -> float | None:
    """Return the least-squares slope per hour of (hours, value); nothing of fewer than three moments."""
    known = [(at, value) for at, value in points if at is not None]
    if len(known) < 3:
        return None
    mean_at, mean = fmean(at for at, _ in known), fmean(value for _, value in known)
    spread = sum((at - mean_at) ** 2 for at, _ in known)
    return sum((at - mean_at) * (value - mean) for at, value in known) / spread if spread else None
