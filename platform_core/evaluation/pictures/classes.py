"""Pictures of answers that are labels: which are mistaken for which, and whether their confidence is honest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from platform_core.evaluation.evaluation import Evaluation
from platform_core.sdk.pictures.canvas import (
    BLUE,
    DASHED,
    GRID,
    INK,
    ORANGE,
    drawable,
    entitle,
    name_axes,
    save,
    sheet,
)

_MOST_CLASSES_WITH_SHARES = 12


def confusion_matrix(evaluation: Evaluation, path: Path) -> None:
    """Draw the confusion matrix: colour by share of the row; counts, and shares where there is room.

    Args:
        evaluation: what the model did.
        path: the PNG file.
    """
    matrix = np.array(evaluation.confusion["matrix"])
    classes = len(matrix)
    shares = matrix / np.maximum(matrix.sum(1, keepdims=True), 1)
    cell = float(np.clip(5.5 / classes, 0.155, 1.1))
    figure, axes = sheet(classes * cell, classes * cell)
    axes.set_position((0, 0, 1, 1))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _name_classes(axes, evaluation.confusion["labels"], size=min(9.0, cell * 72 * 0.42))
    for row, column in zip(*np.nonzero(matrix), strict=True):
        share, text = shares[row, column], f"{matrix[row, column]:,}"
        if classes <= _MOST_CLASSES_WITH_SHARES:
            text += f"\n{share:.0%}"
        _write_cell(axes, row, column, text, color="white" if share > 0.55 else INK, cell=cell)
    _draw_cell_borders(axes, classes)
    title = f"{evaluation.n:,} examples; colour: share of the true class"
    if evaluation.task == "ordinal":
        title = f"{evaluation.n:,} examples; judged too mild: {evaluation.metrics['undertriage']:.1%}"
    axes.set_title(title, loc="left", fontsize=10, color=INK, pad=8)
    save(figure, path, colors=64 if classes <= _MOST_CLASSES_WITH_SHARES else 10)


def reliability_diagram(evaluation: Evaluation, path: Path) -> None:
    """Draw accuracy against confidence; bubbles on the diagonal mean that confidences can be taken at their word.

    Args:
        evaluation: what the model did.
        path: the PNG file.
    """
    figure, axes = sheet(4.6, 4.6)
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=DASHED)
    axes.annotate("too cautious", (0.06, 0.93), color=INK, fontsize=8)
    axes.annotate("too sure", (0.94, 0.05), color=INK, fontsize=8, ha="right")
    confidence = [b["confidence"] for b in evaluation.reliability]
    accuracy = [b["accuracy"] for b in evaluation.reliability]
    answers = sum(b["count"] for b in evaluation.reliability)
    area = [12 + 500 * b["count"] / answers for b in evaluation.reliability]
    axes.vlines(confidence, confidence, accuracy, color=ORANGE, linewidth=1.2)
    axes.scatter(confidence, accuracy, s=area, color=BLUE, alpha=0.75, edgecolors="white", linewidths=0.6, zorder=3)
    axes.set(xlim=(-0.02, 1.04), ylim=(-0.02, 1.04), aspect="equal")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    name_axes(axes, "confidence of the answer", "answers that were right")
    entitle(axes, f"Calibration error {evaluation.metrics['ece']:.1%}; area: number of answers")
    save(figure, path)


def _name_classes(axes: Axes, labels: Sequence[str], size: float) -> None:
    names = drawable(labels)
    longest = max(map(len, names))
    upright: dict[str, Any] = {"rotation": 90, "ha": "center"}
    slanted: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    turned: dict[str, Any] = {} if longest < 10 and len(names) <= 6 else (slanted if len(names) <= 6 else upright)
    ticks = range(len(names))
    axes.set_xticks(ticks, names, fontsize=size, parse_math=False, **turned)
    axes.set_yticks(ticks, names, fontsize=size, parse_math=False)
    axes.set_xlabel("predicted", color=INK)
    axes.set_ylabel("true", color=INK)


def _write_cell(axes: Axes, row: int, column: int, text: str, *, color: str, cell: float) -> None:
    """Write into one cell of ``cell`` inches, in letters that fit it."""
    widest = max(map(len, text.splitlines()))
    size = min(10.0, cell * 72 * 0.8 / max(2.2, widest * 0.62))
    axes.text(column, row, text, ha="center", va="center", color=color, fontsize=size, linespacing=1.25)


def _draw_cell_borders(axes: Axes, classes: int) -> None:
    edges = np.arange(classes + 1) - 0.5
    axes.hlines(edges, -0.5, classes - 0.5, color=GRID, linewidth=0.5)
    axes.vlines(edges, -0.5, classes - 0.5, color=GRID, linewidth=0.5)
