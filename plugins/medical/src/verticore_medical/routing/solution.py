"""``medical.routing``: to which specialty does a record or letter belong? Decision support."""

from __future__ import annotations

from platform_core.sdk import BoostingSettings, CardNotes, ClassTarget, Recipe, Sample, Solution
from platform_core.sdk.adapters import TableAdapter
from verticore_medical.adapters.fhir_documents import FhirDocumentsAdapter
from verticore_medical.adapters.notes import NotesAdapter
from verticore_medical.privacy.masker import ClinicalMasker
from verticore_medical.routing.derive import derive
from verticore_medical.routing.sample import DESCRIPTION, write_sample
from verticore_medical.routing.schema import LABEL, RoutingExample

solution = Solution(
    id="medical.routing",
    title="Routing of records and letters (decision support)",
    summary=(
        "Decision support for the desk that sorts records and letters of referral: the three specialties that each "
        "most "
        "likely belongs to, with probabilities. What identifies people is masked first."
    ),
    example=RoutingExample,
    target=ClassTarget(aliases=LABEL, top=3),
    adapters=(FhirDocumentsAdapter(), NotesAdapter(), TableAdapter()),
    head="platform_core.sdk.heads:ClassificationHead",
    recipes={
        "fit": Recipe(
            members=("lightgbm", "linear", "network"),
            folds=5,
            max_tokens=256,
            epochs=8,
            batch_size=64,
            learning_rate=1e-3,
            dropout=0.5,
            label_smoothing=0.1,
            boosting=BoostingSettings(rounds=300, leaves=7, least_in_leaf=15, columns=0.3, patience=40),
        ),
        "lora": Recipe(epochs=4, batch_size=32, learning_rate=1e-3, head_learning_rate=2e-3, max_tokens=256),
        "head": Recipe(epochs=40, batch_size=64, learning_rate=3e-3, max_tokens=256, patience=8),
    },
    default_method="fit",
    derive=derive,
    masker=ClinicalMasker(),
    sample=Sample(
        write=write_sample,
        description=DESCRIPTION,
        requests=(
            {
                "text": "Dear Dr Patel, thank you for seeing Mrs Brown, 71, with palpitations that come in bursts and "
                "two faints without warning. She has had type 2 diabetes for years. Please call her on 07700 900123."
            },
            {
                "text": "Could you please see this bus driver of 44? The problem is a knee that locks and gives way. "
                "McMurray's test is positive.",
                "patient": "P-1042",
                "date": "2024-03-01",
            },
            {"text": "A cough for three months with green phlegm, and breathlessness. Saturation falls to 88 %."},
        ),
    ),
    notes=CardNotes(
        intended_use=(
            "Decision support: proposing to which specialty an English record or letter goes, for a person who "
            "decides; "
            "ordering a pile of unsorted letters."
        ),
        limits=(
            "It knows the specialties of its training data alone, and no urgency: a letter that cannot wait looks "
            "like others.",
            "A record that concerns several specialties gets all three places of the list, not a division of labour.",
            "The encoder reads the first 256 word pieces; what follows counts only through the lexicon.",
            "Neighbouring classes overlap where people sorted them differently; the confusion table of the card "
            "shows it.",
            "Masking by rules misses some names, and towns that nothing announces: it lowers the risk, it makes no "
            "data anonymous.",
        ),
        risks=(
            "A letter that is sent to the wrong desk waits twice; do not close the loop without a person.",
            "Hospitals sort by their own habits: measure on your own letters before relying on figures of others.",
        ),
    ),
)
