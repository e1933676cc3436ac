"""Whatever is asked together, each answer is what the model says offline: methods, ranks, layers, encoders, tables."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import make_rows
from worlds.plugin import installed_world, write_table, write_words

from platform_core.platform import Platform

pytestmark = pytest.mark.slow

EVERY_LAYER = ("query", "key", "value", "attention_output", "intermediate", "output")
SHORT = {"epochs": 2}
SENTENCES = ("first", "second", "third", "wide", "deep", "tiny", "own")
TABLES = ("rows", "fitted")
ROWS = [{"columns": row["columns"]} for row in make_rows(20, seed=8)]
WORDS = ("profit", "rose", "the", "pump", "was", "slow", "superb", "13.1", "mn", "Österreich", "loss", "—", "again")


@pytest.fixture(scope="module")
def mixed(workspace: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The models of the workspace on MiniLM, LoRA models of other ranks and layers, and models on other encoders."""
    quick = {"epochs": 1, "learning_rate": 0.01}
    wide = quick | {"lora_rank": 8, "lora_targets": EVERY_LAYER}
    deep = quick | {"lora_rank": 3, "lora_targets": ("intermediate", "output")}
    for name, recipe in {"wide": wide, "deep": deep}.items():
        workspace.train("finance.sentiment", "finance.sentiment:1", name=name, method="lora", settings=recipe)
    folder = tmp_path_factory.mktemp("mixed")
    exact = workspace.settings.model_copy(update={"precision": "fp32", "max_batch_delay_ms": 5.0})
    with installed_world(folder), Platform.open(settings=exact) as platform:
        words, table = write_words(folder / "words.csv"), write_table(folder / "rows.csv")
        platform.train("world.words", words, name="tiny", method="lora", settings=SHORT | {"lora_rank": 5})
        platform.train("world.words", words, name="own", method="full", settings=SHORT)
        platform.train("world.rows", table, name="rows", method="head", settings=SHORT)
        platform.train("world.rows", table, name="fitted", method="fit", settings=SHORT)
        yield platform


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=150).map(lambda words: {"text": " ".join(words)})
requests = st.tuples(st.sampled_from(SENTENCES), st.lists(texts, min_size=1, max_size=4)) | st.tuples(
    st.sampled_from(TABLES), st.lists(st.sampled_from(ROWS), min_size=1, max_size=8)
)
mixes = st.lists(st.tuples(requests, st.sampled_from((0.0, 0.0, 0.002, 0.02))), min_size=1, max_size=12)


def test_the_models_differ_so_that_a_mix_up_would_show(mixed):
    said = {name: mixed.predict(name, [{"text": "profit was slow"}])[0]["scores"] for name in SENTENCES}
    three = {name: tuple(round(score, 4) for score in scores.values()) for name, scores in said.items()}
    assert len(set(three.values())) == len(SENTENCES)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mixes)
def test_each_answer_is_what_the_model_says_offline(mixed, mix):
    async def ask(model: str, examples: list[dict[str, Any]], pause: float) -> dict[str, Any]:
        await asyncio.sleep(pause)
        return await mixed.engine.predict(model, examples)

    async def all_at_once() -> list[dict[str, Any]]:
        return await asyncio.gather(*(ask(model, examples, pause) for (model, examples), pause in mix))

    for ((model, examples), _), answer in zip(mix, asyncio.run(all_at_once()), strict=True):
        assert answer["model"] == model
        for example, found in zip(examples, answer["predictions"], strict=True):
            (wanted,) = mixed.predict(model, [example])
            assert found["scores"] == pytest.approx(wanted["scores"], abs=1e-5)
