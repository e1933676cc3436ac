"""The input of the solution: one set of vital signs of a patient on a ward."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from platform_core.sdk import Category, Cells, Derived, Example, History, Identity, Moment, Number, Past, read_moment
from verticore_medical.scores.consciousness import STATES, read_consciousness
from verticore_medical.scores.oxygen import read_oxygen
from verticore_medical.scores.temperature import to_celsius

LABELS = ("stable", "deteriorates")
POSITIVE = ("deteriorates", "deterioration", "yes", "true", "1", "icu", "event")
"""Labels that mean a patient who gets worse."""


def _readable(timestamp: str | None) -> str | None:
    if timestamp is not None and read_moment(timestamp) is None:
        raise ValueError(f"{timestamp!r} is no time; write ISO 8601")
    return timestamp


class VitalSigns(Example):
    """Vital signs of one patient at one moment; all of them may be missing."""

    patient: Annotated[
        str | None,
        Identity(
            aliases=("patient_id", "subject_id", "mrn", "stay_id", "encounter_id", "case_id"),
            title="Patient",
            together=True,
        ),
        Field(description="Whose vital signs these are. Kept as a keyed hash."),
    ] = None
    timestamp: Annotated[
        str | None,
        AfterValidator(_readable),
        Moment(aliases=("time", "charttime", "measured_at", "observed_at", "datetime", "date"), title="Time"),
        Field(description="When they were taken, ISO 8601.", examples=["2024-03-01T06:30"]),
    ] = None
    age: Annotated[float | None, Number(unit="years", low=0, high=125, title="Age", aliases=("age_years",))] = None
    heart_rate: Annotated[
        float | None,
        Number(unit="/min", low=0, high=300, title="Heart rate", aliases=("hr", "pulse", "heartrate")),
    ] = None
    respiratory_rate: Annotated[
        float | None,
        Number(unit="/min", low=0, high=80, title="Respiratory rate", aliases=("rr", "resp", "resprate", "resp_rate")),
    ] = None
    systolic_bp: Annotated[
        float | None,
        Number(unit="mmHg", low=20, high=320, title="Systolic pressure", aliases=("sbp", "systolic", "nbps")),
    ] = None
    temperature: Annotated[
        float | None,
        AfterValidator(to_celsius),
        Number(unit="°C", low=25, high=44, title="Temperature", aliases=("temp", "temp_c", "body_temperature")),
        Field(description="°C; values from 77 to 113 can only be °F and are converted."),
    ] = None
    spo2: Annotated[
        float | None,
        Number(unit="%", low=30, high=100, title="Oxygen saturation", aliases=("o2sat", "sao2", "saturation")),
    ] = None
    oxygen: Annotated[
        str | None,
        BeforeValidator(read_oxygen),
        # No "o2": many a column of that name holds saturations.
        Category(
            aliases=("on_oxygen", "supplemental_oxygen", "o2_therapy", "o2_device"),
            title="Supplemental oxygen",
            known=("yes", "no"),
        ),
        Field(description="yes or no; flows, devices and fractions such as 2 l/min, nasal cannula, 28%, RA are read"),
    ] = None
    consciousness: Annotated[
        str | None,
        BeforeValidator(read_consciousness),
        Category(aliases=("avpu", "acvpu", "mental", "loc"), title="Consciousness", known=STATES),
        Field(description="ACVPU: alert, confused, voice, pain, unresponsive; GCS 3 to 15 are read"),
    ] = None
    history: Annotated[
        Past,
        History(most=48),
        Field(description="Earlier vital signs of the same patient, oldest first."),
    ] = ()
    derived: Annotated[Cells, Derived(title="NEWS2 and trends")] = {}
