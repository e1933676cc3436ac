"""Pictures of a training and of what came of it: PNG files whose bytes depend on nothing but the numbers.

Drawn with matplotlib's object interface, which keeps no global state, so that threads do not disturb each other.
Colours are those of Okabe & Ito, which people with colour blindness tell apart.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter
from PIL import Image

from platform_core.evaluation.evaluation import Evaluation

_BLUE, _ORANGE, _GREEN, _INK, _GRID = "#0072B2", "#D55E00", "#009E73", "#222222", "#DDDDDD"
_DPI = 200
_WIDEST_LABEL = 28
_MOST_CLASSES_WITH_SHARES = 12


def draw_all(
    folder: Path, evaluation: Evaluation, history: Sequence[Mapping[str, float]], *, metric: str
) -> dict[str, str]:
    """Draw every picture of a model card into ``folder``.

    Args:
        folder: an existing folder.
        evaluation: what the model did on held-out examples.
        history: see :func:`training_curve`; where it is empty, no curve is drawn.
        metric: name of the validation score.

    Returns:
        File name of each picture.
    """
    confusion_matrix(evaluation, folder / "confusion_matrix.png")
    reliability_diagram(evaluation, folder / "reliability.png")
    pictures = {"confusion_matrix": "confusion_matrix.png", "reliability": "reliability.png"}
    if history:
        training_curve(history, folder / "training_curve.png", metric=metric)
        pictures["training_curve"] = "training_curve.png"
    return pictures


def training_curve(history: Sequence[Mapping[str, float]], path: Path, *, metric: str = "score") -> None:
    """Draw training loss and validation score by epoch, the best epoch marked.

    Args:
        history: one entry per epoch: ``epoch``, ``loss`` and, where validation data exist, ``score``.
        path: the PNG file.
        metric: name of the validation score; more is better.
    """
    figure, loss_axes = _figure(6.4, 3.6)
    epochs = [entry["epoch"] for entry in history]
    loss_axes.plot(epochs, [entry["loss"] for entry in history], color=_BLUE, marker="o", markersize=4)
    _name_axis(loss_axes, "training loss", _BLUE)
    loss_axes.set_ylim(bottom=0)
    loss_axes.set_xlabel("epoch", color=_INK)
    loss_axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    loss_axes.grid(color=_GRID, linewidth=0.6)
    scored = [(entry["epoch"], entry["score"]) for entry in history if "score" in entry]
    title = "Training loss; there were no validation data"
    if scored:
        best_epoch, best = max(scored, key=lambda point: point[1])
        title = f"Best validation {metric} {best:.3f}, after epoch {best_epoch:.0f}"
        _draw_scores(loss_axes, scored, best_epoch, best, metric)
    loss_axes.set_title(title, loc="left", fontsize=10, color=_INK, parse_math=False)
    _save(figure, path)


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
    figure, axes = _figure(classes * cell, classes * cell)
    axes.set_position((0, 0, 1, 1))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    _name_classes(axes, evaluation.confusion["labels"], size=min(9.0, cell * 72 * 0.42))
    for row, column in zip(*np.nonzero(matrix), strict=True):
        share, text = shares[row, column], f"{matrix[row, column]:,}"
        if classes <= _MOST_CLASSES_WITH_SHARES:
            text += f"\n{share:.0%}"
        _write_cell(axes, row, column, text, color="white" if share > 0.55 else _INK, cell=cell)
    _draw_cell_borders(axes, classes)
    title = f"{evaluation.n:,} examples; colour: share of the true class"
    axes.set_title(title, loc="left", fontsize=10, color=_INK, pad=8)
    _save(figure, path, colors=64 if classes <= _MOST_CLASSES_WITH_SHARES else 10)


def reliability_diagram(evaluation: Evaluation, path: Path) -> None:
    """Draw accuracy against confidence; bubbles on the diagonal mean that confidences can be taken at their word.

    Args:
        evaluation: what the model did.
        path: the PNG file.
    """
    figure, axes = _figure(4.6, 4.6)
    axes.plot([0, 1], [0, 1], color=_INK, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate("too cautious", (0.06, 0.93), color=_INK, fontsize=8)
    axes.annotate("too sure", (0.94, 0.05), color=_INK, fontsize=8, ha="right")
    confidence = [b["confidence"] for b in evaluation.reliability]
    accuracy = [b["accuracy"] for b in evaluation.reliability]
    area = [12 + 500 * b["count"] / evaluation.n for b in evaluation.reliability]
    axes.vlines(confidence, confidence, accuracy, color=_ORANGE, linewidth=1.2)
    axes.scatter(confidence, accuracy, s=area, color=_BLUE, alpha=0.75, edgecolors="white", linewidths=0.6, zorder=3)
    axes.set(xlim=(-0.02, 1.04), ylim=(-0.02, 1.04), aspect="equal")
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(color=_GRID, linewidth=0.6)
    axes.set_xlabel("confidence of the answer", color=_INK)
    axes.set_ylabel("answers that were right", color=_INK)
    error = evaluation.metrics["ece"]
    axes.set_title(f"Calibration error {error:.1%}; area: number of answers", loc="left", fontsize=10, color=_INK)
    _save(figure, path)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of ``width`` × ``height`` inches."""
    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor="white")
    axes = figure.add_subplot()
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=_INK, length=2)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure, axes


