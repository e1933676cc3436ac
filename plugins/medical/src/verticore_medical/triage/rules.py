"""What a red flag is made of: words in the complaint, and conditions on what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from verticore_medical.triage.patient import Patient

Check = Callable[[Patient], str | None]
"""Returns the values that a condition rests on, where it is met."""


@dataclass(frozen=True)
class RedFlag:
    """One rule.

    Attributes:
        code: stable across releases; remarks call it ``red-flag.<code>``.
        level: the mildest of five levels that is left.
        title: what was found.
        condition: when, with the thresholds.
        source: where the rule comes from.
        words: a pattern that the complaint must hold; none where it does not matter.
        when: what else must hold; none where words are enough.
    """

    code: str
    level: int
    title: str
    condition: str
    source: str
    words: str = ""
    when: Check | None = None

    def evidence(self, patient: Patient) -> str | None:
        """Return what the rule rests on in this patient, or ``None`` where it does not apply."""
        said = patient.says(self.words) if self.words else None
        if self.words and said is None:
            return None
        measured = self.when(patient) if self.when else None
        if self.when and measured is None:
            return None
        return " and ".join(part for part in (said and f"“{said}”", measured) if part)


def out_of(name: str, *, low: float | None = None, high: float | None = None, adult: bool = False) -> Check:
    """Return a check that ``name`` is at most ``low`` or at least ``high``; of adults only, where wanted."""

    def check(patient: Patient) -> str | None:
        value = patient.value(name)
        if value is None or (adult and not patient.is_adult):
            return None
        met = (low is not None and value <= low) or (high is not None and value >= high)
        return f"{name.replace('_', ' ')} {value:g}" if met else None

    return check


def state(*states: str) -> Check:
    return lambda p: f"mental state {p.example.mental_state}" if p.example.mental_state in states else None


def aged(low: float) -> Check:
    """Return a check that a patient without injury is so old at least; of an unknown age, it may be."""

    def check(patient: Patient) -> str | None:
        if patient.example.injury == "yes" or (patient.age is not None and patient.age < low):
            return None
        return "age not known" if patient.age is None else f"age {patient.age:g}"

    return check


def child_above(name: str, limit: Callable[[Patient], float]) -> Check:
    """Return a check that a child under 8 years is above the limit of its age."""

    def check(patient: Patient) -> str | None:
        value, age = patient.value(name), patient.age
        is_above = value is not None and age is not None and age <= 8 and value > limit(patient)
        return f"{name.replace('_', ' ')} {value:g} at {age:g} years" if is_above else None

    return check


def low_pressure_for_age(patient: Patient) -> str | None:
    value = patient.value("systolic_bp")
    is_low = value is not None and not patient.is_adult and value < patient.low_pressure
    return f"systolic bp {value:g} at {patient.age:g} years" if is_low else None


def young_fever(patient: Patient) -> str | None:
    heat, age = patient.value("temperature"), patient.age
    return f"temperature {heat:g} at {age:g} years" if heat and age is not None and heat >= 38 and age < 0.25 else None


def shock(patient: Patient) -> str | None:
    index = patient.shock_index if patient.is_adult else None
    return f"shock index {index:.2f}" if index is not None and index >= 1.3 else None


def news2_of(low: int) -> Check:
    return lambda p: f"NEWS2 {p.news2.total}" if p.news2 is not None and p.news2.total >= low else None


def suspected_sepsis(patient: Patient) -> str | None:
    return f"qSOFA {patient.qsofa}" if patient.is_adult and patient.qsofa >= 2 else None
