"""``finance.fraud``: how likely is it that a transaction or a claim is fraud?"""

from __future__ import annotations

from platform_core.sdk import CardNotes, ClassTarget, Recipe, Sample, Solution
from platform_core.sdk.adapters import TableAdapter
from verticore_finance.fraud.history import derive
from verticore_finance.fraud.sample import DESCRIPTION, write_sample
from verticore_finance.fraud.schema import FraudExample

_TARGETS = (
    "label", "is_fraud", "fraud", "fraud_reported", "fraud_found", "FraudFound_P", "fraud_bool", "fraud_flag",
    "fraud_label", "fraudulent", "is_fraudulent", "tx_fraud", "class", "target", "y",
)  # fmt: skip
_POSITIVE = (
    "1", "fraud", "fraudulent", "yes", "y", "true", "t", "positive", "confirmed", "confirmed fraud", "bad",
    "suspicious", "suspect", "scam", "illicit", "ja", "j", "betrug", "schlecht", "verdächtig", "oui",
    "fraude", "frode", "sí", "si",
)  # fmt: skip

_HABIT = {"category": "groceries", "merchant": "groceries-03", "country": "FI", "channel": "chip"}
_EARLIER = (
    {"timestamp": "2024-05-02T17:31:10", "amount": 23.4, "columns": {**_HABIT, "device": "ios-0cda9"}},
    {"timestamp": "2024-05-04T18:02:44", "amount": 31.15, "columns": {**_HABIT, "device": "ios-0cda9"}},
)
_TESTING = {"category": "games", "merchant": "games-05", "country": "FI", "device": "web-9f21c", "channel": "online"}
_TESTED = tuple(
    {"timestamp": f"2024-05-06T02:{minute}:00", "amount": 1.99, "columns": _TESTING} for minute in (11, 14, 15, 19)
)
_BOUGHT = {**_TESTING, "category": "gift cards", "merchant": "gift-02"}

solution = Solution(
    id="finance.fraud",
    title="Fraud in transactions and claims",
    summary="Gives each payment or claim the probability that it is fraud, from its columns and the account's history.",
    example=FraudExample,
    target=ClassTarget(aliases=_TARGETS, positive=_POSITIVE),
    adapters=(TableAdapter(),),
    head="platform_core.sdk.heads:BinaryHead",
    recipes={
        "fit": Recipe(
            members=("lightgbm", "linear", "network"),
            folds=5,
            epochs=20,
            batch_size=128,
            learning_rate=2e-3,
            patience=5,
            class_weights="none",
        ),
        "head": Recipe(epochs=20, batch_size=128, learning_rate=2e-3, patience=5, class_weights="none"),
    },
    default_method="fit",
    primary_metric="average_precision",
    goal="cost=fp:1,fn:10",
    derive=derive,
    sample=Sample(
        write=write_sample,
        description=DESCRIPTION,
        requests=(
            {
                "account": "A0001",
                "timestamp": "2024-05-06T17:48:00",
                "amount": 27.9,
                "columns": {**_HABIT, "device": "ios-0cda9"},
                "history": _EARLIER,
            },
            {
                "account": "A0001",
                "timestamp": "2024-05-06T02:25:00",
                "amount": 180.0,
                "columns": _BOUGHT,
                "history": (*_EARLIER, *_TESTED),
            },
            {"account": "A9999", "timestamp": "2024-05-06T12:00:00", "amount": 60.0, "columns": _BOUGHT},
        ),
    ),
    notes=CardNotes(
        intended_use=(
            "Ranking payments, transfers or insurance claims by the probability of fraud at the moment of decision, so "
            "that a team with limited time, or a rule with stated costs, looks at the right ones first. Decision "
            "support: a person decides on refusals."
        ),
        limits=(
            "It finds what resembles confirmed fraud of the training data; new schemes need new labels.",
            "Labels are late and incomplete: fraud that nobody reported counts as honest.",
            "Probabilities hold for the share of fraud in the training data; if honest rows were sampled away, "
            "they are too high by that.",
            "Histories hold the latest 50 transactions of an account; longer memories need columns of their own.",
            "The threshold takes a missed fraud to cost as much as ten false alerts, unless --goal says otherwise.",
            "Numbers as timestamps are taken as seconds (or milliseconds since 1970).",
        ),
        risks=(
            "A false alert stops an honest customer; a missed one costs money.",
            "Columns such as age, sex, postcode or nationality can make it discriminate; drop them with --drop where "
            "the law or fairness asks for it, and compare groups with --slice.",
            "Fraudsters adapt: watch precision on fresh labels and train again.",
        ),
    ),
)
