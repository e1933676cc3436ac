"""``medical.watch``: early-warning alarms over the vital signs of patients. Decision support.

Two rules look at every set of observations: NEWS2, the published score, and, where a model is named, what it says of
the observations and those before them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from platform_core.sdk import BadInput, Operation, OperationContext
from verticore_medical.deterioration.sample import make_rows
from verticore_medical.deterioration.schema import LABELS, POSITIVE, VitalSigns
from verticore_medical.deterioration.solution import solution
from verticore_medical.deterioration.trends import hours
from verticore_medical.watch.judging import Answer, Course, judge
from verticore_medical.watch.picture import draw
from verticore_medical.watch.schema import WatchInput, WatchOutput

_HISTORY = 48
_SAMPLE_PATIENTS = 8
_CHUNK = 512


def run(context: OperationContext, given: WatchInput) -> WatchOutput:
    """Judge every set of observations.

    Raises:
        BadInput: an observation has no patient or no time, or the model answers something else.
    """
    courses = _courses(given.signs)
    if given.model:
        courses = _answered(context, given.model, courses)
    judged = [judge(course, repeat_hours=given.repeat_hours, model=given.model) for course in courses]
    alarms = sorted(
        (found for _, founds in judged for found in founds), key=lambda item: (item[0], item[1].patient, item[1].rule)
    )
    watched = sum(course.hours[-1] - course.hours[0] for course in courses)
    return WatchOutput(
        observations=len(given.signs),
        alarms=tuple(alarm for _, alarm in alarms),
        alarms_per_100_patient_days=round(2400 * len(alarms) / watched, 1) if watched >= 24 else None,
        patients=tuple(series for series, _ in judged),
    )


def make_sample() -> Mapping[str, Any]:
    """Return a few invented patients, to be watched with the model of the sample data."""
    patients: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in make_rows(_SAMPLE_PATIENTS, seed=5):
        values = {name: row[name] for name in VitalSigns.model_fields if row.get(name)}
        one = VitalSigns.model_validate({**values, "patient": row["patient_id"], "timestamp": row["charttime"]})
        patients[row["patient_id"]].append(_dumped(one))
    return {"signs": [signs for series in patients.values() for signs in series], "model": f"{solution.id}@champion"}


def _courses(signs: Sequence[VitalSigns]) -> list[Course]:
    """Return each patient's observations in order of time."""
    by_patient: dict[str, list[tuple[float, VitalSigns]]] = defaultdict(list)
    for index, one in enumerate(signs):
        moment = hours(one.timestamp)
        if one.patient is None or moment is None:
            lacking = "patient" if one.patient is None else "time"
            hint = "give every set of observations a patient and a time in ISO 8601"
            raise BadInput(f"the observations have no {lacking}", where=f"signs[{index}]", hint=hint)
        by_patient[one.patient].append((moment, one))
    courses = []
    for patient, series in by_patient.items():
        series.sort(key=lambda item: item[0])
        courses.append(Course(patient, [one for _, one in series], [at for at, _ in series]))
    return courses


def _answered(context: OperationContext, model: str, courses: Sequence[Course]) -> list[Course]:
    """Return the courses with the model's answers."""
    total, answered = sum(len(course.signs) for course in courses), []
    for course in courses:
        rows = [_dumped(one) for one in course.signs]
        asked = [row | {"history": rows[max(0, i - _HISTORY) : i]} for i, row in enumerate(rows)]
        answers: list[Answer] = []
        for start in range(0, len(asked), _CHUNK):
            answers += map(_answer, context.predict(model, asked[start : start + _CHUNK]))
        answered.append(replace(course, answers=answers))
        context.progress(sum(len(done.signs) for done in answered), total)
    return answered


def _dumped(signs: VitalSigns) -> dict[str, Any]:
    return signs.model_dump(exclude_none=True, exclude={"history", "derived"})


def _answer(prediction: Mapping[str, Any]) -> Answer:
    scores = prediction.get("scores", {})
    worse = next((label for label in scores if label.casefold() in POSITIVE), None)
    if len(scores) != len(LABELS) or worse is None:
        raise BadInput(
            "the model does not say whether a patient gets worse",
            where="model",
            hint=f"name a model of {solution.id}, trained on labels such as {LABELS[0]!r} and {LABELS[1]!r}",
        )
    return Answer(scores[worse], prediction["label"] == worse)


operation = Operation(
    id="medical.watch",
    title="Early-warning alarms over vital signs (decision support)",
    summary="Judges every set of vital signs by NEWS2 and by a learned model, and raises alarms.",
    input=WatchInput,
    output=WatchOutput,
    run=run,
    sample=make_sample,
    rows="signs",
    picture=draw,
)
