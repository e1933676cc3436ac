"""Resources → what an import needs of them, by their references. Of each resource only a few values are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from verticore_medical.adapters.fhir_files import Entry
from verticore_medical.adapters.fhir_values import (
    ACUITY_CODES,
    COMPLAINT_CODES,
    Wrong,
    acuity_of,
    codes_of,
    measurements_of,
    moment_of,
    priority_of,
    reference_of,
    words_of,
)

_SEXES = {"male": "male", "female": "female", "other": "other", "unknown": None}
_VOID = ("entered-in-error", "cancelled")


@dataclass(frozen=True, slots=True)
class Patient:
    """A Patient: day of birth, sex."""

    born: str | None
    sex: str | None


@dataclass(frozen=True, slots=True)
class Encounter:
    """An Encounter: whose, since when, why, how urgent."""

    patient: str | None
    start: str | None
    complaint: str | None
    reasons: tuple[str, ...]
    priority: str | None


@dataclass(frozen=True, slots=True)
class Observation:
    """An Observation: vital signs by column, a level of urgency, a complaint."""

    patient: str | None
    encounter: str | None
    time: str
    values: Mapping[str, float]
    acuity: str | None
    complaint: str | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A Condition: what it is called; of a problem list, and since when, or not."""

    patient: str | None
    encounter: str | None
    name: str | None
    is_history: bool
    recorded: str | None


Facts = Patient | Encounter | Observation | Condition


@dataclass(frozen=True, slots=True)
class Known:
    """A resource that was read.

    Attributes:
        key: type and id, ``Patient/p1``.
        file: where it stands.
        row: likewise.
        facts: what it says; nothing where it is wrong.
        problem: what is wrong with it.
        links: what it refers to, as written: patient, encounter.
    """

    key: str
    file: str
    row: int
    facts: Facts | None
    problem: str | None = None
    links: tuple[str, ...] = ()


@dataclass
class Index:
    """All resources of a source.

    Attributes:
        known: key → resource, in order.
        loose: what cannot be told apart by a key, as (file, row, problem, hint).
        urls: ``fullUrl`` → key.
        others: keys of resources of other types.
    """

    known: dict[str, Known] = field(default_factory=dict)
    loose: list[tuple[str, int, str, str | None]] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)

    def add_all(self, entries: Iterable[Entry]) -> None:
        """Read ``entries``; of types that no import needs, the keys alone are kept."""
        for entry in entries:
            if entry.problem:
                self.loose.append((entry.file, entry.row, entry.problem, entry.hint))
            else:
                self._add(entry)

    def resolve(self, reference: str) -> Known | None:
        """Return the resource that ``reference`` names: ``Patient/p1``, a ``fullUrl``, a URL that ends in the key."""
        return self.known.get(self._key_of(reference))

    def is_there(self, reference: str) -> bool:
        """Tell whether ``reference`` names a resource of any type."""
        key = self._key_of(reference)
        return key in self.known or key in self.others

    def _key_of(self, reference: str) -> str:
        return self.urls.get(reference) or "/".join(reference.split("/_history/")[0].split("/")[-2:])

    def _add(self, entry: Entry) -> None:
        kind = entry.resource["resourceType"]
        key = f"{kind}/{entry.resource['id']}"
        if entry.full_url:
            self.urls.setdefault(entry.full_url, key)
        if kind not in _READERS:
            self.others.add(key)
            return
        read = _read(key, entry)
        before = self.known.get(key)
        if before is None:
            self.known[key] = read
        elif kind != "Patient" or before.facts != read.facts:  # each Bundle may bring its Patient along
            problem = f"entry {entry.row}: {key} is there twice, first at {before.file}, entry {before.row}"
            self.loose.append((entry.file, entry.row, problem, "ids must tell resources of a type apart"))


def _read(key: str, entry: Entry) -> Known:
    resource = entry.resource
    try:
        facts = _READERS[resource["resourceType"]](resource)
    except Wrong as wrong:
        return Known(key, entry.file, entry.row, None, f"{key}: {wrong}", _links(resource))
    return Known(key, entry.file, entry.row, facts, None, _links(resource))


def _links(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the references to patient and encounter that can be read, even of a resource that is wrong elsewhere."""
    values = (resource.get(name) for name in ("subject", "encounter"))
    found = (value.get("reference") for value in values if isinstance(value, dict))
    return tuple(reference for reference in found if isinstance(reference, str) and reference)


def _patient(resource: Mapping[str, Any]) -> Patient:
    gender = resource.get("gender")
    if gender is not None and (not isinstance(gender, str) or gender not in _SEXES):
        raise Wrong(f"gender is {gender!r}; FHIR knows {', '.join(_SEXES)}")
    return Patient(moment_of(resource.get("birthDate"), "birthDate"), _SEXES[gender] if gender else None)


def _encounter(resource: Mapping[str, Any]) -> Encounter:
    period = resource.get("period") or {}
    if not isinstance(period, dict):
        raise Wrong(f"period is a {type(period).__name__}, not an object")
    reasons = _objects(resource, "reasonReference")
    complaints = [words for words in map(words_of, _objects(resource, "reasonCode")) if words]
    return Encounter(
        reference_of(resource, "subject"),
        moment_of(period.get("start"), "period.start"),
        "; ".join(complaints) or None,
        tuple(str(reason["reference"]) for reason in reasons if reason.get("reference")),
        priority_of(resource.get("priority")),
    )


def _observation(resource: Mapping[str, Any]) -> Observation:
    void = resource.get("status") in _VOID
    codes = {code for _, code in codes_of(resource.get("code"))}
    complaint = resource.get("valueString") if codes & set(COMPLAINT_CODES) and not void else None
    if complaint is not None and not isinstance(complaint, str):
        raise Wrong(f"valueString is {complaint!r}, not a text")
    return Observation(
        reference_of(resource, "subject"),
        reference_of(resource, "encounter"),
        moment_of(resource.get("effectiveDateTime"), "effectiveDateTime") or "",
        {} if void else dict(measurements_of(resource)),
        acuity_of(resource) if codes & set(ACUITY_CODES) and not void else None,
        complaint,
    )


def _condition(resource: Mapping[str, Any]) -> Condition:
    categories = {code for concept in _objects(resource, "category") for _, code in codes_of(concept)}
    recorded = resource.get("onsetDateTime") or resource.get("recordedDate")
    return Condition(
        reference_of(resource, "subject"),
        reference_of(resource, "encounter"),
        words_of(resource.get("code")),
        "problem-list-item" in categories,
        moment_of(recorded, "onsetDateTime"),
    )


def _objects(resource: Mapping[str, Any], element: str) -> list[dict[str, Any]]:
    values = resource.get(element, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise Wrong(f"{element} is no list of objects")
    return values


_READERS: dict[str, Callable[[Mapping[str, Any]], Facts]] = {
    "Patient": _patient,
    "Encounter": _encounter,
    "Observation": _observation,
    "Condition": _condition,
}
