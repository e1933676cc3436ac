"""What rules and derived columns see of an example: measured values that are possible, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from verticore_medical.scores.consciousness import ALTERED, STATES
from verticore_medical.scores.news2 import ADULT, News2, Observations, news2
from verticore_medical.scores.plausible import numbers_of
from verticore_medical.triage.phrases import says
from verticore_medical.triage.schema import TriageExample

NUMBERS = numbers_of(TriageExample)
"""The fields that hold numbers, with their bounds."""

VITALS = ("heart_rate", "respiratory_rate", "systolic_bp", "temperature", "spo2", "mental_state")
"""What a full set of vital signs holds; diastolic pressure comes with the systolic one."""

_AGES = (0.25, 3.0, 8.0)
_FAST_HEART = (180.0, 160.0, 140.0, 100.0)
_FAST_BREATH = (50.0, 40.0, 30.0, 20.0)
"""Danger-zone vitals of ESI (Handbook, 4th and 5th edition): under 3 months, under 3 years, up to 8 years, older."""


@dataclass(frozen=True)
class Patient:
    """One example; values that cannot be are missing here."""

    example: TriageExample

    def value(self, name: str) -> float | None:
        """Return the number in the field ``name`` if it was given and is possible."""
        value: float | None = getattr(self.example, name)
        return value if value is not None and NUMBERS[name].is_possible(value) else None

    def says(self, pattern: str) -> str | None:
        """Return the words of the complaint that match, unless they are negated or history."""
        return says(self.example.complaint, pattern)

    @property
    def state(self) -> str | None:
        """The mental state as ACVPU, where it is understood."""
        return self.example.mental_state if self.example.mental_state in STATES else None

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The vital signs that were not measured, or cannot be."""
        return tuple(name for name in VITALS if (self.state if name == "mental_state" else self.value(name)) is None)

    @property
    def is_blank(self) -> bool:
        """Whether neither a complaint nor a vital sign is known."""
        return self.example.complaint is None and len(self.missing) == len(VITALS)

    @property
    def age(self) -> float | None:
        """Age in years."""
        return self.value("age")

    @property
    def is_adult(self) -> bool:
        """Whether the limits of adults apply; they do where the age is not known."""
        return self.age is None or self.age >= ADULT

    @property
    def is_altered(self) -> bool:
        """Whether the patient is known to be less than alert."""
        return self.state in ALTERED

    @property
    def fast_heart(self) -> float:
        """The heart rate above which ESI speaks of danger at this age."""
        return _FAST_HEART[self._age_group]

    @property
    def fast_breath(self) -> float:
        """The respiratory rate above which ESI speaks of danger at this age."""
        return _FAST_BREATH[self._age_group]

    @property
    def low_pressure(self) -> float:
        """The systolic pressure below which a patient of this age is hypotensive (PALS for children)."""
        if self.age is None or self.age >= 10:
            return 90.0
        return 70.0 + 2 * int(self.age) if self.age >= 1 else 70.0 if self.age >= 1 / 12 else 60.0

    @cached_property
    def shock_index(self) -> float | None:
        """Heart rate over systolic pressure."""
        heart, pressure = self.value("heart_rate"), self.value("systolic_bp")
        return None if heart is None or pressure is None else heart / pressure

    @cached_property
    def news2(self) -> News2 | None:
        """NEWS2 of what was measured; none under 16 years, or where nothing was measured."""
        if not self.is_adult or len(self.missing) == len(VITALS):
            return None
        return news2(
            Observations(
                respiratory_rate=self.value("respiratory_rate"),
                spo2=self.value("spo2"),
                systolic_bp=self.value("systolic_bp"),
                heart_rate=self.value("heart_rate"),
                temperature=self.value("temperature"),
                alert=None if self.state is None else not self.is_altered,
            )
        )

    @cached_property
    def qsofa(self) -> int:
        """Criteria of qSOFA that are met (Singer et al. 2016): breathing, pressure, mental state."""
        breath, pressure = self.value("respiratory_rate"), self.value("systolic_bp")
        return (breath is not None and breath >= 22) + (pressure is not None and pressure <= 100) + self.is_altered

    @property
    def _age_group(self) -> int:
        if self.age is None:
            return len(_AGES)
        return sum(self.age >= limit for limit in _AGES[:2]) + (self.age > _AGES[2])
