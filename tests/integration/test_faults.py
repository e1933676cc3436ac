"""Injected faults, seen from outside: what the command and the platform do when something goes wrong in a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from worlds.plugin import installed_world, read_csv, verticore, write_csv, write_table, write_words
from worlds.work import World

from platform_core.finetune.loop import checkpoint
from platform_core.finetune.loop.keeper import Keeper
from platform_core.finetune.methods import Bench, frozen_features
from platform_core.finetune.networks import EncoderNetwork, Network
from platform_core.finetune.service import RunService
from platform_core.modeling.feature_shards import SUFFIX
from platform_core.platform import Platform
from platform_core.sdk import Silent, StorageFull

QUICK = ("--set", "epochs=4", "--set", "dropout=0")


class Notes(Silent):
    """Progress that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.stages: list[str] = []

    def stage(self, name: str, total: int | None = None) -> None:
        self.stages.append(name)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("place")
    with installed_world(folder):
        write_words(folder / "words.csv")
        write_table(folder / "rows.csv")
        yield folder


@pytest.fixture(scope="module")
def undisturbed(place: Path) -> Path:
    """A workspace in which nothing went wrong."""
    assert train(place, place / "undisturbed").result["version"] == 1
    return place / "undisturbed"


def train(place: Path, home: Path, data: str = "words", method: str = "full") -> Any:
    file = place / f"{data}.csv"
    return verticore("train", f"world.{data}", "--data", file, "--method", method, *QUICK, "--home", home)


def the_run(home: Path) -> Any:
    with Platform.open(home) as platform:
        (run,) = platform.runs.list()
        return run


def weights(home: Path) -> dict[str, torch.Tensor]:
    with Platform.open(home) as platform:
        (model,) = platform.registry.list()
        folder = platform.registry.folder(platform.registry.resolve(model.name))
    return {f"{f.stem}/{name}": value for f in folder.glob("*.safetensors") for name, value in load_file(f).items()}


