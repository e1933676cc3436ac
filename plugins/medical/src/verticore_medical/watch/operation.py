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
from verticore_medical.watch.judging import Answer, Course, judge, newest_first
from verticore_medical.watch.ordering import in_order
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
    courses, warnings = in_order(given.signs)
    if given.model:
        courses = _answered(context, given.model, courses)
    judged = [judge(course, repeat_hours=given.repeat_hours) for course in courses]
    alarms = newest_first([found for _, founds in judged for found in founds])
    alarming = [answer.probability for course in courses for answer in course.answers if answer.is_alarm]
    watched = sum(course.hours[-1] - course.hours[0] for course in courses)
    return WatchOutput(
        observations=sum(len(course.signs) for course in courses),
        warnings=warnings,
        alarms=alarms,
        least_alarming=min(alarming, default=None),
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
