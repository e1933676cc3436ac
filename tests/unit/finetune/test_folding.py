"""Learning in folds: what is said of a row comes from a part that has not seen it."""

import itertools
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from worlds import Answer, Kind, write_encoder
from worlds.work import World

from platform_core.datasets.records import LabeledExample
from platform_core.finetune.learning import Learned
from platform_core.finetune.material import Material, targets_of
from platform_core.sdk import Interrupted, UsageError

GREEDY = {"rounds": 60, "least_in_leaf": 2, "leaves": 63, "learning_rate": 0.3}
"""Trees that learn any rows by heart."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    return World(folder, write_encoder(folder / "encoder"))


def in_folds(world: World, kind: Kind = "table", answer: Answer = "binary", **changes: Any) -> Material:
    settings: dict[str, Any] = {"folds": 3, "epochs": 3, "members": ("lightgbm", "network"), "rows": 240} | changes
    return world.material(kind, answer, "fit", **settings)


def area(material: Material, rows: list[LabeledExample], scores: np.ndarray) -> float:
    positive = material.model.head.positive
    column = material.model.head.labels.index(str(positive))
    return float(roc_auc_score([t == positive for t in targets_of(rows)], scores[:, column]))


def held_out_area(material: Material, learned: Learned) -> float:
    assert learned.held_out is not None
    return area(material, learned.held_out.rows, learned.held_out.scores)


def seen_area(world: World, material: Material, learned: Learned) -> float:
    model = world.pool.load(learned.artifact)
    return area(material, material.training, model.score_examples([row.example for row in material.training]))


def test_random_labels_are_learned_by_heart_but_not_out_of_fold(world: World) -> None:
    rng = random.Random(0)
    material = in_folds(
        world,
        rows=600,
        members=("lightgbm",),
        boosting=GREEDY | {"patience": 60},
        edit=lambda row: replace(row, target=rng.choice(("bad", "good"))),
    )
    learned = world.learn(material, "random")
    assert 0.4 < held_out_area(material, learned) < 0.6
    assert seen_area(world, material, learned) > 0.75


def test_groups_stay_whole(world: World) -> None:
    """Each group has a label of its own and a number that gives it away: nothing is known of a group never seen."""

    def grouped(row: LabeledExample) -> LabeledExample:
        number = row.place.row // 6
        label = random.Random(number).choice(("bad", "good"))
        columns = row.example.columns | {"heat": random.Random(-number - 1).random()}  # type: ignore[attr-defined]
        example = row.example.model_copy(update={"columns": columns})
        return replace(row, target=label, group=f"g{number}", example=example)

    material = in_folds(world, rows=480, members=("lightgbm",), boosting=GREEDY, edit=grouped)
    assert held_out_area(material, world.learn(material, "groups")) < 0.7


@pytest.mark.parametrize(
    ("kind", "answer", "members"),
    [
        ("table", "binary", ("lightgbm", "network")),
        ("table", "ordinal", ("lightgbm",)),
        ("table", "regression", ("lightgbm", "linear")),
        ("mixed", "multiclass", ("lightgbm", "linear", "network")),
        ("mixed", "multilabel", ("linear", "network")),
        ("text", "multiclass", ("linear",)),
    ],
)
def test_what_is_loaded_answers_as_what_was_learned(world: World, kind: Kind, answer: Answer, members: Any) -> None:
    material = in_folds(world, kind, answer, members=members)
    name = f"{kind}-{answer}-{len(members)}"
    learned = world.learn(material, name)
    assert learned.score is not None
    assert learned.held_out is not None
    assert learned.held_out.rows == material.training + material.validation
    assert set(learned.shares) == set(members)
    examples = [row.example for row in material.splits["test"]]
    model = world.save_and_load(learned, material, name)
    scores = model.score_examples(examples)
    np.testing.assert_allclose(scores, world.pool.load(learned.artifact).score_examples(examples), atol=1e-6)
    one_by_one = np.concatenate([model.score_examples([example]) for example in examples[:4]])
    np.testing.assert_allclose(scores[:4], one_by_one, atol=1e-5)


def test_the_answer_is_the_mean_of_the_parts(world: World) -> None:
    material = in_folds(world)
    artifact = world.learn(material, "mean").artifact
    model = world.pool.load(artifact)
    rows = model.prepare([row.example for row in material.splits["test"]])
    features = {
        "numbers": torch.from_numpy(np.stack([row.numbers for row in rows])),  # type: ignore[misc]
        "categories": torch.from_numpy(np.stack([row.categories for row in rows])),  # type: ignore[misc]
    }
    tail: Any = artifact.tail
    with torch.inference_mode():
        each = [
            part.scores(part(mixture(features, part.reads)))
            for mixture, part in zip(tail.mixture, tail.head.parts, strict=True)
        ]
        together = tail.head.scores(tail(features))
    assert len({tuple(scores[:, 0].tolist()) for scores in each}) == 3
    torch.testing.assert_close(torch.stack(each).mean(0), together)
    assert len({tuple(part.weights.tolist()) for part in tail.head.parts}) == 1


def test_without_a_validation_split_there_are_scores_all_the_same(world: World) -> None:
    material = in_folds(world, members=("linear",))
    material = replace(material, splits=material.splits | {"validation": []})
    learned = world.learn(material, "no-validation")
    assert learned.score is not None
    assert learned.held_out is not None
    assert learned.held_out.rows == material.training


def test_stopped_anywhere_it_goes_on_to_the_same_model(world: World) -> None:
    material = in_folds(world, rows=120)
    epochs: list[float] = []
    whole = world.learn(material, "whole", on_epoch=lambda history: epochs.append(history[-1]["epoch"]))
    assert epochs == [float(i) for i in range(1, 10)]
    assert [entry["epoch"] for entry in whole.result.history] == epochs
    stops, step, interruptions = set(random.Random(3).sample(range(1, 30), 6)), itertools.count(1), 0
    resumed = None
    while resumed is None:
        try:
            resumed = world.learn(material, "stopped", stop_requested=lambda: next(step) in stops)
        except Interrupted:
            interruptions += 1
    assert interruptions == 6
    expected, found = whole.artifact.tail.state_dict(), resumed.artifact.tail.state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    assert resumed.result.history == whole.result.history


def test_the_estimate_is_of_all_folds(world: World) -> None:
    material, found = in_folds(world, rows=120), []
    world.learn(material, "estimate", on_estimate=found.append)
    assert len(found) == 1
    assert found[0].seconds > 0


def test_too_few_rows_are_told(world: World) -> None:
    material = in_folds(world, folds=20)
    few = {name: rows[:8] for name, rows in material.splits.items()}
    with pytest.raises(UsageError, match=r"too few for 20 folds.*--set folds") as caught:
        world.learn(replace(material, splits=few), "few")
    assert caught.value.where == "folds"
