"""Requests for many models on one encoder: one batch, one pass, the same answers as offline."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_core.api.application import create_app
from platform_core.modeling.model import forward_rows
from platform_core.modeling.pool import EncoderPool
from platform_core.platform import Platform
from platform_core.sdk import BadInput, NotFound
from platform_core.serving.residency import Residency

TEXTS = [
    "Operating profit rose to EUR 13.1 mn from EUR 8.7 mn a year earlier.",
    "The company will publish its half-year report on 14 August.",
    "Net loss widened and the board proposes no dividend for the year.",
    "Sales fell.",
    "The quarterly loss narrowed more than analysts had expected, helped by lower raw-material prices.",
]
MODELS = ["first", "second", "third"]


def scores(answer: dict[str, Any]) -> list[list[float]]:
    return [list(p["scores"].values()) for p in answer["predictions"]]


def offline(platform: Platform, model: str, texts: list[str]) -> list[list[float]]:
    return [list(p["scores"].values()) for p in platform.predict(model, [{"text": t} for t in texts])]


def serve(platform: Platform, requests: list[tuple[str, list[str]]]) -> list[dict[str, Any]]:
    async def all_at_once() -> list[dict[str, Any]]:
        return await asyncio.gather(
            *(platform.engine.predict(model, [{"text": t} for t in texts]) for model, texts in requests)
        )

    return asyncio.run(all_at_once())


def test_two_lora_models_share_one_pass_of_the_encoder(workspace):
    first, second = (workspace.models.get(workspace.registry.resolve(name)) for name in ("first", "second"))
    assert first.runtime is second.runtime
    assert first.delta is not second.delta
    example = workspace.plugins.solution("finance.sentiment").example
    asked = [(first, TEXTS[:3]), (second, TEXTS[2:])]
    rows = [(model, row) for model, texts in asked for row in model.prepare([example(text=t) for t in texts])]
    before = first.runtime.calls
    found = forward_rows(rows)
    assert first.runtime.calls == before + 1
    expected = [offline(workspace, "first", TEXTS[:3]), offline(workspace, "second", TEXTS[2:])]
    for score, wanted in zip(found, [score for scores in expected for score in scores], strict=True):
        assert dict(zip(wanted, score.tolist(), strict=True)) == pytest.approx(wanted, abs=1e-5)
    answers = serve(workspace, [("first", TEXTS[:3]), ("second", TEXTS[2:])])
    for answer, wanted in zip(answers, expected, strict=True):
        for found, score in zip(scores(answer), wanted, strict=True):
            assert found == pytest.approx(score, abs=1e-5)
    assert set(answers[0]["predictions"][0]["scores"]) == {"negative", "neutral", "positive"}
    assert set(answers[1]["predictions"][0]["scores"]) == {"negative", "positive"}


def test_a_model_that_left_the_residency_answers_while_it_is_in_use(workspace):
    first, second = (workspace.registry.resolve(name) for name in ("first", "second"))
    examples = [workspace.plugins.solution("finance.sentiment").example(text=text) for text in TEXTS]
    pool = EncoderPool(device="cpu", exact=True)
    residency = Residency(workspace.registry, workspace.plugins, pool)
    waiting = residency.get(first)
    pool.ledger.capacity = waiting.runtime.nbytes + max(first.size_bytes, second.size_bytes)
    before = waiting.score_examples(examples)
    residency.get(second)
    assert residency.resident(first) is None
    assert (waiting.score_examples(examples) == before).all()


def test_the_models_differ_so_that_a_mix_up_would_show(workspace):
    answers = [offline(workspace, name, TEXTS[:1])[0] for name in ("first", "third")]
    assert answers[0] != pytest.approx(answers[1], abs=1e-3)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(MODELS), st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)),
        min_size=1,
        max_size=6,
    )
)
def test_any_mix_gives_the_same_answers_as_offline(workspace, requests):
    for (model, texts), answer in zip(requests, serve(workspace, requests), strict=True):
        for found, wanted in zip(scores(answer), offline(workspace, model, texts), strict=True):
            assert found == pytest.approx(wanted, abs=1e-5)


def test_an_explanation_names_the_words_and_adds_up_to_what_leaving_them_out_does(workspace):
    text = "Profit rose sharply"
    (prediction,) = workspace.predict("first", [{"text": text}], explain=True)
    words = prediction["explanation"]["words"]
    assert {w["word"] for w in words} == {"Profit", "rose", "sharply"}
    assert all(text[w["start"] : w["end"]] == w["word"] for w in words)
    top = words[0]
    without = workspace.predict("first", [{"text": text[: top["start"]] + text[top["end"] :]}])[0]
    label = prediction["label"]
    assert top["weight"] == pytest.approx(prediction["scores"][label] - without["scores"][label], abs=1e-5)
    served = asyncio.run(workspace.engine.predict("first", [{"text": text}], want_explanation=True))
    assert [w["word"] for w in served["predictions"][0]["explanation"]["words"]] == [w["word"] for w in words]


def test_an_alias_that_moves_is_served_soon(workspace):
    with TestClient(create_app(workspace)) as client:

        def version() -> int:
            answer = client.post("/api/v1/models/third/predict", json={"examples": [{"text": "Sales fell."}]})
            return int(answer.raise_for_status().json()["version"])

        workspace.registry.promote("third:1", "champion")
        workspace.train("finance.sentiment", "finance.sentiment:1", name="third", method="head", settings={"epochs": 1})
        assert version() == 1
        workspace.registry.promote("third:2", "champion")
        deadline = asyncio.run(_until(lambda: version() == 2, seconds=5))
        assert deadline


async def _until(condition: Any, seconds: float) -> bool:
    for _ in range(int(seconds * 10)):
        if condition():
            return True
        await asyncio.sleep(0.1)
    return False


def test_bad_examples_and_references_are_named(workspace):
    with pytest.raises(BadInput, match=r"examples\[1\]\.text"):
        workspace.predict("first", [{"text": "fine"}, {"text": " "}])
    with pytest.raises(BadInput, match="words"):
        workspace.predict("first", [{"text": "fine", "words": 3}])
    with pytest.raises(NotFound, match="did you mean 'first'"):
        workspace.predict("frist", [{"text": "fine"}])
    with pytest.raises(NotFound):
        workspace.predict("first@nobody", [{"text": "fine"}])
