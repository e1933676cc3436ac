"""What all pictures share: sheets, colours, letters, and how they are saved.

Drawn with matplotlib's object interface, which keeps no global state, so that threads do not disturb each other.
Colours are those of Okabe & Ito, which people with colour blindness tell apart, and Tol's wine, darker than these.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

BLUE, ORANGE, GREEN, WINE, INK, GRID = "#0072B2", "#D55E00", "#009E73", "#882255", "#222222", "#DDDDDD"
DASHED = (0, (4, 3))
_DPI = 200
_WIDEST_LABEL = 28


def sheet(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of ``width`` × ``height`` inches, with one plot."""
    figure, (axes,) = sheets(width, height, 1)
    return figure, axes


def sheets(width: float, height: float, plots: int) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of ``width`` × ``height`` inches, with several plots side by side."""
    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor="white")
    return figure, _styled(figure.subplots(1, plots))


def stack(width: float, height: float, plots: int) -> tuple[Figure, list[Axes]]:
    """Return an empty figure of ``width`` × ``height`` inches, with several plots under each other, on one x axis."""
    figure = Figure(figsize=(width, height), dpi=_DPI, facecolor="white", layout="constrained")
    return figure, _styled(figure.subplots(plots, 1, sharex=True))


def _styled(plots: Axes | np.ndarray) -> list[Axes]:
    found: list[Axes] = list(np.atleast_1d(np.asarray(plots, dtype=object)))
    for axes in found:
        axes.set_axisbelow(True)
        axes.tick_params(labelsize=8, colors=INK, length=2)
        hide_frame(axes)
    return found


def hide_frame(axes: Axes) -> None:
    """Leave out the box around a plot."""
    for spine in axes.spines.values():
        spine.set_visible(False)


def entitle(axes: Axes, title: str) -> None:
    """Write a title, taken literally, above the left edge."""
    axes.set_title(title, loc="left", fontsize=10, color=INK, parse_math=False)


def name_axes(axes: Axes, x: str, y: str) -> None:
    """Name both axes, taken literally, and draw a grid."""
    axes.set_xlabel(x, color=INK, parse_math=False)
    axes.set_ylabel(y, color=INK, parse_math=False)
    axes.grid(color=GRID, linewidth=0.6)


def save(figure: Figure, path: Path, colors: int = 64) -> None:
    """Write a small PNG: few colours, no metadata."""
    path.write_bytes(png(figure, colors))


def png(figure: Figure, colors: int = 64) -> bytes:
    """Return a small PNG: few colours, no metadata."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_figure(
        buffer,
        format="png",
        dpi=_DPI,
        bbox_inches="tight",
        pad_inches=0.15,
        metadata={"Software": None},
        pil_kwargs={"compress_level": 0},
    )
    small = io.BytesIO()
    with Image.open(buffer) as picture:
        picture.convert("RGB").quantize(colors, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            small, format="PNG", optimize=True
        )
    return small.getvalue()


def drawable(labels: Sequence[str], otherwise: str = "class", widest: int = _WIDEST_LABEL) -> list[str]:
    """Shorten long labels; where the font lacks a character, number them, in the order of the table beside.

    Args:
        labels: what to write.
        otherwise: the word before the numbers.
        widest: characters from which a label is long.
    """
    known = font_manager.get_font(font_manager.findfont("DejaVu Sans")).get_charmap()
    if any(ord(character) not in known for label in labels for character in label):
        return [f"{otherwise} {i + 1}" for i in range(len(labels))]
    return [label if len(label) <= widest else label[: widest - 1] + "…" for label in labels]
