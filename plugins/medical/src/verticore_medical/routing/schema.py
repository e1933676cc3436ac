"""The input of the solution: a record or letter."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from platform_core.sdk import Cells, Derived, Example, Identity, Moment, NonBlank, Text

LABEL = (
    "label", "specialty", "speciality", "medical_specialty", "department", "service", "clinic", "condition", "category",
    "condition_label", "condition_name", "class", "target", "y",
)  # fmt: skip
"""What files call the specialty."""

_TEXTS = (
    "note", "letter", "report", "record", "referral", "abstract", "medical_abstract", "transcription", "document",
    "content", "body", "summary", "description", "message",
)  # fmt: skip
_PATIENTS = ("patient_id", "subject_id", "person_id", "mrn", "pid", "patient_number", "hospital_number")
_DATES = ("written", "datetime", "timestamp", "letter_date", "note_date", "report_date", "charttime", "time")


class RoutingExample(Example):
    """A referral letter, a report, a note or an abstract."""

    text: Annotated[
        NonBlank,
        Text(aliases=_TEXTS, title="Record or letter"),
        Field(
            description="The whole text, in English; names, dates and numbers of people are masked first.",
            examples=["Thank you for seeing this lady with palpitations on exertion and a systolic murmur."],
        ),
    ]
    patient: Annotated[
        str | None,
        Identity(aliases=_PATIENTS, title="Patient", together=True),
        Field(description="Whom it is about; kept as a keyed hash, read by no model.", examples=["P-1042"]),
    ] = None
    date: Annotated[
        str | None,
        Moment(aliases=_DATES, title="Written"),
        Field(description="When it was written, ISO 8601.", examples=["2024-03-01"]),
    ] = None
    derived: Annotated[Cells, Derived()] = {}
