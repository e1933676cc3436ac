"""What the elements of FHIR resources say: codes, quantities, references, dates; or that they are :class:`Wrong`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

LOINC = "http://loinc.org"
_DATE = re.compile(
    r"(?:\d{4})(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01])(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?\S*)?)?)?"
)

VITALS: Mapping[str, str] = {
    "8480-6": "systolic_bp",
    "8462-4": "diastolic_bp",
    "8867-4": "heart_rate",
    "9279-1": "respiratory_rate",
    "8310-5": "temperature",
    "2708-6": "spo2",
    "59408-5": "spo2",
    "72514-3": "pain_score",
    "2339-0": "glucose",
    "2345-7": "glucose",
    "41653-7": "glucose",
    "14749-6": "glucose",
    "15074-8": "glucose",
}
"""LOINC code → column."""

ACUITY_CODES = ("75636-1", "273887006")
"""Observations that state the level of urgency: LOINC "Emergency severity index", SNOMED CT "Triage index"."""
_SEVERITY_ANSWERS = {
    "LA21567-5": "1", "LA21752-3": "2", "LA21753-1": "3", "LA21754-9": "4", "LA21755-6": "5",
}  # fmt: skip
"""The LOINC answer list LL3056-0, ESI version 4."""

PRIORITIES: Mapping[str, str] = {
    "S": "stat", "EM": "emergency", "A": "ASAP", "UR": "urgent", "R": "routine", "EL": "elective",
}  # fmt: skip
"""Codes of HL7 v3 ActPriority that state an urgency, the most urgent first → their names. The others (callbacks, as
needed, timing critical, …) say when or how, not how urgent."""

COMPLAINT_CODES = ("8661-1", "10154-3")
"""LOINC "Chief complaint" as reported and as narrative."""


def _same(value: float) -> float:
    return value


_PRESSURE: Mapping[str, Callable[[float], float]] = {
    "mm[Hg]": _same, "mmHg": _same, "mm Hg": _same, "kPa": lambda value: value * 7.50062,
}  # fmt: skip
_RATE = dict.fromkeys(
    (
        "/min",
        "{beats}/min",
        "{breaths}/min",
        "1/min",
        "beats/min",
        "breaths/min",
        "beats/minute",
        "breaths/minute",
        "bpm",
    ),
    _same,
)
_UNITS: Mapping[str, Mapping[str, Callable[[float], float]]] = {
    "systolic_bp": _PRESSURE,
    "diastolic_bp": _PRESSURE,
    "heart_rate": _RATE,
    "respiratory_rate": _RATE,
    "temperature": {
        **dict.fromkeys(("Cel", "°C", "C", "degC"), _same),
        **dict.fromkeys(("[degF]", "°F", "F", "degF"), lambda value: (value - 32) / 1.8),
    },
    "spo2": {"%": _same},
    "pain_score": dict.fromkeys(("{score}", "{ScoreOf}", "1", "score", ""), _same),
    "glucose": {"mmol/L": _same, "mg/dL": lambda value: value / 18.016},
}
"""Column → UCUM code (or the usual words for it) → conversion to the unit of the column, the first named."""


class Wrong(ValueError):
    """An element does not hold what FHIR says that it holds."""


def codes_of(concept: Any) -> list[tuple[str, str]]:
    """Return system and code of each coding of a CodeableConcept.

    Raises:
        Wrong: it has no list of codings.
    """
    return [(str(c.get("system") or ""), str(c["code"])) for c in _codings(concept) if c.get("code") is not None]


def words_of(concept: Any) -> str | None:
    """Return what people would read of a CodeableConcept: its text, else a display name, else a code.

    Raises:
        Wrong: it has no list of codings.
    """
    if not isinstance(concept, dict):
        return None
    codings = _codings(concept)
    for value in (concept.get("text"), *(c.get("display") for c in codings), *(c.get("code") for c in codings)):
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _codings(concept: Any) -> list[dict[str, Any]]:
    """Return the codings of a CodeableConcept; anything else has none."""
    values = list_of(concept, "coding") if isinstance(concept, dict) else []
    return [coding for coding in values if isinstance(coding, dict)]


def list_of(resource: Mapping[str, Any], element: str) -> list[Any]:
    """Return the values of an element that may repeat; an element that is not there has none.

    Raises:
        Wrong: it is no list; ``null`` is none either.
    """
    values = resource.get(element, [])
    if not isinstance(values, list):
        raise Wrong(f"{element} is {_kind(values)}, not a list")
    return values


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"


def reference_of(resource: Mapping[str, Any], element: str) -> str | None:
    """Return the reference in ``element``, as it is written; ``None`` where there is none."""
    value = resource.get(element)
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("reference", ""), str):
        raise Wrong(f"{element} is no reference")
    return value.get("reference") or None


def moment_of(value: Any, element: str) -> str | None:
    """Return a FHIR date or dateTime."""
    if value is None:
        return None
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise Wrong(f"{element} is {value!r}, no FHIR date such as 2024-03-01T08:15:00Z")
    return value


def measurements_of(observation: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield column and value of each known vital sign in an Observation and its components."""
    for part in (observation, *(c for c in list_of(observation, "component") if isinstance(c, dict))):
        columns = [
            VITALS[code] for system, code in codes_of(part.get("code")) if code in VITALS and system in (LOINC, "")
        ]
        value = _number_of(part, columns[0]) if columns else None
        if value is not None:
            yield columns[0], value


def acuity_of(observation: Mapping[str, Any]) -> str | None:
    """Return the level that an Observation of urgency states."""
    for name in ("valueInteger", "valueString"):
        if observation.get(name) is not None:
            return str(observation[name]).strip() or None
    quantity = observation.get("valueQuantity")
    if quantity is not None:
        value = quantity.get("value") if isinstance(quantity, dict) else None
        return f"{_finite(value, 'valueQuantity.value'):g}"
    concept = observation.get("valueCodeableConcept")
    answers = [_SEVERITY_ANSWERS[code] for _, code in codes_of(concept) if code in _SEVERITY_ANSWERS]
    return answers[0] if answers else words_of(concept)


def priority_of(concept: Any) -> str | None:
    """Return the urgency that a CodeableConcept states: the name of a code of ActPriority, else its words."""
    codes = (code for system, code in codes_of(concept) if not system or system.endswith("ActPriority"))
    return next((PRIORITIES[code] for code in codes if code in PRIORITIES), None) or words_of(concept)


def _number_of(part: Mapping[str, Any], column: str) -> float | None:
    if "valueInteger" in part:
        return _finite(part["valueInteger"], "valueInteger")
    quantity = part.get("valueQuantity")
    if quantity is None:
        if "component" in part or "dataAbsentReason" in part:
            return None
        raise Wrong("it has no value")
    if not isinstance(quantity, dict):
        raise Wrong(f"valueQuantity is a {type(quantity).__name__}, not an object")
    value = _finite(quantity.get("value"), "valueQuantity.value")
    unit = str(quantity.get("code") or quantity.get("unit") or "")
    if unit not in _UNITS[column]:
        known = ", ".join(name for name in _UNITS[column] if name)
        raise Wrong(f"{column} is given in {unit!r}; known units are {known}" if unit else f"{column} has no unit")
    return round(_UNITS[column][unit](value), 2)


def _finite(value: Any, element: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(f"{element} is {value!r}, not a number")
    try:
        number = float(value)
    except OverflowError:
        raise Wrong(f"{element} has more digits than any measurement") from None
    if not math.isfinite(number):
        raise Wrong(f"{element} is {value!r}, not finite")
    return number
