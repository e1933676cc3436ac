"""Observations in any order → each patient's in order of time, each once, with times in one form; and what was odd."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from platform_core.sdk import BadInput, read_moment
from platform_core.sdk.moments import read_date
from verticore_medical.deterioration.schema import VitalSigns
from verticore_medical.deterioration.trends import hours
from verticore_medical.scores.plausible import impossible, not_understood
from verticore_medical.watch.judging import Course

_SHOWN = 5
_IDENTIFYING = {"patient", "timestamp", "history", "derived"}


def in_order(signs: Sequence[VitalSigns]) -> tuple[list[Course], tuple[str, ...]]:
    """Return the courses of the patients, and warnings: what cannot be, is not understood, or was there twice.

    Times are returned in ISO 8601 with seconds: without a zone where none has one, in the zone that all have, else in
    UTC. Bare numbers, which are hours, stay.

    Raises:
        BadInput: an observation has no patient or no time.
    """
    _check(signs)
    uniform = _uniform_times(signs)
    by_patient: dict[str, list[tuple[float, VitalSigns]]] = defaultdict(list)
    seen: set[tuple[object, ...]] = set()
    twice: list[VitalSigns] = []
    for one in uniform:
        moment = hours(one.timestamp) or 0.0
        values = one.model_dump_json(exclude=_IDENTIFYING)
        key = (one.patient, int(moment * 60 + 1e-6), values)
        if key in seen:
            twice.append(one)
            continue
        seen.add(key)
        by_patient[one.patient or ""].append((moment, one))
    courses = []
    for patient, series in by_patient.items():
        series.sort(key=lambda item: item[0])
        courses.append(Course(patient, [one for _, one in series], [at for at, _ in series]))
    return courses, tuple(_warnings(uniform, twice))


def _check(signs: Sequence[VitalSigns]) -> None:
    for index, one in enumerate(signs):
        if one.patient is None or read_moment(one.timestamp) is None:
            lacking = "patient" if one.patient is None else "time"
            hint = "give every set of observations a patient and a time in ISO 8601"
            raise BadInput(f"the observations have no {lacking}", where=f"signs[{index}]", hint=hint)


def _uniform_times(signs: Sequence[VitalSigns]) -> list[VitalSigns]:
    # Whether a date has a zone stands in the text alone: reading it fills in UTC.
    dates = [
        None if read_date(one.timestamp or "") is None else datetime.fromisoformat(one.timestamp or "") for one in signs
    ]
    offsets = {date.utcoffset() for date in dates if date is not None}
    return [
        one if date is None else one.model_copy(update={"timestamp": _iso(date, same_zone=len(offsets) == 1)})
        for one, date in zip(signs, dates, strict=True)
    ]


def _iso(date: datetime, *, same_zone: bool) -> str:
    if not same_zone:
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    return date.isoformat(timespec="seconds")


def _warnings(signs: Sequence[VitalSigns], twice: Sequence[VitalSigns]) -> Iterator[str]:
    odd: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in signs:
        for name, value in impossible(one).items():
            odd[name, "cannot be, taken as missing"].append(f"{_place(one)}: {value:g}")
        for name, word in not_understood(one).items():
            odd[name, "not understood, taken as missing"].append(f"{_place(one)}: {word!r}")
    for (name, problem), found in odd.items():
        yield f"{name}, {problem} ({len(found):,}): {_listed(found)}"
    if twice:
        yield f"the same observation twice, counted once ({len(twice):,}): {_listed([_place(one) for one in twice])}"


def _place(one: VitalSigns) -> str:
    return f"{one.patient} at {one.timestamp}"


def _listed(found: Sequence[str]) -> str:
    return "; ".join(found[:_SHOWN]) + ("; …" if len(found) > _SHOWN else "")
