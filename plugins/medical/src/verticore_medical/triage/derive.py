"""Columns that clinicians would compute from the vital signs and the complaint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from platform_core.sdk import Cell
from verticore_medical.triage.complaints import group_of
from verticore_medical.triage.patient import Patient
from verticore_medical.triage.red_flags import RED_FLAGS
from verticore_medical.triage.schema import TriageExample

_NO_FLAG = 5


def derive(example: TriageExample, past: Sequence[TriageExample] = ()) -> Mapping[str, Cell]:
    """Return the derived columns of one patient; always the same, ``None`` where an input is missing.

    Args:
        example: the patient.
        past: earlier visits, which are not used: triage judges how a patient is now.
    """
    del past
    patient = Patient(example)
    systolic, diastolic = patient.value("systolic_bp"), patient.value("diastolic_bp")
    both = systolic is not None and diastolic is not None
    score = patient.news2
    return {
        "shock_index": patient.shock_index,
        "mean_arterial_pressure": (systolic + 2 * diastolic) / 3 if both else None,  # type: ignore[operator]
        "pulse_pressure": systolic - diastolic if both else None,  # type: ignore[operator]
        "heart_rate_over_limit": _over(patient.value("heart_rate"), patient.fast_heart),
        "respiratory_rate_over_limit": _over(patient.value("respiratory_rate"), patient.fast_breath),
        "news2": None if score is None else float(score.total),
        "qsofa": float(patient.qsofa),
        "missing_vitals": float(len(patient.missing)),
        "most_urgent_flag": float(min((f.level for f in RED_FLAGS if f.evidence(patient)), default=_NO_FLAG)),
        "complaint_group": group_of(example.complaint),
    }


def _over(value: float | None, limit: float) -> float | None:
    """Return how far a value is above the danger limit of the age, as a share of it."""
    return None if value is None else value / limit - 1
