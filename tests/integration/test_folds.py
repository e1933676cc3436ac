"""A model that is learned in folds, from the command to its card, its answers and its export."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds.plugin import installed_world, read_csv, verticore, write_table

from platform_core.platform import Platform

FOLDS = ("--method", "fit", "--set", "folds=3", "--set", 'members=["lightgbm","network"]', "--set", "epochs=3")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("place")
    with installed_world(folder):
        write_table(folder / "table.csv", 300)
        yield folder


@pytest.fixture(scope="module")
def home(place: Path) -> Path:
    """A workspace with one version that was learned in folds."""
    home = place / "home"
    wishes = ("--goal", "recall=0.9", "--abstain-risk", "0.05", "--promote", "champion")
    said = verticore("train", "world.rows", "--data", place / "table.csv", "--home", home, *FOLDS, *wishes)
    assert said.code == 0, said.err
    return home


def test_the_card_tells_of_the_folds(home: Path) -> None:
    with Platform.open(home) as platform:
        folder = platform.registry.folder(platform.registry.resolve("world.rows"))
        card = json.loads((folder / "card.json").read_text("utf-8"))
        text = (folder / "card.md").read_text("utf-8")
    assert card["recipe"]["folds"] == 3
    assert set(card["blend"]) == {"lightgbm", "network"}
    assert card["training"]["epochs"] == 9
    assert 0.5 < card["training"]["score"] <= 1
    assert card["validation_points"][0]["recall"] >= 0.9
    assert "weighted on out-of-fold scores; 3 of each" in text


def test_without_a_test_split_it_is_measured_out_of_fold(place: Path, home: Path) -> None:
    words = ("--data", place / "table.csv", "--name", "untested", "--split", "80/20/0", "--home", home)
    said = verticore("train", "world.rows", *words, *FOLDS, "--set", 'members=["lightgbm"]')
    assert said.code == 0, said.err
    assert json.loads(said.out.splitlines()[-1])["evaluated_on"] == "out_of_fold"
    with Platform.open(home) as platform:
        version = platform.registry.resolve("untested")
        card = json.loads((platform.registry.folder(version) / "card.json").read_text("utf-8"))
    assert version.lineage["evaluated_on"] == card["evaluated_on"] == "out_of_fold"
    assert card["n"] == 300


def test_it_answers_and_explains(place: Path, home: Path) -> None:
    out = place / "scored.csv"
    verticore("predict", "world.rows", "--input", place / "table.csv", "--output", out, "--home", home)
    rows = read_csv(out)
    assert len(rows) == 300
    right = [row["prediction"] == row["label"] for row in rows]
    assert sum(right) > 240
    said = verticore("predict", "world.rows", "--input", place / "table.csv", "--explain", "--home", home)
    assert said.code == 0
    assert '"explanation"' in said.out


def test_it_is_served_and_exported_with_the_same_answers(place: Path, home: Path) -> None:
    pytest.importorskip("onnxruntime")
    requests = [
        {"columns": {k: v or None for k, v in row.items() if k != "label"}} for row in read_csv(place / "table.csv")[:8]
    ]
    with Platform.open(home) as platform:
        offline = platform.predict("world.rows@champion", requests)
        served = asyncio.run(platform.engine.predict("world.rows@champion", requests))["predictions"]
        made = platform.export("world.rows@champion")
        exported = platform.predict(f"{made.model}:{made.version}", requests)
    for one, other, graph in zip(offline, served, exported, strict=True):
        assert other["scores"] == pytest.approx(one["scores"], abs=1e-6)
        assert graph["scores"] == pytest.approx(one["scores"], abs=1e-5)


def test_it_is_cross_validated_and_tuned(place: Path) -> None:
    home, data = place / "searches", place / "table.csv"
    found = verticore("train", "world.rows", "--data", data, "--home", home, *FOLDS, "--cv", 2).result
    assert len(found["selection"]["cross_validation"]["values"]) == 2
    tuned = verticore(
        "tune", "world.rows", "--data", data, "--home", home, "--method", "fit", "--trials", 2,
        "--set", "folds=2", "--set", 'members=["lightgbm"]',
    )  # fmt: skip
    assert tuned.code == 0, tuned.err
