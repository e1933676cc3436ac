"""Lanes end with their encoder or their server, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import numpy as np
import pytest
import torch
from worlds import make_examples, make_rows

from platform_core.sdk import Overloaded
from platform_core.serving import batcher
from platform_core.serving.batcher import Lane

LIMITS = {"max_tokens": 512, "max_delay": 0.001}


@pytest.fixture
def model(model_of):
    return model_of("mixed", "binary")


def rows_of(model, count=3):
    return model.prepare(make_examples("mixed", make_rows(count, seed=5)))


def lane_threads() -> int:
    return sum(thread.name == "lane" for thread in threading.enumerate())


def test_what_was_queued_is_answered_and_what_comes_later_is_refused(model):
    lane = Lane(**LIMITS)
    waiting = [lane.submit(model, rows_of(model)) for _ in range(5)]
    lane.close()
    assert all(len(found.result(timeout=0)) == 3 for found in waiting)
    with pytest.raises(Overloaded, match="stopping"):
        lane.submit(model, rows_of(model))
    lane.close()


def test_nobody_is_left_waiting_when_requests_race_with_the_end(model):
    lane = Lane(**LIMITS)
    rows, outcomes = rows_of(model, 1), []

    def ask() -> None:
        try:
            while True:
                outcomes.append(lane.submit(model, rows).result(timeout=20))
        except Overloaded:
            outcomes.append("refused")

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    lane.close()
    for asker in askers:
        asker.join(20)
    assert outcomes.count("refused") == 4


def test_a_full_queue_refuses(model, monkeypatch):
    monkeypatch.setattr(batcher, "MOST_WAITING", 2)
    started, go_on = threading.Event(), threading.Event()

    def slow(rows):
        started.set()
        go_on.wait(20)
        return [torch.zeros(2) for _ in rows]

    monkeypatch.setattr(batcher, "forward_rows", slow)
    lane, rows = Lane(**LIMITS), rows_of(model, 1)
    waiting = [lane.submit(model, rows)]
    assert started.wait(20)
    waiting += [lane.submit(model, rows) for _ in range(2)]
    with pytest.raises(Overloaded, match="too many"):
        lane.submit(model, rows)
    go_on.set()
    lane.close()
    assert all(found.done() for found in waiting)


def test_the_lane_of_a_full_fine_tune_goes_with_its_last_holder(world, shelf):
    material = world.material("text", "binary", "full", rows=60, epochs=1)
    model = world.save_and_load(world.learn(material, "gone"), material, "gone")
    shelf.put("full", model)
    gone = weakref.ref(model.runtime)
    before = lane_threads()
    with shelf.engine() as engine:
        asyncio.run(engine.predict("full", [{"text": "the pump was slow"}]))
        assert lane_threads() == before + 1
        (lane,) = engine._lanes.values()
        shelf.models.clear()
        del model, material
        gc.collect()
        assert gone() is None, "the lane keeps the encoder of a model that left"
        lane._thread.join(20)
        assert lane_threads() == before


def test_a_shared_encoder_keeps_its_lane(model_of, shelf):
    shelf.put("a", model_of("text", "binary"))
    shelf.put("b", model_of("text", "regression"))
    with shelf.engine() as engine:
        for name in ("a", "b", "a"):
            asyncio.run(engine.predict(name, [{"text": "the pump was slow"}]))
        assert len(engine._lanes) == 1


def test_an_engine_that_is_closed_refuses(model_of, shelf):
    shelf.put("a", model_of("table", "binary"))
    shelf.put("b", model_of("text", "binary"))
    cells = make_rows(1)[0]["columns"]
    with shelf.engine() as engine:
        asyncio.run(engine.predict("a", [{"columns": cells}]))
        engine.close()
        for name, example in (("a", {"columns": cells}), ("b", {"text": "new lane"})):
            with pytest.raises(Overloaded, match="stopping"):
                asyncio.run(engine.predict(name, [example]))


def test_requests_for_tables_of_different_models_share_a_batch(model_of, shelf):
    for answer in ("binary", "multilabel", "regression"):
        shelf.put(answer, model_of("table", answer))
    examples = make_examples("table", make_rows(6, seed=9))

    async def all_at_once(engine):
        requests = [engine.predict(name, examples) for name in shelf.models]
        return await asyncio.gather(*requests)

    with shelf.engine(max_delay=0.05) as engine:
        answers = asyncio.run(all_at_once(engine))
    for name, answer in zip(shelf.models, answers, strict=True):
        model = shelf.models[name]
        offline = model.decode(torch.from_numpy(model.score_examples(examples)), model.prepare(examples))
        for found, wanted in zip(answer["predictions"], offline, strict=True):
            assert found.keys() == wanted.keys()
            np.testing.assert_allclose(_numbers(found), _numbers(wanted), atol=1e-4)


def _numbers(prediction):
    return [prediction["value"]] if "value" in prediction else list(prediction["scores"].values())
