"""The card of a run: what the run knows, the card says; what is there is drawn; what it prints can be run again."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from worlds import make_solution, write_encoder
from worlds.work import World

from platform_core.evaluation.weighting import Weighting
from platform_core.finetune.assessment import assess, settle
from platform_core.finetune.card import write_card
from platform_core.finetune.search.schemas import Attempt, MethodChosen, Selection
from platform_core.modeling.artifact import save_spec
from platform_core.registry.card import ModelCard, command_of
from platform_core.sdk import Silent


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world")
    return World(folder, write_encoder(folder / "encoder"))


@pytest.fixture
def carded(world, tmp_path):
    """Return a function that learns, settles, evaluates and writes the card as a run does, and returns it."""

    def make(kind, answer, method, *, goal=None, risk=None, held_out=True, changes=None, offered=None, **extra):
        material = world.material(kind, answer, method, rows=200, **(changes or {}))
        spec = material.spec.model_copy(update={"goal": goal, "abstain_risk": risk})
        splits = material.splits if held_out else material.splits | {"validation": [], "test": []}
        recipes = {method: offered or spec.recipe}
        material = replace(material, spec=spec, splits=splits, solution=replace(material.solution, recipes=recipes))
        name = tmp_path.name
        learned = world.learn(material, name)
        model = world.save_and_load(learned, material, name)
        folder = world.folder / "models" / name
        metric = material.solution.primary_metric
        settled = settle(model, material.validation, goal=goal, abstain_risk=risk, metric=metric, progress=Silent())
        save_spec(settled.model.spec, folder)
        evaluation = assess(settled.model, material.solution, splits["test"], Silent()) if held_out else None
        device, versions = torch.device("cpu"), {"verticore": "9"}
        write_card(
            folder,
            material,
            learned,
            evaluation,
            precision="fp32",
            device=device,
            versions=versions,
            manifest=None,
            settled=settled,
            **extra,
        )
        made = ModelCard.model_validate_json((folder / "card.json").read_text("utf-8"))
        return made, (folder / "card.md").read_text("utf-8"), folder

    return make


def check_pictures(made: ModelCard, text: str, folder: Path):
    shown = re.findall(r"!\[([^\]]+)\]\((\w+\.png)\)", text)
    assert sorted(file for _, file in shown) == sorted(made.pictures.values())
    assert all((folder / file).is_file() and " " in caption for caption, file in shown)


def test_a_blend_on_a_table(carded):
    chosen = MethodChosen(
        metric="qwk",
        attempts=(
            Attempt(method="fit", state="learned", value=0.8, seconds=2),
            Attempt(method="head", state="stopped"),
        ),
        chosen_because="fit was the best.",
    )
    members = {"members": ("linear", "lightgbm")}
    made, text, folder = carded("table", "ordinal", "fit", changes=members, selection=Selection(method=chosen))
    check_pictures(made, text, folder)
    assert made.task == "ordinal"
    assert made.encoder is None
    assert made.training.epochs == 0
    assert set(made.blend) == {"linear", "lightgbm"}
    assert sum(made.blend.values()) == pytest.approx(1)
    assert [column.name for column in made.table.columns]
    assert "judged milder than they are" in text
    assert "fit was the best." in text
    assert "| `head` | – | – | stopped |" in text
    assert "Encoder" not in text


def test_numbers_have_their_unit(carded):
    made, text, folder = carded("table", "regression", "head", changes={"epochs": 2})
    check_pictures(made, text, folder)
    assert made.unit == "points"
    assert made.calibration is None
    assert made.curves["residuals"]
    assert re.search(r"off by [\d.]+ points on average", text)


def test_what_was_chosen_on_validation_is_told(carded):
    made, text, folder = carded(
        "mixed", "binary", "head", goal="recall=.8", risk=0.2, parent="m:3", changes={"epochs": 2}
    )
    check_pictures(made, text, folder)
    assert made.positive == "bad"
    assert made.goal == "recall=0.8"
    spec = json.loads((folder / "model.json").read_text("utf-8"))
    assert made.operating_points[0].threshold == spec["decision"]["thresholds"]["bad"]
    assert made.validation_points[0].recall >= 0.8
    assert made.validation_risk is not None
    assert made.validation_risk.abstain_below == made.risk_coverage.abstain_below
    assert made.calibration.method == spec["calibration"]["method"]
    assert command_of(made).startswith("verticore train world.mixed_binary --data d:1 --name m")
    assert " --from m:3 --method head --encoder " in command_of(made)
    assert " --goal recall=0.8 --abstain-risk 0.2 --seed 0" in command_of(made)
    assert f"{len(made.table.columns)} columns" in text


def test_nothing_held_out(carded):
    made, text, _ = carded("table", "multilabel", "head", held_out=False, changes={"epochs": 1})
    assert made.task == "multilabel"
    assert made.training.score is None
    assert "**Not measured.**" in text
    assert "![" not in text


def test_changed_values_have_dotted_names(carded, world):
    offered = make_solution("table", "regression", encoder=world.encoder).recipes["head"]
    changes = {"epochs": 1, "table": offered.table.model_copy(update={"width": 16})}
    made, text, _ = carded("table", "regression", "head", changes=changes, offered=offered)
    assert made.changed == {"epochs": 1, "table.width": 16}
    assert command_of(made).endswith(" --set epochs=1 --set table.width=16")
    assert "| `table.width` | 16 (changed) |" in text


def test_weights_of_rare_classes_go_from_the_metric_to_the_version_and_its_card(carded, monkeypatch):
    asked = []

    def choose(metric, answers, groups):
        asked.append((metric, len(answers), groups))
        shares = dict(zip(answers.labels, (0.9, 0.05, 0.05), strict=True))
        return Weighting(0.5, shares, metric, plain=0.5, weighted=0.625, surely=0.9)

    monkeypatch.setattr("platform_core.evaluation.choosing.choose_weighting", choose)
    made, text, folder = carded("table", "multiclass", "head", changes={"epochs": 1})
    ((metric, examples, groups),) = asked
    assert (metric, groups) == (made.primary_metric, None)
    assert examples == made.data.splits["validation"]
    assert json.loads((folder / "model.json").read_text("utf-8"))["decision"]["rarity"] == 0.5
    assert made.weighting.rarity == 0.5
    assert "Answers are weighted toward rare classes (a = 0.5)" in text
    assert "Macro-F1 is 0.625, and 0.500 with the most probable labels" in text


def test_without_weights_the_card_says_nothing_of_them(carded):
    made, text, _ = carded("table", "binary", "head", changes={"epochs": 1})
    assert made.weighting is None
    assert "weighted" not in text
