"""The picture of a watch: the patients with the most alarms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from platform_core.sdk.moments import read_date
from verticore_medical.deterioration.trends import hours
from verticore_medical.scores.news2 import EMERGENCY, URGENT
from verticore_medical.watch.schema import Alarm, Level, PatientSeries, WatchOutput

if TYPE_CHECKING:
    from platform_core.sdk.pictures import Alert, AlertLevel, Panel

_LEVELS: dict[Level, AlertLevel] = {"urgent": "warning", "emergency": "critical"}
_MOST_PATIENTS = 3
_MOST_HOURS = 7 * 24.0
"""Up to here all patients stand on one axis of clock time; those further apart each begin at 0."""


def draw(output: WatchOutput) -> bytes:
    """Return a PNG: NEWS2 and, where a model was asked, its probability; over clock time where that can be."""
    from platform_core.sdk.pictures import draw_series

    ranked = sorted(output.patients, key=lambda series: -series.alarms)[:_MOST_PATIENTS]
    on_clock = _on_clock(ranked)
    panels = [panel for series in ranked for panel in _panels(series, output, ranked, on_clock=on_clock)]
    of = f"{len(ranked)} of {len(output.patients)} patients, those with the most alarms"
    meaning = {
        "values": "score or probability",
        "band": f"NEWS2 from {URGENT}: urgent; from {EMERGENCY}: emergency",
        "limit": "lowest probability that alarmed",
        "alerts": "U: urgent alarm (or 3 points in one)",
        "critical": "E: emergency alarm",
    }
    title = f"Early-warning alarms: {of if len(ranked) < len(output.patients) else 'all patients'}"
    axis = "" if on_clock else "hours since the patient's first observation"
    return draw_series(panels, title=title, axis=axis, legend=meaning)


def _on_clock(shown: Sequence[PatientSeries]) -> bool:
    times = [point.time for series in shown for point in series.points]
    at = [hours(time) or 0.0 for time in times]
    return all(map(read_date, times)) and max(at) - min(at) <= _MOST_HOURS


def _panels(
    series: PatientSeries, output: WatchOutput, shown: Sequence[PatientSeries], *, on_clock: bool
) -> list[Panel]:
    from platform_core.sdk.pictures import Panel

    first = hours(series.points[0].time) or 0.0
    at = [point.time if on_clock else (hours(point.time) or 0.0) - first for point in series.points]
    places = dict(zip((point.time for point in series.points), at, strict=True))
    own = [alarm for alarm in output.alarms if alarm.patient == series.patient]
    scores = [point.news2 for one in shown for point in one.points if point.news2 is not None]
    panels = [
        Panel(
            title=f"{series.patient}: NEWS2, {_span(series)}",
            at=at,
            values=[point.news2 for point in series.points],
            low=[float(URGENT)] * len(at),
            high=[float(EMERGENCY)] * len(at),
            alerts=_marks(own, "news2", places),
            bounds=(0.0, float(max([10, *scores]))),
        )
    ]
    if any(point.probability is not None for point in series.points):
        least = output.least_alarming
        panels.append(
            Panel(
                title=f"{series.patient}: probability of getting worse, by the model",
                at=at,
                values=[point.probability for point in series.points],
                high=[] if least is None else [least] * len(at),
                alerts=_marks(own, "model", places),
                bounds=(0.0, 1.0),
            )
        )
    return panels


def _marks(alarms: Sequence[Alarm], rule: str, places: dict[str, float | str]) -> list[Alert]:
    from platform_core.sdk.pictures import Alert

    return [Alert(at=places[a.time], text=a.level[0].upper(), level=_LEVELS[a.level]) for a in alarms if a.rule == rule]


def _span(series: PatientSeries) -> str:
    first, last = (series.points[i].time.replace("T", " ") for i in (0, -1))
    return f"{first[:16]} to {last[:16]}"
