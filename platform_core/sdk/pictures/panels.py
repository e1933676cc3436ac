"""What a picture of series shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Instant = float | date | datetime | str
"""A place on the axis: a number, a date, or a date in ISO 8601."""

AlertLevel = Literal["warning", "critical"]
"""How much an alert matters, the least first; each has a colour and a shape of its own."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something that people should look at.

    Attributes:
        at: where it stands on the axis.
        text: a few words beside the mark; empty: the mark alone.
        level: how much it matters.
    """

    at: Instant
    text: str = ""
    level: AlertLevel = "warning"


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One series.

    Attributes:
        title: what it is, with its unit.
        at: where the values stand, rising; in one picture numbers everywhere, or dates everywhere.
        values: as many; ``None`` leaves a gap.
        baseline: what was expected there, as many; empty: no line.
        low, high: the ends of what is usual, as many; empty: no band. One alone is drawn as a limit.
        alerts: marks, at the value that stands there.
        bounds: the least and the greatest value that can be, such as 0 and 1 of a share: the axis shows no others.
    """

    title: str
    at: Sequence[Instant]
    values: Sequence[float | None]
    baseline: Sequence[float | None] = ()
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    alerts: Sequence[Alert] = ()
    bounds: tuple[float, float] | None = None
