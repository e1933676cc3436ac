"""Evaluations and model cards of every task, made of generated scores: nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from platform_core.evaluation import Goal, choose_decision, evaluate
from platform_core.registry.card import (
    AttemptRow,
    CalibrationSummary,
    CategorySummary,
    DataSummary,
    EncoderSummary,
    ExportSummary,
    ModelCard,
    NumberSummary,
    OperatingPointRow,
    RiskSummary,
    RuleCountRow,
    RuleSummary,
    SelectionSummary,
    TableSummary,
    TrainingSummary,
)
from platform_core.sdk.targets import TargetValue, Task

TASKS: tuple[Task, ...] = ("binary", "multiclass", "ordinal", "multilabel", "regression")
LABELS = {
    "binary": ["no", "fraud"],
    "multiclass": ["red", "green", "blue"],
    "ordinal": ["level 1", "level 2", "level 3", "level 4"],
    "multilabel": ["damaged", "late", "wrong item"],
    "regression": [],
}
TABLE = TableSummary(
    numbers=[NumberSummary(name=f"amount {i}", low=0, median=12.5, high=25_000) for i in range(45)],
    categories=[CategorySummary(name="city", count=120, values=["Aachen", "Berlin", "Bonn", "Bremen", "Celle"])],
    rare=3,
)
ENCODER = EncoderSummary(name="minilm", fingerprint="12" * 32, licence="Apache-2.0")
TRAINING = TrainingSummary(seconds=133.2, epochs=5, best_epoch=4, score=0.71, hardware="2 CPU cores", precision="bf16")
RULES = RuleSummary(
    n=400,
    flagged=32,
    raised=9,
    codes=[
        RuleCountRow(code="red-flag.shock", examples=20, raised=9),
        RuleCountRow(code="odd|value", examples=12, raised=0),
    ],
)
EXPORT = ExportSummary(
    parent="trial:3",
    format="onnx",
    precision="int8",
    size_bytes=23_000_000,
    parent_size_bytes=91_000_000,
    latency_ms=3.2,
    parent_latency_ms=8.1,
    examples=200,
    largest_difference=0.0123,
    same_answers=0.995,
    parent_metrics={"macro_f1": 0.8},
)


def scored(task: Task, n: int = 400, seed: int = 0) -> tuple[list[str], list[TargetValue], np.ndarray]:
    """Return labels, targets and scores of a model that is right more often than not."""
    random = np.random.default_rng(seed)
    labels = LABELS[task]
    if task == "regression":
        truth = random.normal(50, 10, n)
        return labels, truth.tolist(), truth + random.normal(0.4, 4, n)
    if task == "multilabel":
        held = random.random((n, 3)) < (0.2, 0.5, 0.1)
        logits = 2.5 * (held - 0.5) + random.normal(0, 1.2, held.shape)
        targets = [tuple(label for label, there in zip(labels, row, strict=True) if there) for row in held]
        return labels, targets, 1 / (1 + np.exp(-logits))
    shares = [0.93, 0.07] if task == "binary" else np.full(len(labels), 1 / len(labels))
    codes = random.choice(len(labels), n, p=shares)
    logits = random.normal(0, 1, (n, len(labels)))
    logits[np.arange(n), codes] += 2.2
    if task == "binary":
        logits[:, 1] -= 1.5
    powers = np.exp(logits)
    return labels, [labels[code] for code in codes], powers / powers.sum(1, keepdims=True)


def measured(
    task: Task,
    *,
    goal: str | None = None,
    risk: float | None = None,
    slices: Mapping[str, Sequence[str | None]] | None = None,
    n: int = 400,
) -> dict[str, Any]:
    """Return the fields of a card that an evaluation gives, with a decision from other examples."""
    decision, points = {}, {}
    if goal or risk:
        labels, targets, scores = scored(task, n=n, seed=1)
        found = choose_decision(task, labels, targets, scores, goal=Goal.parse(goal) if goal else None, risk=risk)
        decision, points = {"decision": found.decision}, found.points
    labels, targets, scores = scored(task, n=n)
    evaluation = evaluate(task, labels, targets, scores, slices=slices, resamples=200, **decision)
    rows = [
        OperatingPointRow(
            label=label,
            threshold=point.threshold,
            recall=point.recall,
            precision=point.precision,
            fpr=point.fpr,
            alert_rate=point.alert_rate,
            note=point.note,
        )
        for label, point in points.items()
    ]
    return evaluation.to_dict() | {"validation_points": rows, "abstain_risk": risk}


def card(task: Task, facts: Mapping[str, Any] | None = None, **changes: Any) -> ModelCard:
    """Return a card of ``task`` with the fields ``facts`` of an evaluation, a plain one if left out."""
    fields = {
        "model": "trial",
        "solution": "trial.task",
        "title": "A trial",
        "created_at": datetime(2026, 11, 2, tzinfo=UTC),
        "intended_use": "Trying cards.",
        "limits": ["Nothing real."],
        "risks": ["No harm."],
        "positive": "fraud" if task == "binary" else None,
        "unit": "kg" if task == "regression" else "",
        "primary_metric": "mae" if task == "regression" else "macro_f1",
        "evaluated_on": "test",
        "data": DataSummary(
            dataset="trial:1",
            digest="ab" * 32,
            rows=4000,
            splits={"train": 3200, "validation": 400, "test": 400},
            labels=LABELS[task],
            adapter="table",
            mapping={"text": "note", "cells": ["a", "b"], "label": "y"},
            provenance={"files": [{"role": "data", "name": "data.csv", "bytes": 69}], "unused_columns": []},
            warnings=["the column 'id' is not used; it looks like an identifier: every row has another value"],
        ),
        "method": "lora",
        "encoder": ENCODER,
        "recipe": {"epochs": 5, "lora_rank": 8, "batch_tokens": None, "table": {"width": 128}},
        "seed": 7,
        "training": TRAINING,
        "calibration": None if task == "regression" else CalibrationSummary(method="temperature", temperature=1.4),
    }
    return ModelCard(**fields | (measured(task) if facts is None else facts) | changes)


def every_kind() -> Iterator[tuple[str, ModelCard]]:
    """Yield a card of each task, with inputs, methods and facts mixed so that each part of the template is used."""
    region = [("north", "south", "east")[i % 3] if i % 50 else None for i in range(400)]
    fitted = TrainingSummary(seconds=0, epochs=0, score=0.6, hardware="2 CPU cores")
    yield "binary", card("binary", measured("binary", goal="recall=.8", risk=0.02, slices={"region": region}))
    yield "binary without a goal", card("binary", table=TABLE, parent="trial:3")
    yield "multiclass", card("multiclass", recipe={}, calibration=CalibrationSummary())
    blend = {"lightgbm": 0.62, "linear": 0.38}
    yield (
        "ordinal",
        card(
            "ordinal",
            measured("ordinal", slices={"region": region}, risk=0.1),
            validation_risk=RiskSummary.model_validate(measured("ordinal", risk=0.1, n=300)["risk_coverage"]),
            rules=RULES,
            encoder=None,
            table=TABLE,
            method="fit",
            members=list(blend),
            blend=blend,
            training=fitted,
            recipe={"epochs": 5, "members": list(blend), "boosting": {"rounds": 600}, "table": {"rare": 3, "width": 4}},
            changed={"members": list(blend)},
        ),
    )
    yield "multilabel", card("multilabel", measured("multilabel", goal="fbeta=2", risk=0.2))
    yield (
        "regression",
        card(
            "regression",
            measured("regression", slices={"region": region}),
            encoder=None,
            table=TABLE,
            method="head",
            changed={"table.width": 128},
            selection=SelectionSummary(
                sentences=["Of 20 trials this recipe was the best."],
                attempts=[
                    AttemptRow(method="head", state="learned", value=3.2, seconds=12),
                    AttemptRow(method="fit", state="failed", note="no memory"),
                ],
                folds=[3.1, 3.2, 3.3],
                metrics={"mae": 3.2, "r2": 0.8},
                intervals={"mae": (3.1, 3.3)},
            ),
        ),
    )
    remarks = RuleSummary(n=400, flagged=0, raised=0, codes=[RuleCountRow(code="spelling", examples=4, raised=0)])
    yield "export", card("multiclass", export=EXPORT, rules=remarks)
    folds = card("binary", measured("binary", goal="alerts=5%"), evaluated_on="out_of_fold")
    yield "out of fold", folds.model_copy(update={"method": "fit", "recipe": {**folds.recipe, "folds": 3}})
    yield "validation only", card("binary", measured("binary", goal="alerts=5%"), evaluated_on="validation")
    yield (
        "unmeasured",
        card("regression", {}, evaluated_on="none", training=TRAINING.model_copy(update={"score": None})),
    )
