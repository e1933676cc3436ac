"""Rendering a model card as Markdown: every value is escaped unless a filter says that it is Markdown already."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

_MEASURES = {
    "macro_f1": ("Macro-F1", "precision and recall in one number, every class counting the same; 1 is best"),
    "accuracy": ("Accuracy", "share of answers that are right"),
    "balanced_accuracy": ("Balanced accuracy", "the same, every class counting the same"),
    "micro_f1": ("Micro-F1", "F1 of all decisions together"),
    "mcc": ("Matthews correlation", "agreement beyond chance: 0 is guessing, 1 is perfect"),
    "auroc": ("ROC-AUC", "chance that an example of a class outranks one of another; 0.5 is guessing"),
    "ece": ("Calibration error", "how far confidence is from the share of right answers, on average; 0 is best"),
    "brier": ("Brier score", "squared distance of the probabilities to the truth; 0 is best"),
}
_SHARES = {"accuracy", "balanced_accuracy", "ece"}
_METHODS = {
    "head": "the head alone; the encoder stayed as it was",
    "lora": "a low-rank delta (LoRA) on the encoder, and the head",
    "full": "all weights of encoder and head",
    "fit": "in closed form on features of the encoder",
}
_PICTURES = {
    "confusion_matrix": "Confusion matrix: true classes in rows, predictions in columns",
    "reliability": "Confidence against the share of right answers",
    "training_curve": "Training loss and validation score by epoch",
}


class Markdown(str):
    """Text that is Markdown already, and goes into the card as it is."""

    __slots__ = ()


def render(card: Any) -> str:
    """Return the Markdown of a :class:`~platform_core.registry.card.ModelCard`."""
    shown = [name for name in _MEASURES if name in card.metrics] + sorted(set(card.metrics) - set(_MEASURES))
    if card.metrics.get("micro_f1") == card.metrics.get("accuracy"):
        shown = [name for name in shown if name != "micro_f1"]
    text = _template().render(card=card, shown=shown, methods=_METHODS, captions=_PICTURES)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def escape(value: object) -> Markdown:
    """Return ``value`` as Markdown that shows it literally, on one line, also in a table."""
    text = re.sub(r"([\\`*_{}\[\]<>#|~&$!])", r"\\\1", re.sub(r"\s+", " ", str(value)))
    text = re.sub(r"^([-+=])(?!\d)", r"\\\1", text)
    return Markdown(re.sub(r"^(\d+)([.)])(?= |$)", r"\1\\\2", text))


def code(value: object) -> Markdown:
    """Return ``value`` as a code span, safe in a table."""
    text = " ".join(str(value).split()).replace("|", "\\|")
    fence = "`" * (_longest_run_of_backticks(text) + 1)
    padding = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return Markdown(f"{fence}{padding}{text}{padding}{fence}")


def block(value: str) -> Markdown:
    """Return ``value`` as a block of shell code."""
    fence = "`" * max(3, _longest_run_of_backticks(value) + 1)
    return Markdown(f"{fence}sh\n{value}\n{fence}")


def share(value: float) -> str:
    """Return a share as per cent, with one decimal."""
    return f"{100 * value:.1f} %"


def measure(value: float, name: str) -> str:
    """Return the value of the metric ``name`` as people write it."""
    return share(value) if name in _SHARES else f"{value:.3f}"


def interval(bounds: tuple[float, float] | None, name: str) -> str:
    """Return an interval of the metric ``name`` as people write it."""
    if bounds is None:
        return "–"
    low, high = bounds
    return f"{100 * low:.1f} – {100 * high:.1f} %" if name in _SHARES else f"{low:.3f} – {high:.3f}"


def duration(seconds: float) -> str:
    """Return a time as people say it, e.g. ``2 min 5 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def plain(value: Any) -> str:
    """Return a JSON value in words: lists with commas, mappings as ``key: value``."""
    if isinstance(value, dict):
        return "; ".join(f"{key}: {plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return "none" if value is None else str(value)


@cache
def _template() -> Template:
    # The output is Markdown, not HTML; `finalize` escapes what is printed.
    environment = Environment(
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markdown) else escape(value),
    )
    environment.filters |= {
        "block": block,
        "code": code,
        "duration": duration,
        "interval": interval,
        "markdown": Markdown,
        "measure": measure,
        "meaning": lambda name: _MEASURES.get(name, ("", ""))[1],
        "measure_title": lambda name: _MEASURES.get(name, (name, ""))[0],
        "plain": plain,
        "share": share,
        "thousands": lambda number: f"{number:,}",
    }
    return environment.from_string(files("platform_core.registry").joinpath("card.md.j2").read_text(encoding="utf-8"))


def _longest_run_of_backticks(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
