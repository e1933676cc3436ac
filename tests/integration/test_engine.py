"""Golden: every input kind × kind of answer × method trains to a stated metric, saves, loads, and predicts the same."""

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from worlds import ANSWERS, KINDS, Answer, Kind, make_examples, make_rows, make_solution, write_encoder
from worlds.work import World

from platform_core.datasets.records import LabeledExample
from platform_core.finetune.material import targets_of
from platform_core.modeling.model import Model
from platform_core.sdk import BadInput, Interrupted, Method

FLOORS: dict[Answer, dict[Kind, float]] = {
    # What reading the inputs reaches with every method; a model that does not read them stays far below.
    "binary": {"text": 0.70, "table": 0.95, "mixed": 0.95},  # average precision; blind: .25
    "multiclass": {"text": 0.60, "table": 0.80, "mixed": 0.78},  # macro-F1; blind: .17
    "ordinal": {"text": 0.50, "table": 0.85, "mixed": 0.75},  # quadratic kappa; blind: 0
    "multilabel": {"text": 0.65, "table": 0.85, "mixed": 0.85},  # micro-F1; blind: .5
    "regression": {"text": 0.35, "table": 0.88, "mixed": 0.88},  # R²; blind: 0
}
SHAPES: dict[Answer, set[str]] = {
    "binary": {"label", "scores"},
    "multiclass": {"label", "scores"},
    "ordinal": {"label", "scores"},
    "multilabel": {"labels", "scores"},
    "regression": {"value"},
}


def combinations() -> list[tuple[Kind, Answer, Method]]:
    """Return all that solutions of the worlds offer."""
    return [
        (kind, answer, method)
        for kind, answer in itertools.product(KINDS, ANSWERS)
        for method in make_solution(kind, answer).recipes
    ]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    return World(folder, write_encoder(folder / "encoder"))


@pytest.mark.parametrize(("kind", "answer", "method"), combinations())
def test_trains_saves_loads_predicts(world: World, kind: Kind, answer: Answer, method: Method) -> None:
    name = f"{kind}-{answer}-{method}"
    material = world.material(kind, answer, method)
    learned = world.learn(material, name)
    assert learned.score is not None
    assert learned.score >= FLOORS[answer][kind]
    model = world.save_and_load(learned, material, name)
    examples = [row.example for row in material.splits["test"]]
    scores = model.score_examples(examples)
    again = world.pool.load(learned.artifact).score_examples(examples)
    np.testing.assert_allclose(scores, again, atol=1e-6)
    one_by_one = np.concatenate([model.score_examples([example]) for example in examples[:5]])
    np.testing.assert_allclose(scores[:5], one_by_one, atol=1e-5)
    predictions = model.decode(torch.from_numpy(scores), model.prepare(examples))
    assert {key for prediction in predictions for key in prediction} == SHAPES[answer]


@pytest.mark.parametrize("fusion", ["concat", "attend"])
@pytest.mark.parametrize("numbers", ["piecewise", "periodic", "plain"])
def test_embeddings_and_fusions(world: World, fusion: str, numbers: str) -> None:
    table = make_solution("mixed", "regression").recipes["head"].table.model_copy(update={"numbers": numbers})
    material = world.material("mixed", "regression", "head", fusion=fusion, table=table)
    learned = world.learn(material, f"{fusion}-{numbers}")
    assert learned.score is not None
    assert learned.score > 0.85


@pytest.mark.parametrize(("kind", "method"), [("text", "lora"), ("table", "head"), ("mixed", "full")])
def test_stopping_anywhere_changes_nothing(world: World, kind: Kind, method: Method) -> None:
    """Stopped at 20 random steps and resumed each time, the weights are those of a run that never stopped."""
    material = world.material(kind, "multiclass", method, rows=200, epochs=6)
    whole = world.learn(material, f"whole-{kind}").artifact
    steps = 6 * 4
    stops = set(random.Random(7).sample(range(1, steps), 20))
    step = itertools.count(1)
    interruptions = 0
    resumed = None
    while resumed is None:
        try:
            resumed = world.learn(material, f"stopped-{kind}", stop_requested=lambda: next(step) in stops)
        except Interrupted:
            interruptions += 1
    assert interruptions == 20
    expected, found = whole.tail.state_dict(), resumed.artifact.tail.state_dict()
    assert all(torch.equal(expected[name], found[name]) for name in expected)
    if whole.delta and resumed.artifact.delta:
        tensors = resumed.artifact.delta.tensors()
        assert all(torch.equal(tensor, tensors[name]) for name, tensor in whole.delta.tensors().items())


def test_the_same_seed_gives_the_same_model(world: World) -> None:
    first, second = (
        world.learn(world.material("mixed", "binary", "fit", seed=3), f"seed-{i}").artifact.tail.state_dict()
        for i in range(2)
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


@pytest.fixture(scope="module")
def table_model(world: World) -> Model:
    material = world.material("table", "binary", "fit")
    return world.save_and_load(world.learn(material, "faults"), material, "faults")


def test_a_category_never_seen_is_no_surprise(table_model: Model) -> None:
    rows = make_rows(50, seed=5)
    for row in rows:
        row["columns"]["site"] = "moon"
    scores = table_model.score_examples(make_examples("table", rows))
    assert np.isfinite(scores).all()
    columns = table_model.spec.table.columns  # type: ignore[union-attr]
    assert columns.unseen(columns.encode(make_examples("table", rows))) == {"site": 50}


def test_missing_values_are_ordinary(table_model: Model) -> None:
    rows = make_rows(20, seed=6)
    for row in rows:
        row["columns"] = dict.fromkeys(row["columns"])
    assert np.isfinite(table_model.score_examples(make_examples("table", rows))).all()


def test_an_absent_column_is_named_with_the_one_that_it_may_be(table_model: Model) -> None:
    rows = make_rows(2, seed=6)
    rows[1]["columns"]["heat_c"] = rows[1]["columns"].pop("heat")
    with pytest.raises(BadInput, match=r"'heat'.*examples\[1\].*'heat_c' may be 'heat'"):
        table_model.prepare(make_examples("table", rows))


@pytest.mark.parametrize("value", ["hot", float("inf")])
def test_what_is_no_number_is_refused_where_numbers_were(table_model: Model, value: str | float) -> None:
    rows = make_rows(1, seed=6)
    rows[0]["columns"]["heat"] = value
    with pytest.raises(BadInput, match=r"is no number.*examples\[0\], column 'heat'"):
        table_model.prepare(make_examples("table", rows))


def test_a_class_absent_from_training_is_survived(world: World) -> None:
    def edit(row: LabeledExample) -> LabeledExample | None:
        return None if row.split == "train" and row.target == "high" else row

    material = world.material("table", "multiclass", "fit", edit=edit)
    assert "high" not in targets_of(material.training)
    learned = world.learn(material, "absent")
    scores = world.pool.load(learned.artifact).score_examples([row.example for row in material.validation])
    assert np.isfinite(scores).all()
    assert scores[:, 2].mean() < 0.2


def test_folders_are_small(world: World, tmp_path: Path) -> None:
    material = world.material("mixed", "multiclass", "lora")
    world.save_and_load(world.learn(material, "size"), material, "size")
    size = sum(file.stat().st_size for file in (world.folder / "models" / "size").iterdir())
    assert size < 400_000
