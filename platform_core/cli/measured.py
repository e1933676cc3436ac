"""What was measured on labelled data, as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from platform_core.cli.door import Door

if TYPE_CHECKING:
    from platform_core.finetune.schemas import EvaluateResult, Measured

_PARTS = {"ordinal": "level", "multilabel": "label"}
_RATES = {"recall": "recall", "precision": "precision", "fpr": "false alerts", "alert_rate": "alerts"}
"""Rates of an operating point, and what they are called in tables."""


def show_measured(door: Door, result: Measured, *, title: str) -> None:
    """Show metrics with intervals, the operating points, abstention, residuals and slices, as far as there are some."""
    from platform_core.cli.output import metric_rows

    if not result.metrics:
        return
    rows = metric_rows(result.metrics, result.intervals, primary=result.primary_metric, unit=result.unit)
    door.table(("metric", "value", "95 % interval"), rows, title=title)
    _show_operating_points(door, result)
    _show_abstention(door, result)
    _show_rules(door, result)
    _show_residuals(door, result)
    for part in result.slices:
        _show_slice(door, part)


def show_per_class(door: Door, result: EvaluateResult) -> None:
    """Show the table per class, level or label, and the confusion matrix, where there is one."""
    name = _PARTS.get(result.task, "class")
    if result.per_class:
        door.table(
            (name, "precision", "recall", "F1", "examples"),
            [(row["label"], row["precision"], row["recall"], row["f1"], row["support"]) for row in result.per_class],
            title=f"Per {name}",
        )
    labels = result.confusion["labels"]
    if labels:
        door.table(
            ("true \\ predicted", *labels),
            [(label, *counts) for label, counts in zip(labels, result.confusion["matrix"], strict=True)],
            title="Confusion",
        )


def _show_operating_points(door: Door, result: Measured) -> None:
    from platform_core.cli.output import number

    if not result.operating_points:
        return
    rows = [
        (point["label"], number(point["threshold"]), *(_rate(point, name) for name in _RATES))
        for point in result.operating_points
    ]
    title = f"At the threshold that was chosen for {result.goal}" if result.goal else "At the threshold"
    door.table(("label", "threshold", *_RATES.values()), rows, title=title)


def _rate(point: Mapping[str, Any], name: str) -> str:
    from platform_core.cli.output import interval, number

    if point[name] is None:
        return ""
    bounds = interval(point["intervals"].get(name))
    return number(point[name]) + (f" ({bounds})" if bounds else "")


def _show_abstention(door: Door, result: Measured) -> None:
    risk = result.risk_coverage
    if risk is None or risk["abstain_below"] is None:
        return
    wrong = "" if risk["risk"] is None else f", {risk['risk']:.1%} of them wrong"
    door.say(
        f"A person is asked below a confidence of {risk['abstain_below']:.3f}: "
        f"{risk['coverage']:.1%} of the examples get an answer{wrong}."
    )


def _show_rules(door: Door, result: Measured) -> None:
    if result.rules is None or not result.rules["flagged"]:
        return
    rules = result.rules
    codes = ", ".join(f"{row['code']} {row['raised']:,}" for row in rules["codes"] if row["raised"])
    door.say(
        f"Rules raised {rules['raised']:,} of {rules['n']:,} answers; they flagged {rules['flagged']:,} examples"
        + (f" ({codes})." if codes else ".")
    )


def _show_residuals(door: Door, result: Measured) -> None:
    from platform_core.cli.output import number

    if result.residuals is None:
        return
    unit = f" {result.unit}" if result.unit else ""
    quantiles = result.residuals["quantiles"]
    spread = ", ".join(f"{per_cent} %: {number(value)}" for per_cent, value in quantiles.items())
    door.say(
        f"Prediction less truth: mean {number(result.residuals['bias'])}{unit}, "
        f"standard deviation {number(result.residuals['sd'])}{unit}",
        f"  quantiles {spread}",
    )


def _show_slice(door: Door, part: Mapping[str, Any]) -> None:
    names = list(dict.fromkeys(name for value in part["values"] for name in value["metrics"]))
    door.table(
        (part["field"], "examples", *names),
        [
            (value["value"] + " (few)" * value["small"], value["n"], *(value["metrics"].get(name) for name in names))
            for value in part["values"]
        ],
        title=f"By {part['field']}",
    )
