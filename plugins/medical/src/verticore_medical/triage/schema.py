"""The input of the solution: what is known of a patient at the triage desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from platform_core.sdk import (
    Category,
    Cells,
    Columns,
    Derived,
    Example,
    Identity,
    Moment,
    NonBlank,
    Number,
    Text,
)
from verticore_medical.scores.consciousness import STATES, read_consciousness
from verticore_medical.scores.temperature import to_celsius
from verticore_medical.triage import columns as names
from verticore_medical.triage.wording import ARRIVALS, SEXES, YES_OR_NO, in_words, pain_parts


def _blank_is_nothing(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip(" ?-.") == "" else value


OptionalText = Annotated[NonBlank | None, BeforeValidator(_blank_is_nothing)]
Vital = float | None


class TriageExample(Example):
    """A patient at arrival. Everything is optional: what was not measured is left out, never filled in."""

    patient: Annotated[
        str | None,
        Identity(aliases=names.PATIENT, title="Patient", together=True),
        Field(description="Who it is; kept as a keyed hash, read by no model.", examples=["P-1042"]),
    ] = None
    arrived: Annotated[
        str | None,
        Moment(aliases=names.ARRIVAL, title="Arrival"),
        Field(description="When the patient arrived, ISO 8601.", examples=["2024-03-01T08:15"]),
    ] = None
    complaint: Annotated[
        OptionalText,
        Text(aliases=names.COMPLAINT, title="Chief complaint"),
        Field(description="Why the patient comes, in the nurse's words.", examples=["chest pain since this morning"]),
    ] = None
    medical_history: Annotated[
        OptionalText,
        Text(aliases=names.MEDICAL_HISTORY, title="Medical history"),
        Field(description="What is known from before; red flags do not read it."),
    ] = None
    age: Annotated[Vital, Number(aliases=names.AGE, title="Age", unit="years", low=0, high=120)] = None
    sex: Annotated[str | None, BeforeValidator(in_words(SEXES)), Category(aliases=names.SEX, title="Sex")] = None
    arrival_mode: Annotated[
        str | None,
        BeforeValidator(in_words(ARRIVALS)),
        Category(aliases=names.ARRIVAL_MODE, title="Arrival by"),
        Field(description="How the patient came, e.g. ambulance or walk-in."),
    ] = None
    mental_state: Annotated[
        str | None,
        BeforeValidator(read_consciousness),
        Category(aliases=names.MENTAL_STATE, title="Mental state", known=STATES),
        Field(description="ACVPU: alert, confused, voice, pain or unresponsive; GCS 3 to 15.", examples=["alert"]),
    ] = None
    injury: Annotated[
        str | None, BeforeValidator(in_words(YES_OR_NO)), Category(aliases=names.INJURY, title="Injury")
    ] = None
    pain: Annotated[
        str | None,
        Category(aliases=names.PAIN, title="Pain"),
        Field(description="yes or no; a number from 0 to 10 feeds the pain score.", examples=["yes"]),
    ] = None
    pain_score: Annotated[Vital, Number(aliases=names.PAIN_SCORE, title="Pain score", low=0, high=10)] = None
    systolic_bp: Annotated[
        Vital, Number(aliases=names.SYSTOLIC, title="Systolic blood pressure", unit="mmHg", low=30, high=300)
    ] = None
    diastolic_bp: Annotated[
        Vital, Number(aliases=names.DIASTOLIC, title="Diastolic blood pressure", unit="mmHg", low=10, high=200)
    ] = None
    heart_rate: Annotated[
        Vital, Number(aliases=names.HEART_RATE, title="Heart rate", unit="/min", low=10, high=300)
    ] = None
    respiratory_rate: Annotated[
        Vital, Number(aliases=names.RESPIRATORY_RATE, title="Respiratory rate", unit="/min", low=2, high=90)
    ] = None
    temperature: Annotated[
        Vital,
        AfterValidator(to_celsius),
        Number(aliases=names.TEMPERATURE, title="Temperature", unit="°C", low=25, high=45),
        Field(description="°C; values from 77 to 113 can only be °F and are converted.", examples=[36.8]),
    ] = None
    spo2: Annotated[Vital, Number(aliases=names.SPO2, title="Oxygen saturation", unit="%", low=40, high=100)] = None
    glucose: Annotated[
        Vital,
        Number(aliases=names.GLUCOSE, title="Glucose", unit="mmol/L", low=0.3, high=70),
        Field(description="mmol/L; divide mg/dL by 18."),
    ] = None
    other: Annotated[
        Cells,
        Columns(known_later=names.KNOWN_LATER, ignored=names.IGNORED, unique=names.UNIQUE),
        Field(description="Further columns of the table that are known at arrival."),
    ] = {}
    derived: Annotated[Cells, Derived()] = {}

    @model_validator(mode="before")
    @classmethod
    def _split_pain(cls, data: Any) -> Any:
        return {**data, **pain_parts(data)} if isinstance(data, Mapping) else data
