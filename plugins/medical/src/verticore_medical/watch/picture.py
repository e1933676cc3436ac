"""The picture of a watch: the patients with the most alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from verticore_medical.deterioration.trends import hours
from verticore_medical.scores.news2 import URGENT
from verticore_medical.watch.schema import Alarm, PatientSeries, WatchOutput

if TYPE_CHECKING:
    from platform_core.sdk.pictures import Panel

_MOST_PATIENTS = 3


def draw(output: WatchOutput) -> bytes:
    """Return a PNG: NEWS2 and, where a model was asked, its probability over the hours since the first observation."""
    from platform_core.sdk.pictures import draw_series

    counts = Counter(alarm.patient for alarm in output.alarms)
    ranked = sorted(output.patients, key=lambda series: -counts[series.patient])[:_MOST_PATIENTS]
    panels = [panel for series in ranked for panel in _panels(series, output.alarms)]
    meaning = {
        "values": "score or probability",
        "limit": f"NEWS2 of {URGENT}: urgent review",
        "alerts": "alert with its level",
    }
    return draw_series(
        panels, title="Early warning", axis="hours since the patient's first observation", legend=meaning
    )


def _panels(series: PatientSeries, alarms: Sequence[Alarm]) -> list[Panel]:
    from platform_core.sdk.pictures import Alert, Panel

    moments = [hours(point.time) or 0.0 for point in series.points]
    at = [moment - moments[0] for moment in moments]
    own = [alarm for alarm in alarms if alarm.patient == series.patient]
    alerts = {
        rule: [Alert(at=(hours(a.time) or 0.0) - moments[0], text=a.level) for a in own if a.rule == rule]
        for rule in ("news2", "model")
    }
    panels = [
        Panel(
            title=f"{series.patient}: NEWS2",
            at=at,
            values=[float(point.news2) for point in series.points],
            high=[float(URGENT)] * len(at),
            alerts=alerts["news2"],
        )
    ]
    if any(point.probability is not None for point in series.points):
        panels.append(
            Panel(
                title=f"{series.patient}: probability of getting worse, by the model",
                at=at,
                values=[point.probability for point in series.points],
                alerts=alerts["model"],
            )
        )
    return panels
