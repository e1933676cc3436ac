"""What the engine tells observers, and what it refuses."""

from __future__ import annotations

import asyncio

import pytest
from worlds import ANSWERS, make_examples, make_rows

from platform_core.sdk import BadInput, UsageError
from platform_core.serving.engine import MOST_EXPLAINED


@pytest.mark.parametrize("answer", ANSWERS)
def test_events_tell_the_answers_of_every_kind(model_of, shelf, answer):
    shelf.put("m", model_of("table", answer))
    examples = make_examples("table", make_rows(4, seed=1))
    with shelf.engine() as engine:
        predictions = asyncio.run(engine.predict("m", examples))["predictions"]
    (event,) = shelf.events
    assert event.examples == len(event.labels) == 4
    for told, prediction in zip(event.labels, predictions, strict=True):
        match answer:
            case "multilabel":
                assert told == "|".join(prediction["labels"])
            case "regression":
                assert float(told) == prediction["value"]
            case _:
                assert told == prediction["label"]


def test_a_table_without_a_column_is_refused_with_the_likely_new_name(model_of, shelf):
    shelf.put("m", model_of("table", "binary"))
    cells = make_rows(1)[0]["columns"]
    renamed = {("Heat" if name == "heat" else name): value for name, value in cells.items()}
    with shelf.engine() as engine, pytest.raises(BadInput) as refused:
        asyncio.run(engine.predict("m", [{"columns": cells}, {"columns": renamed}]))
    assert refused.value.details == {"absent": ["heat"], "renamed": {"heat": "Heat"}}
    assert refused.value.where == "examples[1]"


def test_unknown_cells_and_unseen_categories_are_answered(model_of, shelf):
    shelf.put("m", model_of("table", "ordinal"))
    cells = make_rows(1)[0]["columns"]
    odd = [dict.fromkeys(cells), cells | {"site": "the moon"}, cells | {"more": 1.0}]
    with shelf.engine() as engine:
        predictions = asyncio.run(engine.predict("m", [{"columns": row} for row in odd]))["predictions"]
    assert len(predictions) == 3


def test_explanations_of_a_request_are_bounded(model_of, shelf):
    shelf.put("m", model_of("table", "binary"))
    examples = make_examples("table", make_rows(MOST_EXPLAINED + 1))
    with shelf.engine() as engine:
        with pytest.raises(UsageError, match=f"a request may have {MOST_EXPLAINED}"):
            asyncio.run(engine.predict("m", examples, want_explanation=True))
        asyncio.run(engine.predict("m", examples))
        explained = asyncio.run(engine.predict("m", examples[:2], want_explanation=True))["predictions"]
    assert all(prediction["explanation"]["columns"] for prediction in explained)
