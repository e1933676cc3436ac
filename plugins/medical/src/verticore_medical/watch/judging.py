"""One patient's observations → points and alarms. Every one is judged by what was known at its moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verticore_medical.deterioration.review import CHILD, is_adult
from verticore_medical.deterioration.schema import VitalSigns
from verticore_medical.deterioration.trends import score
from verticore_medical.scores.news2 import News2
from verticore_medical.watch.schema import Alarm, Level, PatientSeries, Point

_LEVELS: dict[str, int] = {"routine": 0, "urgent": 1, "emergency": 2}
_SHORT = {
    "respiratory_rate": "RR",
    "spo2": "SpO2",
    "systolic_bp": "SBP",
    "heart_rate": "HR",
    "temperature": "temp",
    "consciousness": "ACVPU",
    "oxygen": "O2",
}


@dataclass(frozen=True)
class Answer:
    """What a model says of one set of observations: the probability of getting worse, and whether it is an alarm."""

    probability: float
    is_alarm: bool


@dataclass(frozen=True)
class Course:
    """A patient's observations in order of time.

    Attributes:
        patient: whose they are.
        signs: the observations.
        hours: when they were taken, in hours.
        answers: of the model; none where no model was asked.
    """

    patient: str
    signs: Sequence[VitalSigns]
    hours: Sequence[float]
    answers: Sequence[Answer] = ()


def judge(course: Course, *, repeat_hours: float) -> tuple[PatientSeries, list[tuple[float, Alarm]]]:
    """Return the judged observations, and the alarms with their hour.

    NEWS2 raises none for patients who are known to be younger than 16: it is not made for them.
    """
    scores = [score(signs) for signs in course.signs]
    adult = all(map(is_adult, course.signs))
    points = tuple(
        Point(
            time=signs.timestamp or "",
            news2=found.total if adult and found.points else None,
            missing=found.missing,
            probability=probability,
        )
        for signs, found, probability in zip(course.signs, scores, _probabilities(course), strict=True)
    )
    found: list[tuple[float, Alarm]] = []
    levels = [_LEVELS[one.response] if adult else 0 for one in scores]
    for index in raised(levels, course.hours, repeat_hours):
        level: Level = "emergency" if levels[index] == _LEVELS["emergency"] else "urgent"
        alarm = Alarm(
            patient=course.patient, time=points[index].time, rule="news2", level=level, text=_in_words(scores[index])
        )
        found.append((course.hours[index], alarm))
    for index in raised(
        [int(one.is_alarm and bool(seen.points)) for one, seen in zip(course.answers, scores, strict=False)],
        course.hours,
        repeat_hours,
    ):
        text = f"{course.answers[index].probability:.0%} that the patient gets worse, by the model"
        alarm = Alarm(patient=course.patient, time=points[index].time, rule="model", level="urgent", text=text)
        found.append((course.hours[index], alarm))
    series = PatientSeries(
        patient=course.patient,
        latest_time=points[-1].time,
        latest_news2=points[-1].news2,
        latest_probability=points[-1].probability,
        alarms=len(found),
        note="" if adult else CHILD,
        points=points,
    )
    return series, found


def newest_first(found: Sequence[tuple[float, Alarm]]) -> tuple[Alarm, ...]:
    """Return alarms, given with their hour: patients by their newest alarm, and of each the newest first."""
    newest: dict[str, float] = {}
    for hour, alarm in found:
        newest[alarm.patient] = max(hour, newest.get(alarm.patient, hour))
    ranked = sorted(found, key=lambda one: (-newest[one[1].patient], one[1].patient, -one[0], one[1].rule))
    return tuple(alarm for _, alarm in ranked)


def raised(levels: Sequence[int], hours: Sequence[float], repeat_after: float) -> list[int]:
    """Return the indices at which an alarm is raised: when the level rises, and again while it stays above 0.

    Args:
        levels: of each observation, 0 is calm; in order of time, possibly fewer than ``hours``.
        hours: when they were taken.
        repeat_after: an alarm at the same level or a lower one is repeated after so many hours.
    """
    indices: list[int] = []
    height, last = 0, float("-inf")
    for index, (level, hour) in enumerate(zip(levels, hours, strict=False)):
        if level == 0:
            height = 0
        elif level > height or hour - last >= repeat_after:
            indices.append(index)
            height, last = level, hour
    return indices


def _probabilities(course: Course) -> Sequence[float | None]:
    if not course.answers:
        return [None] * len(course.signs)
    pairs = zip(course.answers, course.signs, strict=True)
    return [answer.probability if score(signs).points else None for answer, signs in pairs]


def _in_words(found: News2) -> str:
    """Return the score and what it is made of, short enough for a line of a table."""
    parts = ", ".join(f"{_SHORT[name]} {points}" for name, points in found.points.items() if points)
    return f"NEWS2 {'≥' if found.missing else ''}{found.total}: {parts}"
