"""Lanes end with their encoder or their server, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import gc
import math
import threading
import time
import weakref

import numpy as np
import pytest
import torch
from worlds import make_examples, make_rows

from platform_core.sdk import DeadlineExceeded, ModelFailed, Overloaded
from platform_core.serving import lane as lanes
from platform_core.serving.lane import Lane, LaneLimits
from platform_core.serving.offline import predict_examples
from platform_core.serving.tickets import Ticket

LIMITS = LaneLimits(workers=2, threads=1, pass_tokens=512, delay=0.001)


@pytest.fixture
def model(model_of):
    return model_of("mixed", "binary")


def ask(lane, model, count=3, **options):
    """Queue a ticket and return where its predictions will be."""
    examples = make_examples("mixed", make_rows(count, seed=5))
    ticket = Ticket(model, lambda: examples, deadline=time.monotonic() + 60, examples=count, **options)
    lane.submit(ticket)
    return ticket.predictions


def lane_threads() -> int:
    return sum(thread.name == "lane" for thread in threading.enumerate())


def test_what_was_queued_is_answered_and_what_comes_later_is_refused(model):
    lane = Lane(LIMITS)
    waiting = [ask(lane, model) for _ in range(5)]
    lane.close()
    assert all(len(found.result(timeout=0)) == 3 for found in waiting)
    with pytest.raises(Overloaded, match="stopping"):
        ask(lane, model)
    lane.close()


def test_nobody_is_left_waiting_when_requests_race_with_the_end(model):
    lane = Lane(LIMITS)
    outcomes = []

    def go_on_asking() -> None:
        try:
            while True:
                outcomes.append(ask(lane, model, 1).result(timeout=20))
        except Overloaded:
            outcomes.append("refused")

    askers = [threading.Thread(target=go_on_asking) for _ in range(4)]
    for asker in askers:
        asker.start()
    lane.close()
    for asker in askers:
        asker.join(20)
    assert outcomes.count("refused") == 4


class Gate:
    """Stands before the passes: notes the slices of each, and holds them until it opens."""

    def __init__(self, monkeypatch) -> None:
        self.passes: list[list] = []
        self.began, self.opened = threading.Event(), threading.Event()
        self._answer = lanes.answer
        monkeypatch.setattr(lanes, "answer", self.answer)

    def answer(self, slices, watch) -> None:
        self.passes.append(list(slices))
        self.began.set()
        self.opened.wait(20)
        self._answer(slices, watch)


def test_a_full_queue_refuses(model, monkeypatch):
    gate = Gate(monkeypatch)
    lane = Lane(dataclasses.replace(LIMITS, workers=1, waiting=2))
    waiting = [ask(lane, model)]
    assert gate.began.wait(20)
    waiting += [ask(lane, model) for _ in range(2)]
    with pytest.raises(Overloaded, match="too many"):
        ask(lane, model)
    gate.opened.set()
    lane.close()
    assert all(found.done() for found in waiting)


def test_who_would_wait_too_long_is_turned_away_at_once_but_not_for_those_who_go_behind(model, monkeypatch):
    gate = Gate(monkeypatch)
    lane = Lane(dataclasses.replace(LIMITS, workers=1, patience=2.0))
    waiting = [ask(lane, model)]
    assert gate.began.wait(20)
    lane._lately = (9.0, 10.0)
    waiting += [ask(lane, model, 200, priority=-1), ask(lane, model, 3)]
    with pytest.raises(Overloaded) as refused:
        ask(lane, model, 1)
    assert refused.value.details == {"retry_after": 3}
    waiting.append(ask(lane, model, 1, priority=1))
    gate.opened.set()
    lane.close()
    assert all(found.done() for found in waiting)
    assert lane.waiting == 0


def test_what_gathers_during_a_pass_is_the_next_and_the_urgent_goes_first(model, monkeypatch):
    gate = Gate(monkeypatch)
    lane = Lane(dataclasses.replace(LIMITS, workers=1, pass_tokens=60))
    waiting = [ask(lane, model, 1)]
    assert gate.began.wait(20)
    waiting += [ask(lane, model, 2), ask(lane, model, 2), ask(lane, model, 2, priority=1)]
    gate.opened.set()
    lane.close()
    second = [part.ticket.predictions for part in gate.passes[1]]
    assert second[0] is waiting[3]
    assert len(gate.passes) < 1 + 3
    assert all(len(found.result(timeout=0)) == count for found, count in zip(waiting, (1, 2, 2, 2), strict=True))


def test_a_large_request_goes_slice_by_slice_and_lets_others_through(model, monkeypatch):
    gate = Gate(monkeypatch)
    lane = Lane(dataclasses.replace(LIMITS, workers=1, pass_tokens=40))
    large, small = ask(lane, model, 30), ask(lane, model, 1)
    gate.opened.set()
    assert len(small.result(timeout=20)) == 1
    assert not large.done() or len(gate.passes) > 2
    lane.close()
    expected = predict_examples(model, make_examples("mixed", make_rows(30, seed=5)))
    for found, wanted in zip(large.result(), expected, strict=True):
        assert found["scores"] == pytest.approx(wanted["scores"], abs=1e-5)


def test_a_model_that_hangs_fails_alone_rests_and_its_worker_is_replaced(model_of, monkeypatch):
    monkeypatch.setattr(lanes, "WATCH_SECONDS", 0.02)
    good, bad = model_of("mixed", "binary"), copy.copy(model_of("mixed", "binary"))
    hanging, release = threading.Event(), threading.Event()

    def hang(features, rows):
        hanging.set()
        release.wait(20)
        raise RuntimeError

    bad.scores_of = hang
    gate = Gate(monkeypatch)
    lane = Lane(dataclasses.replace(LIMITS, workers=1, hang=0.3))
    first = ask(lane, good, 1)
    assert gate.began.wait(20)
    lost, kept = ask(lane, bad), ask(lane, good)
    gate.opened.set()
    assert len(first.result(timeout=20)) == 1
    assert hanging.wait(20)
    with pytest.raises(DeadlineExceeded):
        lost.result(timeout=20)
    assert len(kept.result(timeout=20)) == 3
    with pytest.raises(ModelFailed, match="rests"):
        ask(lane, bad)
    release.set()
    lane.close()
    assert lane.waiting == 0


@pytest.mark.parametrize("fault", ["raises", "no-number"])
def test_a_model_that_fails_fails_alone(model_of, monkeypatch, fault):
    good, bad = model_of("mixed", "binary"), copy.copy(model_of("mixed", "binary"))

    def fail(features, rows):
        if fault == "raises":
            raise ZeroDivisionError
        return torch.full((len(rows), 2), math.nan)

    bad.scores_of = fail
    gate = Gate(monkeypatch)
    lane = Lane(dataclasses.replace(LIMITS, workers=1))
    ask(lane, good)
    assert gate.began.wait(20)
    lost, kept = ask(lane, bad), ask(lane, good)
    gate.opened.set()
    lane.close()
    assert len(gate.passes) == 2, "both shared a pass"
    with pytest.raises(ZeroDivisionError if fault == "raises" else ModelFailed):
        lost.result(timeout=0)
    assert len(kept.result(timeout=0)) == 3


def test_what_comes_too_late_is_not_computed(model, monkeypatch):
    gate = Gate(monkeypatch)
    lane = Lane(dataclasses.replace(LIMITS, workers=1))
    ask(lane, model)
    assert gate.began.wait(20)
    late = Ticket(model, lambda: pytest.fail("it was prepared"), deadline=time.monotonic() - 1)
    lane.submit(late)
    gate.opened.set()
    with pytest.raises(DeadlineExceeded):
        late.predictions.result(timeout=20)
    lane.close()


def test_the_lane_of_a_full_fine_tune_goes_with_its_last_holder(world, shelf):
    material = world.material("text", "binary", "full", rows=60, epochs=1)
    model = world.save_and_load(world.learn(material, "gone"), material, "gone")
    shelf.put("full", model)
    gone = weakref.ref(model.runtime)
    before = lane_threads()
    with shelf.engine() as engine:
        asyncio.run(engine.predict("full", [{"text": "the pump was slow"}]))
        assert lane_threads() == before + LIMITS.workers
        (lane,) = engine._lanes._lanes.values()
        shelf.models.clear()
        del model, material
        gc.collect()
        assert gone() is None, "the lane keeps the encoder of a model that left"
        lane.close()
        assert lane_threads() == before


def test_a_shared_encoder_keeps_its_lane(model_of, shelf):
    shelf.put("a", model_of("text", "binary"))
    shelf.put("b", model_of("text", "regression"))
    with shelf.engine() as engine:
        for name in ("a", "b", "a"):
            asyncio.run(engine.predict(name, [{"text": "the pump was slow"}]))
        assert len(engine._lanes._lanes) == 1


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

    with shelf.engine(delay=0.05) as engine:
        answers = asyncio.run(all_at_once(engine))
    for name, answer in zip(shelf.models, answers, strict=True):
        model = shelf.models[name]
        offline = model.decode(torch.from_numpy(model.score_examples(examples)), model.prepare(examples))
        for found, wanted in zip(answer["predictions"], offline, strict=True):
            assert found.keys() == wanted.keys()
            np.testing.assert_allclose(_numbers(found), _numbers(wanted), atol=1e-4)


def _numbers(prediction):
    return [prediction["value"]] if "value" in prediction else list(prediction["scores"].values())
