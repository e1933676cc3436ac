"""Answers by content: what was forgotten meanwhile is still answered, nobody gets what others changed."""

from __future__ import annotations

import asyncio

from worlds import make_examples, make_rows

from platform_core.serving.cache import PredictionCache


def test_what_is_forgotten_while_others_ask_is_answered():
    first, *others = make_examples("table", make_rows(5))
    cache = PredictionCache(2)
    asked = []

    async def ask(some):
        asked.append(len(some))
        await asyncio.sleep(0.01)
        return [{"label": example.model_dump_json()} for example in some]

    async def all_at_once():
        await cache.answer("v", [first], ask)
        return await asyncio.gather(
            cache.answer("v", [first, others[0]], ask), *[cache.answer("v", [other], ask) for other in others[1:]]
        )

    found = asyncio.run(all_at_once())
    expected = [[first, others[0]], *[[other] for other in others[1:]]]
    assert [[said["label"] for said in answers] for answers in found] == [
        [example.model_dump_json() for example in some] for some in expected
    ]
    assert asked == [1] * 5


def test_an_answer_is_the_callers_own():
    (example,) = make_examples("table", make_rows(1))
    cache = PredictionCache(1)

    async def ask(some):
        return [{"label": "a"} for _ in some]

    async def twice():
        (mine,) = await cache.answer("v", [example], ask)
        mine["explanation"] = {}
        return await cache.answer("v", [example], ask)

    assert asyncio.run(twice()) == [{"label": "a"}]
    assert PredictionCache(0).__bool__() is False
