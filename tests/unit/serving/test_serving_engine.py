"""What the engine tells observers, and what it refuses."""

from __future__ import annotations

import asyncio
import dataclasses
import threading

import pytest
from worlds import ANSWERS, make_examples, make_rows

from platform_core.modeling.mixture import Tail
from platform_core.sdk import BadInput, DeadlineExceeded, IntegrityError, MemoryFull, UsageError
from platform_core.serving.deployments.policy import Arm, Limits, Route
from platform_core.serving.deployments.tally import Tally
from platform_core.serving.engine import MOST_EXPLAINED


@pytest.mark.parametrize("answer", ANSWERS)
def test_observers_hear_of_every_request(model_of, shelf, answer):
    shelf.put("m", model_of("table", answer))
    examples = make_examples("table", make_rows(4, seed=1))
    with shelf.engine() as engine:
        found = asyncio.run(engine.predict("m", examples))
    (served,) = shelf.served
    assert (served.id, served.model, served.version, served.role) == (found["id"], "m", 1, "stable")
    assert served.code is None
    assert list(served.examples) == examples
    assert served.predictions == found["predictions"]


def test_observers_hear_of_what_could_not_be_answered(model_of, shelf):
    shelf.put("m", model_of("table", "binary"))
    with shelf.engine() as engine, pytest.raises(BadInput):
        asyncio.run(engine.predict("m", [{"columns": "none"}]))
    (served,) = shelf.served
    assert (served.code, served.examples, served.predictions) == ("input.invalid", (), ())


def test_what_was_asked_before_is_not_computed_again(model_of, shelf):
    model = model_of("table", "multiclass")
    shelf.put("m", model)
    examples = make_examples("table", make_rows(4, seed=1))
    with shelf.engine(cache=3) as engine:

        def ask(some):
            before = model.runtime.calls
            found = asyncio.run(engine.predict("m", some))["predictions"]
            return found, model.runtime.calls - before

        whole, passes = ask(examples[:3])
        assert passes == 1
        assert ask([examples[2], examples[0], examples[0]]) == ([whole[2], whole[0], whole[0]], 0)
        explained = asyncio.run(engine.predict("m", examples[:1], want_explanation=True))["predictions"]
        assert explained[0].pop("explanation")
        assert explained == whole[:1] == ask(examples[:1])[0], "explanations are not kept"
        assert ask([examples[3], examples[0]])[1] == 1
        assert ask([examples[1]])[1] == 1, "it was asked for longest ago"


class Trial:
    """A canary or a shadow beside a version, in the place of what the database says."""

    def __init__(self, shelf, **arms):
        self.shelf, self.arms = shelf, arms

    def route(self, reference):
        stable = self.shelf.route(reference)
        arms = {
            role: Arm(
                id=role,
                role=role,
                version=self.shelf.route(name).stable,
                percent=100.0,
                keys=frozenset(),
                limits=Limits(),
            )
            for role, name in self.arms.items()
        }
        return Route(stable.stable, **arms)

    def stamp(self):
        return ()

    def exchange(self, arm_id, worker, mine):
        return {side: Tally() for side in mine}


class Failing(Tail):
    """Networks that fail."""

    def __init__(self, tail):
        super().__init__(tail.mixture, tail.head)

    def forward(self, features):
        raise RuntimeError("a bug in a head")


@pytest.mark.parametrize("error", [MemoryFull("it does not fit"), IntegrityError("it is damaged")])
def test_a_canary_that_cannot_be_loaded_harms_nobody(model_of, shelf, monkeypatch, error):
    shelf.put("m", model_of("table", "binary"))
    shelf.put("bad", model_of("table", "binary"))
    monkeypatch.setattr(shelf, "resident", lambda version: None)

    def get(version):
        if version.id == "bad":
            raise error
        return shelf.models[version.id]

    monkeypatch.setattr(shelf, "get", get)
    with shelf.engine(trials=Trial(shelf, canary="bad")) as engine:
        assert asyncio.run(engine.predict("m", make_examples("table", make_rows(2))))["model"] == "m"
    assert [served.code for served in shelf.served] == [error.code, None]


def test_a_model_is_loaded_once_for_all_that_ask_and_nobody_waits_longer_than_a_request_may(
    model_of, shelf, monkeypatch
):
    shelf.put("m", model_of("table", "binary"))
    monkeypatch.setattr(shelf, "resident", lambda version: None)
    loads, gate = [], threading.Event()

    def get(version):
        loads.append(version.id)
        assert gate.wait(20)
        return shelf.models[version.id]

    monkeypatch.setattr(shelf, "get", get)
    examples = make_examples("table", make_rows(2))

    async def ask(engine):
        found = await asyncio.gather(*[engine.predict("m", examples) for _ in range(50)], return_exceptions=True)
        gate.set()
        return found

    with shelf.engine(timeout=0.3) as engine:
        assert {type(found) for found in asyncio.run(ask(engine))} == {DeadlineExceeded}
    assert loads == ["m"]


def test_a_canary_that_fails_harms_nobody(model_of, shelf):
    good = model_of("table", "binary")
    shelf.put("m", good)
    shelf.put("bad", dataclasses.replace(good, tail=Failing(good.tail)))
    examples = make_examples("table", make_rows(2))
    with shelf.engine(trials=Trial(shelf, canary="bad")) as engine:
        found = asyncio.run(engine.predict("m", examples))
    assert found["model"] == "m"
    assert [(served.role, served.code) for served in shelf.served] == [
        ("canary", "internal.unexpected"),
        ("stable", None),
    ]


def test_a_shadow_is_compared_and_never_returned(model_of, shelf):
    shelf.put("m", model_of("table", "binary"))
    shelf.put("other", model_of("table", "binary", "fit"))
    examples = make_examples("table", make_rows(2))

    async def ask(engine):
        found = await engine.predict("m", examples)
        while len(shelf.served) < 2:
            await asyncio.sleep(0.01)
        return found

    with shelf.engine(trials=Trial(shelf, shadow="other")) as engine:
        found = asyncio.run(asyncio.wait_for(ask(engine), 20))
    stable, shadow = shelf.served
    assert found["model"] == "m"
    assert (stable.role, shadow.role, shadow.model) == ("stable", "shadow", "other")
    assert stable.id == shadow.id
    assert stable.predictions == found["predictions"]


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