def _save(figure: Figure, path: Path, colors: int = 64) -> None:
    """Write a small PNG: few colours, no metadata."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(
        buffer, format="png", dpi=_DPI, bbox_inches="tight", pad_inches=0.15, metadata={"Software": None}
    )
    with Image.open(buffer) as picture:
        picture.convert("RGB").quantize(colors, dither=Image.Dither.NONE).save(path, format="PNG", optimize=True)


def _name_axis(axes: Axes, name: str, color: str) -> None:
    axes.set_ylabel(name, color=color, parse_math=False)
    axes.tick_params(axis="y", labelcolor=color)


def _draw_scores(
    loss_axes: Axes, scored: Sequence[tuple[float, float]], best_epoch: float, best: float, metric: str
) -> None:
    axes = loss_axes.twinx()
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(labelsize=8, length=2)
    axes.plot(*zip(*scored, strict=True), color=_ORANGE, marker="s", markersize=4)
    axes.scatter([best_epoch], [best], s=130, facecolors="none", edgecolors=_GREEN, linewidths=2, zorder=4)
    axes.axvline(best_epoch, color=_GREEN, linewidth=1, linestyle=(0, (4, 3)))
    low, high = min(score for _, score in scored), max(score for _, score in scored)
    margin = max(0.1 * (high - low), 0.01)
    axes.set_ylim(low - margin, high + margin)
    _name_axis(axes, f"validation {metric}", _ORANGE)


def _name_classes(axes: Axes, labels: Sequence[str], size: float) -> None:
    names = _drawable(labels)
    longest = max(map(len, names))
    upright: dict[str, Any] = {"rotation": 90, "ha": "center"}
    slanted: dict[str, Any] = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"}
    turned: dict[str, Any] = {} if longest < 10 and len(names) <= 6 else (slanted if len(names) <= 6 else upright)
    ticks = range(len(names))
    axes.set_xticks(ticks, names, fontsize=size, parse_math=False, **turned)
    axes.set_yticks(ticks, names, fontsize=size, parse_math=False)
    axes.set_xlabel("predicted", color=_INK)
    axes.set_ylabel("true", color=_INK)


def _drawable(labels: Sequence[str]) -> list[str]:
    """Shorten long labels; number them where the font lacks a character, in the order of the per-class table."""
    known = font_manager.get_font(font_manager.findfont("DejaVu Sans")).get_charmap()
    if any(ord(character) not in known for label in labels for character in label):
        return [f"class {i + 1}" for i in range(len(labels))]
    return [label if len(label) <= _WIDEST_LABEL else label[: _WIDEST_LABEL - 1] + "…" for label in labels]


def _write_cell(axes: Axes, row: int, column: int, text: str, *, color: str, cell: float) -> None:
    """Write into one cell of ``cell`` inches, in letters that fit it."""
    widest = max(map(len, text.splitlines()))
    size = min(10.0, cell * 72 * 0.8 / max(2.2, widest * 0.62))
    axes.text(column, row, text, ha="center", va="center", color=color, fontsize=size, linespacing=1.25)


def _draw_cell_borders(axes: Axes, classes: int) -> None:
    edges = np.arange(classes + 1) - 0.5
    axes.hlines(edges, -0.5, classes - 0.5, color=_GRID, linewidth=0.5)
    axes.vlines(edges, -0.5, classes - 0.5, color=_GRID, linewidth=0.5)
