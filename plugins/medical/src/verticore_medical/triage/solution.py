"""``medical.triage``: how urgent is a patient who has just arrived? Decision support."""

from __future__ import annotations

from platform_core.sdk import BoostingSettings, CardNotes, OrdinalTarget, Recipe, Sample, Solution
from verticore_medical.privacy.masker import ClinicalMasker
from verticore_medical.triage.adapter import TriageFhir, TriageTable
from verticore_medical.triage.columns import LABEL
from verticore_medical.triage.derive import derive
from verticore_medical.triage.levels import ORDER
from verticore_medical.triage.review import review
from verticore_medical.triage.sample import DESCRIPTION, write_sample
from verticore_medical.triage.schema import TriageExample

ACCEPTED_RISK = 0.2
"""Share of wrong levels among the answers that are given; nurses disagree on more (Mistry et al. 2018)."""

solution = Solution(
    id="medical.triage",
    title="Urgency of emergency patients (decision support)",
    summary=(
        "Decision support at the triage desk: complaint and vital signs to a level of urgency, with red flags that can "
        "only raise it and unsure answers left to people."
    ),
    example=TriageExample,
    target=OrdinalTarget(aliases=LABEL, order=ORDER, severe="first"),
    adapters=(TriageFhir(), TriageTable()),
    head="platform_core.sdk.heads:OrdinalHead",
    recipes={
        "fit": Recipe(
            members=("lightgbm", "linear"),
            folds=5,
            max_tokens=64,
            boosting=BoostingSettings(
                rounds=400, learning_rate=0.08, leaves=7, least_in_leaf=15, columns=0.25, patience=25
            ),
        ),
        "lora": Recipe(epochs=8, batch_size=32, learning_rate=1e-3, head_learning_rate=2e-3, max_tokens=64, patience=3),
        "head": Recipe(epochs=40, batch_size=64, learning_rate=2e-3, max_tokens=64, patience=8),
    },
    default_method="fit",
    primary_metric="qwk",
    abstain_risk=ACCEPTED_RISK,
    derive=derive,
    review=review,
    masker=ClinicalMasker(),
    slices=("sex", "age"),
    sample=Sample(
        write=write_sample,
        description=DESCRIPTION,
        requests=(
            {
                "complaint": "crushing chest pain since this morning, denies fever", "age": 61, "sex": "male",
                "arrival_mode": "ambulance", "mental_state": "alert", "injury": "no", "pain_score": 8,
                "systolic_bp": 104, "diastolic_bp": 66, "heart_rate": 108, "respiratory_rate": 22, "temperature": 36.6,
                "spo2": 95,
            },
            {
                "complaint": "twisted ankle, can walk", "age": 24, "sex": "female", "arrival_mode": "walk-in",
                "mental_state": "alert", "injury": "yes", "pain_score": 3, "systolic_bp": 121, "diastolic_bp": 76,
                "heart_rate": 74, "respiratory_rate": 15, "temperature": 36.7, "spo2": 99,
            },
            {
                "complaint": "fever and cough x 3 days, no dyspnea", "age": 70, "sex": "female", "heart_rate": 900,
                "respiratory_rate": 24, "temperature": 38.9, "spo2": 92, "mental_state": "alert",
            },
        ),
    ),
    notes=CardNotes(
        intended_use=(
            "Decision support at the triage desk of an emergency department: proposes a level of urgency next to the "
            "nurse's own, points to red flags, and asks for a person where it is unsure. A qualified person decides "
            "and answers for every patient."
        ),
        limits=(
            "It is no medical device and was validated in no hospital: before use it must be trained on, and measured "
            "with, the department's own patients.",
            "It knows what was written at arrival: what nobody asked, measured or wrote down, it cannot weigh.",
            "It repeats the judgements it was trained on, mistakes and habits included; look at the slices by sex and "
            "age, and at other groups with --slice.",
            "Red flags read English, with some Chinese, and miss what is misspelt; their silence means nothing.",
            "Children, pregnant patients and psychiatric emergencies need training data of their own.",
        ),
        risks=(
            "Under-triage: a patient who cannot wait is made to. It is reported first, and red flags bound it, but no "
            "rule and no model excludes it.",
            "Over-triage takes beds and staff from others.",
            "People who trust an answer look less closely; show it after the nurse's own judgement, not before.",
        ),
    ),
)  # fmt: skip
