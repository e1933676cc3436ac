"""Predictions of all shapes, read alike: ``{"label", "scores"}``, ``{"labels", "scores"}`` or ``{"value"}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SEPARATOR = "|"
"""Between the labels of a set, where one cell holds them all."""

PARTS = ("label", "labels", "value", "scores", "abstained")
"""What a prediction may say; all else is beside it, such as its explanation."""


def answer_of(prediction: Mapping[str, Any]) -> str | float:
    """Return what a prediction says as one cell: the label, the set of labels with ``|`` between them, or the value."""
    if "value" in prediction:
        return float(prediction["value"])
    if "labels" in prediction:
        return SEPARATOR.join(prediction["labels"])
    return str(prediction.get("label", ""))
