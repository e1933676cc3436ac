"""What rules say of a patient beside the model: red flags, and vital signs that are missing or cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platform_core.sdk import Remark, Review
from verticore_medical.scores.plausible import plausibility_remarks
from verticore_medical.triage.levels import at_least
from verticore_medical.triage.patient import Patient
from verticore_medical.triage.red_flags import RED_FLAGS
from verticore_medical.triage.schema import TriageExample


def review(example: TriageExample, labels: Sequence[str]) -> Review:
    """Return remarks on ``example``, the most urgent red flag first, and its NEWS2 points as a fact.

    Args:
        example: the patient.
        labels: the levels in use, the most urgent first.
    """
    patient = Patient(example)
    remarks = [*_red_flags(patient, labels), *plausibility_remarks(example), *_missing(patient)]
    score = patient.news2
    facts = {"news2": None if score is None else score.total}
    if patient.is_blank:
        text = "Neither a complaint nor a vital sign is known: there is nothing to judge by."
        return Review(remarks=[Remark(code="nothing-known", text=text), *remarks], facts=facts, abstain=True)
    return Review(remarks=remarks, facts=facts)


def _red_flags(patient: Patient, labels: Sequence[str]) -> Iterator[Remark]:
    for flag in sorted(RED_FLAGS, key=lambda flag: flag.level):
        evidence = flag.evidence(patient)
        if evidence is not None:
            limit = at_least(flag.level, labels)
            text = f"{flag.title}: {evidence}; rule: {flag.condition} ({flag.source}); not milder than {limit!r}."
            yield Remark(code=f"red-flag.{flag.code}", text=text, at_least=limit)


def _missing(patient: Patient) -> Iterator[Remark]:
    if patient.missing:
        names = ", ".join(name.replace("_", " ") for name in patient.missing)
        text = f"Not measured: {names}. Red flags and scores that need them are silent."
        yield Remark(code="vitals.missing", text=text)
