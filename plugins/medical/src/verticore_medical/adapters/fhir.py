"""FHIR R4: one row per Encounter, with what is known at arrival."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from platform_core.sdk import Source
from platform_core.sdk.adapters import RawRow, TableFile
from verticore_medical.adapters.fhir_files import FhirFormat, read_entries
from verticore_medical.adapters.fhir_index import Condition, Encounter, Index, Known, Observation, Patient
from verticore_medical.adapters.fhir_values import VITALS

COLUMNS = (
    "encounter_id", "patient", "arrived", "complaint", "medical_history", "age", "sex",
    *dict.fromkeys(VITALS.values()), "label",
)  # fmt: skip
"""Always all of them: what no resource fills is missing, as it is for most patients."""


class FhirAdapter(FhirFormat):
    """Reads Bundles (``.json``) and resources by the line (``.ndjson``), alone or together in a folder.

    References are resolved over all files. Of each resource a few values are kept, so that memory grows with the
    number of encounters and observations; ``.json`` Bundles are read whole, one file at a time.
    """

    name = "fhir"
    columns = COLUMNS
    description = (
        "FHIR R4 Bundles (.json) or resources by the line (.ndjson), a row per Encounter: Patient, Encounter, "
        'Observation, Condition, e.g. {"resourceType": "Bundle", "entry": [{"resource": {…}}]}'
    )

    def tables(self, source: Source) -> Iterator[TableFile]:
        """Read all files, then yield a row per Encounter; one with a wrong resource, or a reference to none, is bad."""
        index = Index()
        names = {file: source.name_of(file) for file in self.files(source)}
        for file, shown in names.items():
            index.add_all(read_entries(file, shown))
        rows = _rows(index)
        for shown in names.values():
            if rows[shown]:
                yield TableFile(shown, COLUMNS, iter(rows[shown]))


def _rows(index: Index) -> dict[str, list[RawRow]]:
    """Return the rows by file, in order: the Encounters, and what is wrong with no Encounter to blame."""
    parts = _Parts(index)
    rows: dict[str, list[RawRow]] = defaultdict(list)
    for known in index.known.values():
        if known.key.startswith("Encounter/"):
            rows[known.file].append(parts.row(known))
    for file, row, problem, hint in [*index.loose, *parts.loose]:
        rows[file].append(RawRow(row, {}, problem, hint=hint))
    for part in rows.values():
        part.sort(key=lambda row: row.row)
    return rows


class _Parts:
    """What belongs to each Encounter; what belongs to none and is wrong stands in ``loose``."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._observations: dict[str, list[Observation]] = defaultdict(list)
        self._conditions: dict[str, list[Condition]] = defaultdict(list)
        self._problems: dict[str, list[str]] = defaultdict(list)
        self.loose: list[tuple[str, int, str, str | None]] = []
        self._only = self._only_encounters()
        observations = (known.facts for known in index.known.values() if isinstance(known.facts, Observation))
        self._is_scored = any(observation.acuity for observation in observations)
        for known in index.known.values():
            if not known.key.startswith(("Encounter/", "Patient/")):
                self._attach(known)

    def _only_encounters(self) -> dict[str, str]:
        """Return patient → Encounter for patients with just one."""
        found: dict[str, list[str]] = defaultdict(list)
        for known in self._index.known.values():
            if isinstance(known.facts, Encounter) and known.facts.patient:
                patient = self._index.resolve(known.facts.patient)
                if patient:
                    found[patient.key].append(known.key)
        return {patient: keys[0] for patient, keys in found.items() if len(keys) == 1}

    def _attach(self, known: Known) -> None:
        """Note an Observation or Condition with its Encounter."""
        problem = known.problem or self._dangling(known)
        targets = [found for link in known.links if (found := self._index.resolve(link))]
        patient = next((target.key for target in targets if target.key.startswith("Patient/")), "")
        encounter = next((target.key for target in targets if target.key.startswith("Encounter/")), "")
        encounter = encounter or self._only.get(patient, "")
        if not problem and encounter and patient and (other := self._patient_of(encounter)) not in ("", patient):
            problem = f"{known.key}: its subject is {patient}, that of its {encounter} is {other}"
        if problem and encounter:
            self._problems[encounter].append(problem)
        elif problem:
            self.loose.append((known.file, known.row, f"entry {known.row}: {problem}", None))
        elif isinstance(known.facts, Observation) and encounter:
            self._observations[encounter].append(known.facts)
        elif isinstance(known.facts, Condition) and known.facts.is_history and patient:
            self._conditions[patient].append(known.facts)

    def _dangling(self, known: Known) -> str | None:
        missing = next((link for link in known.links if not self._index.is_there(link)), None)
        return f"{known.key} refers to {missing}, which is not there" if missing else None

    def _patient_of(self, encounter: str) -> str:
        facts = self._index.known[encounter].facts
        found = self._index.resolve(facts.patient) if isinstance(facts, Encounter) and facts.patient else None
        return found.key if found else ""

    def row(self, known: Known) -> RawRow:
        """Return the row of an Encounter."""
        problems = [known.problem or self._dangling(known), *self._problems.get(known.key, ())]
        facts = known.facts
        patient = self._index.known.get(self._patient_of(known.key)) if isinstance(facts, Encounter) else None
        problems.append(patient.problem if patient else None)
        if isinstance(facts, Encounter):
            problems += [
                f"{known.key} refers to {reason}, which is not there"
                for reason in facts.reasons
                if not self._index.is_there(reason)
            ]
        problem = next((text for text in problems if text), None)
        if problem or not isinstance(facts, Encounter):
            return RawRow(known.row, {"encounter_id": known.key}, f"entry {known.row}: {problem}")
        return RawRow(known.row, self._values(known.key, facts, patient))

    def _values(self, key: str, facts: Encounter, patient: Known | None) -> dict[str, Any]:
        person = patient.facts if patient and isinstance(patient.facts, Patient) else Patient(None, None)
        observed = sorted(self._observations.get(key, ()), key=lambda observation: observation.time or "9999")
        values: dict[str, Any] = {}
        for observation in observed:  # the first of each is the one at arrival
            for column, value in observation.values.items():
                values.setdefault(column, value)
        complaints = [facts.complaint, *self._reasons(facts), *(o.complaint for o in observed)]
        # Priority is another scale: where some Encounters have a level of triage, it is none for the others.
        acuities = [*(o.acuity for o in observed), None if self._is_scored else facts.priority]
        return {
            **values,
            "encounter_id": key.split("/", 1)[1],
            "patient": patient.key.split("/", 1)[1] if patient else None,
            "arrived": facts.start,
            "complaint": next((text for text in complaints if text), None),
            "medical_history": self._history(patient.key, facts.start) if patient else None,
            "age": _years(person.born, facts.start),
            "sex": person.sex,
            "label": next((level for level in acuities if level), None),
        }

    def _reasons(self, facts: Encounter) -> list[str | None]:
        found = [known.facts for reason in facts.reasons if (known := self._index.resolve(reason))]
        return [condition.name for condition in found if isinstance(condition, Condition)]

    def _history(self, patient: str, start: str | None) -> str | None:
        """Return the problem list as it was before the Encounter; what has no date counts."""
        names = [
            condition.name
            for condition in self._conditions.get(patient, ())
            if condition.name and (not start or not condition.recorded or condition.recorded[:10] < start[:10])
        ]
        return "; ".join(dict.fromkeys(names)) or None


def _years(born: str | None, at: str | None) -> int | None:
    """Return the age in full years at ``at``; both FHIR dates, of any precision."""
    if not born or not at:
        return None
    years = int(at[:4]) - int(born[:4])
    return years - (born[5:10] > at[5:10] if len(born) >= 10 and len(at) >= 10 else False)
