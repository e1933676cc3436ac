"""Predictions of all shapes as tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN_SCORES = 4
SHOWN_PARTS = 5
"""Words and columns that are named beside a prediction; --json has all."""

_TITLES = {"value": "value", "labels": "labels", "label": "label"}


def prediction_table(predictions: Sequence[Mapping[str, Any]], *, unit: str = "") -> tuple[list[str], list[list[Any]]]:
    """Return titles and rows: the answer, and scores, abstention, remarks and explanation where there are some.

    Args:
        predictions: of one model.
        unit: of values, shown in the title.
    """
    first: Mapping[str, Any] = predictions[0] if predictions else {}
    titles = [next((title for key, title in _TITLES.items() if key in first), "answer")]
    if unit:
        titles[0] += f" ({unit})"
    rows: list[list[Any]] = [[_answer(prediction)] for prediction in predictions]
    for key, title, shown in (
        ("scores", "scores", _scores),
        ("top", "most probable", _top),
        ("abstained", "abstained", _abstained),
        ("remarks", "remarks", _remarks),
        ("explanation", "what moved it", _explanation),
    ):
        if any(key in prediction for prediction in predictions):
            titles.append(title)
            for row, prediction in zip(rows, predictions, strict=True):
                row.append(shown(prediction))
    return titles, rows


def places_of(predictions: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return titles and cells that tell which row each prediction is about.

    The file is told where there are several, and the row unless each file has but one.
    """
    places = [(prediction["file"], prediction["row"]) for prediction in predictions]
    files = {file for file, _ in places}
    if len(files) < 2:
        return ["row"], [(row,) for _, row in places]
    if len(files) == len(places):
        return ["file"], [(file,) for file, _ in places]
    return ["file", "row"], list(places)


def _answer(prediction: Mapping[str, Any]) -> Any:
    if "labels" in prediction:
        return ", ".join(prediction["labels"]) or "(none)"
    return prediction.get("value", prediction.get("label"))


def _scores(prediction: Mapping[str, Any]) -> str:
    ranked = sorted(prediction["scores"].items(), key=lambda item: -item[1])
    return ", ".join(f"{label} {score:.3f}" for label, score in ranked[:SHOWN_SCORES])


def _abstained(prediction: Mapping[str, Any]) -> str:
    return "ask a person" if prediction.get("abstained") else ""


def _top(prediction: Mapping[str, Any]) -> str:
    return ", ".join(prediction.get("top", ()))


def _remarks(prediction: Mapping[str, Any]) -> str:
    return "; ".join(
        remark["text"] + (f" (at least {remark['at_least']})" if "at_least" in remark else "")
        for remark in prediction.get("remarks", ())
    )


def _explanation(prediction: Mapping[str, Any]) -> str:
    said = prediction["explanation"]
    parts = [(word["word"], word["weight"]) for word in said["words"]]
    parts += [(f"{cell['column']} {_cell(cell['value'])}", cell["weight"]) for cell in said["columns"]]
    parts.sort(key=lambda part: -abs(part[1]))
    # Of two labels one is explained, whatever the answer is.
    label = said.get("label", prediction.get("label"))
    about = f"{label}: " if label != prediction.get("label") else ""
    return about + ", ".join(f"{name} {weight:+.3g}" for name, weight in parts[:SHOWN_PARTS])


def _cell(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
