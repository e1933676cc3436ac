"""A picture of metric streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.ticker import MaxNLocator

from platform_core.finetune.tracking.metrics import MetricStream
from platform_core.sdk.pictures.canvas import BLUE, entitle, name_axes, save, sheets


def draw_streams(streams: Sequence[MetricStream], path: Path) -> None:
    """Draw each stream by step, side by side.

    Args:
        streams: at least one.
        path: the PNG file.
    """
    figure, plots = sheets(4.4 * len(streams), 3.4, len(streams))
    for stream, axes in zip(streams, plots, strict=True):
        marker = "o" if len(stream.steps) <= 40 else None
        axes.plot(stream.steps, stream.values, color=BLUE, linewidth=1.2, marker=marker, markersize=3)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
        name_axes(axes, "step", stream.name)
        entitle(axes, f"last {stream.values[-1]:.4g}, at step {stream.steps[-1]:,}")
    figure.tight_layout()
    save(figure, path)
