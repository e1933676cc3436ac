"""What goes into ``medical.watch``, and what comes out."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from verticore_medical.deterioration.schema import VitalSigns

Level = Literal["urgent", "emergency"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WatchInput(_Part):
    """What to watch."""

    signs: tuple[VitalSigns, ...] = Field(
        min_length=1, max_length=1_000_000, description="Vital signs with patient and time, in any order."
    )
    model: str = Field(
        "", description="A model of medical.deterioration, such as medical.deterioration@champion; empty: NEWS2 alone."
    )
    repeat_hours: float = Field(6.0, gt=0, le=168, description="An alarm that stands is repeated after so many hours.")


class Point(_Part):
    """One set of observations, judged."""

    time: str
    news2: int | None = Field(
        description="Total of NEWS2; a lower bound where observations are missing; none where all are, or of children."
    )
    missing: tuple[str, ...] = Field(description="Observations that NEWS2 needs and that were not taken.")
    probability: float | None = Field(None, description="That the patient gets worse, as the model says.")


class Alarm(_Part):
    """A moment at which somebody should look at the patient."""

    patient: str
    time: str
    rule: Literal["news2", "model"]
    level: Level
    text: str


class PatientSeries(_Part):
    """All observations of a patient, in order of time, and how it stands now."""

    patient: str
    latest_time: str
    latest_news2: int | None
    latest_probability: float | None = None
    alarms: int = Field(description="How many were raised.")
    note: str = Field("", description="Why a rule is silent for this patient.")
    points: tuple[Point, ...]


class WatchOutput(_Part):
    """What was found."""

    note: str = "Decision support: a person looks at the patient and decides."
    observations: int = Field(description="Those that were judged; one that was there twice counts once.")
    warnings: tuple[str, ...] = Field(
        (), description="Values taken as missing, and observations that were there twice."
    )
    alarms: tuple[Alarm, ...] = Field(description="Patients with the newest alarm first; of each the newest first.")
    alarms_per_100_patient_days: float | None = Field(None, description="Where a day at least was watched.")
    least_alarming: float | None = Field(None, description="The lowest probability at which the model raised an alarm.")
    patients: tuple[PatientSeries, ...]
