"""``medical.deterioration``: will this patient on the ward get worse within hours? Decision support."""

from __future__ import annotations

from platform_core.sdk import CardNotes, ClassTarget, Recipe, Sample, Solution
from platform_core.sdk.adapters import TableAdapter
from verticore_medical.deterioration.review import review
from verticore_medical.deterioration.sample import DESCRIPTION, write_sample
from verticore_medical.deterioration.schema import LABELS, POSITIVE, VitalSigns
from verticore_medical.deterioration.trends import trends

_EARLIER = (
    {"timestamp": "2024-03-01T01:10", "heart_rate": 82, "respiratory_rate": 16, "systolic_bp": 124, "spo2": 97},
    {"timestamp": "2024-03-01T05:00", "heart_rate": 95, "respiratory_rate": 20, "systolic_bp": 116, "spo2": 95},
)

solution = Solution(
    id="medical.deterioration",
    title="Early warning from vital signs (decision support)",
    summary="The probability that a patient on a ward gets worse within hours, from vital signs and their trends.",
    example=VitalSigns,
    target=ClassTarget(
        aliases=("label", "deterioration", "deteriorates", "event", "outcome", "icu_transfer", "target", "y"),
        order=LABELS,
        positive=POSITIVE,
    ),
    adapters=(TableAdapter(),),
    head="platform_core.sdk.heads:BinaryHead",
    recipes={
        "fit": Recipe(members=("lightgbm", "linear"), folds=5),
        "head": Recipe(epochs=30, batch_size=128, learning_rate=2e-3, patience=6),
    },
    default_method="fit",
    primary_metric="average_precision",
    goal="recall=.8",
    derive=trends,
    review=review,
    sample=Sample(
        write=write_sample,
        description=DESCRIPTION,
        requests=(
            {"heart_rate": 74, "respiratory_rate": 15, "systolic_bp": 131, "temperature": 36.7, "spo2": 98},
            {
                "patient": "W1",
                "timestamp": "2024-03-01T07:30",
                "age": 71,
                "heart_rate": 118,
                "respiratory_rate": 26,
                "systolic_bp": 98,
                "temperature": 38.6,
                "spo2": 91,
                "oxygen": "yes",
                "consciousness": "confusion",
                "history": _EARLIER,
            },
        ),
    ),
    notes=CardNotes(
        intended_use=(
            "Decision support on general wards for adults: puts patients whose vital signs drift before the eyes of "
            "staff, earlier than a score of one set of observations does. A person decides; it never replaces "
            "observation."
        ),
        limits=(
            "It sees vital signs only: no laboratory values, no notes, no treatment limits.",
            "What 'deteriorates' means, and within how many hours, is what the labels of the training data say.",
            "Patients under 16 years, pregnant patients and those in intensive care need other models and scores.",
        ),
        risks=(
            "A missed deterioration delays help; watch recall at the alert rate that the ward can bear.",
            "Too many alerts tire people out: they will be switched off or ignored.",
            "Wards measure ill patients more often: a model can learn the staff's worry instead of the signs.",
        ),
    ),
)
