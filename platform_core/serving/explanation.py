"""What moved a prediction, by leaving each part out (occlusion; Zeiler & Fergus 2014, Li et al. 2016).

The model itself answers: its score with the part, less its score without it. Parts are the words of texts, and the
cells of the table that the model reads. A number, or its being missing, is replaced by the median of the training data,
a category by the most frequent one. Against a missing value, what is as usual would seem to matter: nothing is known of
such a row, and it is unlike all that the model learned from. What a weight is of:

* one of two labels: the score of the one that is looked for, whatever the answer is: a positive weight speaks for it;
* one of several labels: the score of the predicted label; a positive weight speaks for it;
* a set of labels: the mean score of the labels that are given, with the weight for each of them beside it; where the
  set is empty, the score of the label that came nearest;
* a number: the number itself, in its own unit; a positive weight made it larger.

Long texts are cut into as many runs of neighbouring words as there may be passes; Han characters and kana, written
without spaces, stand for words of their own. Of very wide tables the first columns are tried, those of numbers before
those of categories, and the answer tells how many were left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from platform_core.modeling.spec import TableRecord
from platform_core.modeling.table_schema import NumberColumn, Place
from platform_core.sdk import Cell, Example, Number, Text, field_markers
from platform_core.serving.reasons import direction_of, reasons_of

MOST_SPANS = 64
MOST_COLUMNS = 256

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}](?:(?:[^\W{_ALONE}]|['’.,%-])*[^\W{_ALONE}])?")

Span = tuple[str, int, int]
"""A field and where in its text a word or a run of words begins and ends."""


@dataclass(frozen=True)
class Occlusion:
    """An example with each of its parts left out in turn.

    Attributes:
        example: the whole example.
        spans: the words that are left out, then
        cells: the cells that are: numbers, known or missing, and categories that are not as usual.
        table: what the model knows of the table, where it reads one.
        positive: of two labels, the one that is looked for.
        note: what a reader of the model's answers must know; empty where there is nothing.
        omitted: columns that were not tried.
        reduced: the example without each part; what the model is asked.
    """

    example: Example
    spans: list[Span]
    cells: list[Place]
    table: TableRecord | None
    positive: str | None
    note: str
    omitted: int
    reduced: list[Example]

    def explain(self, prediction: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return ``{"method", "words", "columns"}``, the strongest parts first.

        A word is ``{"field", "word", "start", "end", "weight"}``, a column ``{"column", "value", "weight"}``; both
        have a ``direction``, ``raises`` or ``lowers``, unless they did nothing, and of sets of labels ``weights`` by
        label, too. Values that cannot be are ``None``: the model reads them as missing. ``label`` or ``labels`` says
        what was explained, ``note`` what must be known of how the answer was chosen, and ``columns_omitted`` how many
        columns were not tried, if any. Where the model reads a table there are ``reasons``, see :mod:`.reasons`.

        Args:
            prediction: the prediction on the whole example.
            answers: the predictions on :attr:`reduced`.
        """
        labels = _explained_labels(prediction, self.positive)
        effects = [_effect(prediction, answer, labels) for answer in answers]
        words = [
            {"field": name, "word": getattr(self.example, name)[start:end], "start": start, "end": end, **effect}
            for (name, start, end), effect in zip(self.spans, effects, strict=False)
        ]
        numbers = {column.place: column for column in self.table.columns.numbers} if self.table else {}
        columns = [
            {"column": place.name, "value": _read_value(self.example, place, numbers.get(place)), **effect}
            for place, effect in zip(self.cells, effects[len(self.spans) :], strict=True)
        ]
        about: dict[str, Any] = {"label": labels[0]} if "label" in prediction else {}
        about |= {"labels": list(labels)} if "labels" in prediction else {}
        about |= {"note": self.note} if self.note else {}
        parts = {"words": _strongest_first(words), "columns": _strongest_first(columns)}
        reasons = {"reasons": reasons_of(words, columns, self.table)} if self.table else {}
        left_out = {"columns_omitted": self.omitted} if self.omitted else {}
        return {"method": "occlusion", **about, **parts, **reasons, **left_out}


def occlude(
    example: Example, table: TableRecord | None = None, positive: str | None = None, *, note: str = ""
) -> Occlusion:
    """Leave out each word of each text field of ``example``, and each number and unusual category of ``table``.

    Args:
        example: what is explained.
        table: what the model knows of the table, where it reads one.
        positive: of two labels, the one that is looked for.
        note: what a reader of the model's answers must know.
    """
    spans = [
        (name, start, end)
        for name, marker in field_markers(type(example)).items()
        if isinstance(marker, Text) and getattr(example, name) is not None
        for start, end in _spans(getattr(example, name))
    ]
    found = _neutral_values(example, table) if table else {}
    cells = list(found)[:MOST_COLUMNS]
    reduced = [_without_words(example, *span) for span in spans]
    reduced += [_with_cell(example, place, found[place]) for place in cells]
    return Occlusion(example, spans, cells, table, positive, note, len(found) - len(cells), reduced)


def _spans(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each word, or of each run of words where there are too many."""
    words = [match.span() for match in _WORD.finditer(text)]
    step = -(-len(words) // MOST_SPANS) or 1
    return [(words[i][0], words[min(i + step, len(words)) - 1][1]) for i in range(0, len(words), step)]


def _neutral_values(example: Example, table: TableRecord) -> dict[Place, Cell]:
    """Return what each number and each category is replaced by; a category that is as usual stays."""
    numbers: dict[Place, Cell] = {column.place: column.center for column in table.columns.numbers}
    categories = {column.place: column.usual for column in table.columns.categories}
    return numbers | {place: usual for place, usual in categories.items() if _value(example, place) != usual}


def _value(example: Example, place: Place) -> Cell:
    value = getattr(example, place.field)
    cell: Cell = value if place.column is None else value.get(place.column)
    return cell


def _read_value(example: Example, place: Place, number: NumberColumn | None) -> Cell:
    """Return a value as the model reads it: a number that cannot be is missing."""
    value = _value(example, place)
    if value is None or number is None:
        return value
    return value if Number(low=number.low, high=number.high).is_possible(float(value)) else None


def _without_words(example: Example, name: str, start: int, end: int) -> Example:
    text: str = getattr(example, name)
    return example.model_copy(update={name: text[:start] + text[end:]})


def _with_cell(example: Example, place: Place, value: Cell) -> Example:
    if place.column is None:
        return example.model_copy(update={place.field: value})
    return example.model_copy(update={place.field: {**getattr(example, place.field), place.column: value}})


def _explained_labels(prediction: Mapping[str, Any], positive: str | None) -> tuple[str, ...]:
    """Return the labels whose scores are explained; none for numbers."""
    if "label" in prediction:
        return (positive or prediction["label"],)
    if "labels" not in prediction:
        return ()
    scores: Mapping[str, float] = prediction["scores"]
    return tuple(prediction["labels"]) or (max(scores, key=scores.__getitem__),)


def _effect(prediction: Mapping[str, Any], answer: Mapping[str, Any], labels: Sequence[str]) -> dict[str, Any]:
    if not labels:
        weight = prediction["value"] - answer["value"]
        return {"weight": weight, **direction_of(weight)}
    weights = {label: prediction["scores"][label] - answer["scores"][label] for label in labels}
    mean = fmean(weights.values())
    effect = {"weight": mean, **direction_of(mean)}
    return effect | {"weights": weights} if "labels" in prediction else effect


def _strongest_first(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(parts, key=lambda part: -abs(part["weight"]))
