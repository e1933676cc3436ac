"""Starting from an earlier version: the first epoch begins where that version ended."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from worlds import Kind, write_encoder
from worlds.work import World

from platform_core.finetune.material import Material
from platform_core.finetune.warm_start import check_parent
from platform_core.modeling.artifact import Artifact
from platform_core.sdk import Method, UsageError

WAYS: list[tuple[Method, Method]] = [
    ("head", "head"), ("head", "lora"), ("head", "full"), ("lora", "lora"), ("lora", "full"), ("full", "full"),
]  # fmt: skip
"""From the parent's method to the child's."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    return World(folder, write_encoder(folder / "encoder"))


@pytest.fixture(scope="module")
def parents(world: World) -> dict[tuple[Kind, Method], Artifact]:
    kinds: tuple[Kind, ...] = ("text", "mixed")
    methods: tuple[Method, ...] = ("head", "lora", "full")
    return {
        (kind, method): world.learn(world.material(kind, "multiclass", method), f"parent-{kind}-{method}").artifact
        for kind, method in product(kinds, methods)
    }


def standing_still(world: World, kind: Kind, method: Method, parent: Artifact, **changes: object) -> Material:
    """Return material of a run that hardly moves: what it ends in is where it began."""
    material = world.material(kind, "multiclass", method, epochs=1, learning_rate=1e-9, **changes)
    return replace(material, parent=parent)


@pytest.mark.parametrize("kind", ["text", "mixed"])
@pytest.mark.parametrize(("before", "after"), WAYS)
def test_it_begins_where_the_parent_ended(
    world: World, parents: dict[tuple[Kind, Method], Artifact], kind: Kind, before: Method, after: Method
) -> None:
    parent = parents[kind, before]
    material = standing_still(world, kind, after, parent)
    learned = world.learn(material, f"{kind}-{before}-{after}")
    examples = [row.example for row in material.validation]
    np.testing.assert_allclose(
        world.pool.load(learned.artifact).score_examples(examples),
        world.pool.load(parent).score_examples(examples),
        atol=1e-4,
    )


def test_a_higher_rank_takes_the_parents_delta_in(world: World, parents: dict[tuple[Kind, Method], Artifact]) -> None:
    parent = parents["text", "lora"]
    material = standing_still(world, "text", "lora", parent, lora_rank=12)
    examples = [row.example for row in material.validation]
    np.testing.assert_allclose(
        world.pool.load(world.learn(material, "rank").artifact).score_examples(examples),
        world.pool.load(parent).score_examples(examples),
        atol=1e-4,
    )


def test_a_lower_rank_is_refused(world: World, parents: dict[tuple[Kind, Method], Artifact]) -> None:
    material = standing_still(world, "text", "lora", parents["text", "lora"], lora_rank=2)
    with pytest.raises(UsageError, match="its rank is 8"):
        world.learn(material, "low-rank")


@pytest.mark.parametrize(("before", "after"), [("full", "lora"), ("full", "head"), ("lora", "head")])
def test_ways_that_lead_elsewhere_are_refused(
    world: World, parents: dict[tuple[Kind, Method], Artifact], before: Method, after: Method
) -> None:
    with pytest.raises(UsageError, match="cannot go on from"):
        check_parent(parents["text", before].spec, world.material("text", "multiclass", after).spec)
