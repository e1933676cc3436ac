"""The model card of an export: its parent's, with numbers of its own."""

from __future__ import annotations

from importlib.metadata import version as installed
from pathlib import Path

from platform_core.db.tables import now
from platform_core.evaluation.pictures import draw_all
from platform_core.finetune.export.findings import Findings
from platform_core.modeling.spec import ExportRecord
from platform_core.registry.card import ExportSummary, ModelCard, SpeedRow, save_card
from platform_core.sdk import Solution

CARD_FILE = "card.json"


def write_card(
    folder: Path,
    parent_card: Path,
    record: ExportRecord,
    findings: Findings,
    *,
    solution: Solution,
    sizes: tuple[int, int],
) -> None:
    """Write card and pictures into ``folder``; nothing where the parent has no card.

    Args:
        folder: of the export, before it is published.
        parent_card: the parent's ``card.json``.
        record: what was made.
        findings: of the export beside its parent.
        solution: whose metric comes first.
        sizes: bytes of the export, and of the parent with its encoder.
    """
    if not parent_card.is_file():
        return
    card = ModelCard.model_validate_json(parent_card.read_text("utf-8"))
    evaluation = findings.evaluation
    changed = {
        "version": None,
        "run": None,
        "created_at": now(),
        "evaluated_on": findings.trial.split,
        "warnings": [*(evaluation.warnings if evaluation else ()), *findings.warnings],
        "export": _summary(record, findings, sizes).model_dump(),
        "versions": card.versions | {name: installed(name) for name in ("onnx", "onnxruntime")},
        "pictures": draw_all(folder, evaluation, [], metric=solution.primary_metric) if evaluation else {},
    }
    measured = evaluation.to_dict() if evaluation else {}
    save_card(ModelCard.model_validate(card.model_dump() | measured | changed), folder)


def _summary(record: ExportRecord, findings: Findings, sizes: tuple[int, int]) -> ExportSummary:
    ours, theirs = list(findings.speeds.values())[:2]
    parity, comparison = findings.parity, findings.comparison
    return ExportSummary(
        parent=record.parent,
        format=record.format,
        precision=record.precision,
        size_bytes=sizes[0],
        parent_size_bytes=sizes[1],
        latency_ms=ours.latency_ms,
        parent_latency_ms=theirs.latency_ms,
        examples=parity.examples,
        largest_difference=parity.largest_difference,
        same_answers=parity.same_answers,
        parent_metrics={d.metric: d.a for d in comparison.differences} if comparison else {},
        speeds=[SpeedRow(name=name, **speed.to_dict()) for name, speed in findings.speeds.items()],
    )