def spoil_losses(patch: pytest.MonkeyPatch, is_spoilt: Callable[[int], bool]) -> None:
    """Make the loss of some passes, numbered from 1, no number."""
    loss, calls = Network.loss, iter(range(1, 10_000))

    def spoilt(self: Network, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        found = loss(self, outputs, targets)
        return found * float("nan") if is_spoilt(next(calls)) else found

    patch.setattr(Network, "loss", spoilt)


def test_a_loss_that_is_no_number_goes_back_with_half_the_rate_and_is_told(place, tmp_path, monkeypatch):
    spoil_losses(monkeypatch, lambda call: call == 17)
    said = train(place, tmp_path)
    assert said.result["epochs"] == 4
    assert "the loss became nan at epoch " in said.err
    assert "with 0.5 of the recipe's rates (1 of 3 times)" in said.err
    assert all(torch.isfinite(value).all() for value in weights(tmp_path).values())


def test_a_loss_that_is_never_a_number_ends_after_three_returns(place, tmp_path, monkeypatch):
    spoil_losses(monkeypatch, lambda call: call >= 9)
    said = train(place, tmp_path)
    assert (said.code, said.error["code"]) == (1, "training.failed")
    assert said.error["message"] == "the loss became nan, also after 3 returns to a checkpoint with lower rates"
    assert said.error["where"].startswith("epoch ")
    assert "--set learning_rate=" in said.error["hint"]
    assert said.err.count("back to epoch") == 3
    run = the_run(tmp_path)
    assert (run.status, run.error[:16]) == ("failed", "training.failed:")


def test_memory_that_runs_out_halves_the_passes_and_changes_nothing(place, undisturbed, tmp_path, monkeypatch):
    forward, calls = EncoderNetwork.forward, iter(range(1, 10_000))

    def tight(self: EncoderNetwork, batch: dict[str, torch.Tensor]) -> torch.Tensor:
        if self.training and next(calls) > 6 and len(batch["input_ids"]) > 8:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return forward(self, batch)

    monkeypatch.setattr(EncoderNetwork, "forward", tight)
    said = train(place, tmp_path)
    assert said.result["epochs"] == 4
    assert "out of memory with 32 examples at once: going on with half of that at most" in said.err
    expected = weights(undisturbed)
    for name, value in weights(tmp_path).items():
        torch.testing.assert_close(value, expected[name], rtol=1e-2, atol=1e-3)


def test_memory_that_does_not_hold_one_example_is_the_end(place, tmp_path, monkeypatch):
    def none_left(*_: Any) -> torch.Tensor:
        raise MemoryError

    monkeypatch.setattr(EncoderNetwork, "forward", none_left)
    error = train(place, tmp_path).error
    assert (error["code"], error["message"]) == ("training.failed", "memory does not hold one example")
    assert error["where"] == "epoch 1, batch 1"
    assert "--set max_tokens=" in error["hint"]


def test_a_full_disk_keeps_the_checkpoint_and_the_run_goes_on_from_it(place, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(Keeper, "is_due", lambda *_: True)
    writes = iter(range(1, 10_000))

    def save_if_there_is_room(*arguments: Any) -> None:
        if next(writes) > 14:  # in the words of a disk that was full
            raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")
        save_file(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save_file", save_if_there_is_room)
        said = train(place, tmp_path)
    run = the_run(tmp_path)
    folder = tmp_path / "runs" / run.id / "checkpoint"
    assert (said.code, said.error["code"]) == (2, "storage.full")
    assert "the checkpoint could not be written: " in said.error["message"]
    assert "No space left on device" in said.error["message"]
    assert said.error["where"] == str(folder)
    assert said.error["hint"].startswith("free some room there")
    assert said.error["hint"].endswith(f"go on with: verticore runs resume {run.id}")
    assert run.status == "failed"
    assert [file.name for file in folder.glob("*.part")] == []

    notes = Notes()
    with Platform.open(tmp_path) as platform:
        platform.resume(run.id, progress=notes)
    epochs = [stage for stage in notes.stages if stage.startswith("epoch")]
    assert epochs == ["epoch 2/4", "epoch 3/4", "epoch 4/4"]
    expected = weights(undisturbed)
    assert all(torch.equal(value, expected[name]) for name, value in weights(tmp_path).items())


def test_a_disk_so_full_that_the_end_cannot_be_noted_hides_nothing(place, tmp_path, monkeypatch):
    def full(*_: Any, **__: Any) -> None:
        raise StorageFull("the disk is full", where="the database")

    monkeypatch.setattr(RunService, "finish", full)
    spoil_losses(monkeypatch, lambda _: True)
    assert train(place, tmp_path).error["code"] == "training.failed"


@dataclass(frozen=True)
class Cached:
    """A cache of one file: where that lies in it, its bytes, and the features that it holds."""

    world: World
    file: Path
    content: bytes
    features: np.ndarray

    def read(self, cache: Path, progress: Notes) -> np.ndarray:
        material = self.world.material("text", "multiclass", "head", rows=100)
        bench = Bench(self.world.pool, cache, "fp32", progress)
        return frozen_features(material, bench)["text"].numpy()


@pytest.fixture(scope="module")
def cached(place: Path) -> Cached:
    cache = place / "cached"
    empty = Cached(World(place, str(place / "encoder")), cache, b"", np.empty(0))
    features = empty.read(cache, Notes())
    (file,) = (file for file in cache.rglob("*") if file.is_file())
    return replace(empty, file=file.relative_to(cache), content=file.read_bytes(), features=features)


def flip(number: int) -> Callable[[bytes], bytes]:
    """Return what flips a bit of the byte at ``number`` thousandths of a file."""

    def flipped(content: bytes) -> bytes:
        place = len(content) * number // 1000
        return content[:place] + bytes([content[place] ^ 0x40]) + content[place + 1 :]

    return flipped


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "head": flip(0),
    "index": flip(15),
    "rows": flip(70),
    "keys": flip(200),
    "checks": flip(290),
    "vectors": flip(700),
    "last byte": flip(999),
    "truncated": lambda content: content[: len(content) // 2],
    "empty": lambda _: b"",
    "zeros": lambda content: bytes(len(content)),
    "longer": lambda content: content + b"x",
}
UNSEEN = {"index", "keys"}
"""An entry that cannot be found is like one that was never there; who asks for a vector brings its key."""


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_features_are_computed_again_and_never_wrong(cached, tmp_path, damage):
    file = tmp_path / cached.file
    file.parent.mkdir()
    broken = DAMAGES[damage](cached.content)
    assert broken != cached.content
    file.write_bytes(broken)
    notes = Notes()
    # What is computed again may differ by rounding: its batch is another.
    np.testing.assert_allclose(cached.read(tmp_path, notes), cached.features, rtol=1e-5, atol=1e-6)
    if damage not in UNSEEN:
        assert [f"the cached features in {file} are damaged: they are dropped, and computed again"] == notes.warnings
    again = Notes()
    np.testing.assert_allclose(cached.read(tmp_path, again), cached.features, rtol=1e-5, atol=1e-6)
    assert (again.stages, again.warnings) == ([], [])


def test_a_run_on_damaged_features_tells_and_learns_the_same(place, tmp_path):
    first = train(place, tmp_path, method="head").result
    (file,) = tmp_path.glob(f"cache/features/**/*{SUFFIX}")
    file.write_bytes(flip(600)(file.read_bytes()))
    said = train(place, tmp_path, method="head")
    assert f"the cached features in {file} are damaged" in said.err
    assert said.result["metrics"] == first["metrics"]


@pytest.fixture(scope="module")
def rows_home(place: Path) -> Path:
    home = place / "rows-home"
    assert train(place, home, "rows", "fit").result["version"] == 1
    return home


def predict(home: Path, file: Path) -> Any:
    return verticore("predict", "world.rows", "--input", file, "--home", home)


def changed_rows(place: Path, file: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> Path:
    return write_csv(file, [change(row) for row in read_csv(place / "rows.csv")[:20]])


def test_a_column_that_is_called_otherwise_is_named_with_its_like(place, rows_home, tmp_path):
    file = changed_rows(place, tmp_path / "new.csv", lambda row: {"heat_c": row.pop("heat"), **row})
    said = predict(rows_home, file)
    assert said.code == 2
    assert "'heat'" in str(said.error)
    assert "'heat_c'" in str(said.error)


def test_a_column_that_is_absent_is_named(place, rows_home, tmp_path):
    def without(row: dict[str, str]) -> dict[str, str]:
        row.pop("grade")
        return row

    said = predict(rows_home, changed_rows(place, tmp_path / "new.csv", without))
    assert said.code == 2
    assert "'grade'" in str(said.error)


def test_a_category_never_seen_is_answered_and_told(place, rows_home, tmp_path):
    said = predict(rows_home, changed_rows(place, tmp_path / "new.csv", lambda row: row | {"site": "moon"}))
    assert len(said.result["predictions"]) == 20
    assert "column 'site': 20 of 20 rows hold a category that training hardly or never saw" in said.err


def test_a_class_that_training_never_saw_is_survived_and_told(place, tmp_path):
    rows = read_csv(place / "words.csv")
    files = {
        "train": [row for row in rows[:120] if row["label"] != "high"],
        "validation": rows[120:160],
        "test": rows[160:],
    }
    paths = {name: write_csv(tmp_path / f"{name}.csv", part) for name, part in files.items()}
    said = verticore(
        "train", "world.words", "--data", paths["train"], "--validation", paths["validation"], "--test", paths["test"],
        "--method", "head", *QUICK, "--home", tmp_path / "home",
    )  # fmt: skip
    assert said.result["warnings"] == ["the train split has no row labelled 'high': it cannot be learned"]
    assert "'high': it cannot be learned" in said.err
