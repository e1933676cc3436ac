"""One patient's observations → points and alarms. Every one is judged by what was known at its moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from verticore_medical.deterioration.schema import VitalSigns
from verticore_medical.deterioration.trends import score
from verticore_medical.scores.news2 import ADULT, News2
from verticore_medical.watch.schema import Alarm, Level, PatientSeries, Point

_LEVELS: dict[str, int] = {"routine": 0, "urgent": 1, "emergency": 2}


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


def judge(course: Course, *, repeat_hours: float, model: str) -> tuple[PatientSeries, list[tuple[float, Alarm]]]:
    """Return the judged observations, and the alarms with their hour.

    NEWS2 raises none for patients who are known to be younger than 16: it is not made for them.
    """
    scores = [score(signs) for signs in course.signs]
    points = tuple(
        Point(time=signs.timestamp or "", news2=found.total, missing=found.missing, probability=probability)
        for signs, found, probability in zip(course.signs, scores, _probabilities(course), strict=True)
    )
    found: list[tuple[float, Alarm]] = []
    levels = [_LEVELS[one.response] if _is_adult(signs) else 0 for one, signs in zip(scores, course.signs, strict=True)]
    for index in raised(levels, course.hours, repeat_hours):
        level: Level = "emergency" if levels[index] == _LEVELS["emergency"] else "urgent"
        alarm = Alarm(
            patient=course.patient, time=points[index].time, rule="news2", level=level, text=_in_words(scores[index])
        )
        found.append((course.hours[index], alarm))
    for index in raised([int(answer.is_alarm) for answer in course.answers], course.hours, repeat_hours):
        text = f"{model} gives {course.answers[index].probability:.0%} that the patient gets worse"
        alarm = Alarm(patient=course.patient, time=points[index].time, rule="model", level="urgent", text=text)
        found.append((course.hours[index], alarm))
    return PatientSeries(patient=course.patient, points=points), found


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
    return [answer.probability for answer in course.answers] or [None] * len(course.signs)


def _is_adult(signs: VitalSigns) -> bool:
    return signs.age is None or signs.age >= ADULT


def _in_words(found: News2) -> str:
    parts = ", ".join(f"{name.replace('_', ' ')} {points}" for name, points in found.points.items() if points)
    at_least = "at least " if found.missing else ""
    return f"NEWS2 is {at_least}{found.total} ({parts})"
