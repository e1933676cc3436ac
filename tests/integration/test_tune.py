"""Searches, the choice of a method and cross-validation, from the command or from Python to a registered model."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest
from worlds import make_rows, make_targets, write_encoder

from platform_core.cli.entry import run
from platform_core.finetune.tracking.metrics import MetricStreams
from platform_core.platform import Platform
from platform_core.sdk import BadInput, Interrupted, UsageError
from platform_core.testkit import FakePlugin, fake_site

CLI = [sys.executable, "-m", "platform_core.cli"]
TESTS = Path(__file__).parent.parent
SENTENCES = """
import os
from dataclasses import replace

from worlds import make_solution

made = make_solution("text", "multiclass", encoder=os.environ["TINY_ENCODER"], epochs=4, precision="fp32")
recipes = {name: recipe for name, recipe in made.recipes.items() if name != "fit"}
solution = replace(made, id="world.words", recipes=recipes)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with two plugins that are installed, ``world.words`` and ``claims.rows``, and their data."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patch, fake_site(folder / "site") as site:
        patch.setenv("TINY_ENCODER", write_encoder(folder / "encoder"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(TESTS)]))
        FakePlugin(name="world", files={"words.py": SENTENCES}).install(site)
        FakePlugin(name="claims", kind="table", answer="binary").install(site)
        rows = make_rows(240)
        pairs = zip(rows, make_targets("multiclass", rows), strict=True)
        lines = [f'"{row["text"]} {number}",{label}' for number, (row, label) in enumerate(pairs)]
        (folder / "words.csv").write_text("\n".join(["text,label", *lines]) + "\n", "utf-8")
        with Platform.open(folder / "unused") as platform:
            platform.plugins.solution("claims.rows").sample.write(folder)
        yield folder


@dataclass
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        assert self.code == 0, self.err
        return json.loads(self.out.splitlines()[-1])


def command(*words: str) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(words))
    return Said(code, out.getvalue(), err.getvalue())


def test_a_search_ends_in_an_ordinary_run(place, tmp_path):
    with Platform.open(tmp_path / "home") as platform:
        found = platform.tune("claims.rows", place / "sample.csv", method="head", trials=4, settings={"epochs": 6})
        version = platform.registry.resolve("claims.rows:1")
        (record,) = platform.runs.list()
        searched = version.lineage["selection"]["search"]
        assert searched == found.search.summary.model_dump(mode="json")
        assert (searched["trials"], record.status, found.train.run) == (4, "finished", record.id)
        assert found.train.selection is not None
        assert found.train.selection.search == found.search.summary
        assert version.lineage["recipe"] == found.search.recipe.model_dump(mode="json")
        assert version.lineage["recipe"]["epochs"] == 6
        assert "epochs" not in searched["parameters"]
        assert found.search.file.parent == tmp_path / "home" / "studies" / "local"
        history = [entry["score"] for entry in record.history]
        assert searched["value"] in history
        card = (platform.registry.folder(version) / "card.md").read_text("utf-8")
        assert "Of 4 trials this recipe was the best" in card
        again = platform.tune("claims.rows", place / "sample.csv", method="head", trials=4, settings={"epochs": 6})
        assert again.search.trials == found.search.trials
        assert again.train.metrics == found.train.metrics


def test_the_command_shows_its_trials_and_goes_on(place, tmp_path):
    words = ("tune", "claims.rows", "--data", str(place / "sample.csv"), "--home", str(tmp_path), "--method", "head")
    words += ("--cv", "3", "--set", "epochs=3")
    first = command(*words, "--trials", "2", "--promote", "champion", "--json").json
    assert [trial["number"] for trial in first["results"]] == [1, 2]
    assert (first["trials"], first["folds"]) == (2, 3)
    assert (first["train"]["aliases"], first["train"]["version"]) == (["champion"], 1)
    assert Path(first["picture"]).read_bytes().startswith(b"\x89PNG")
    second = command(*words, "--trials", "3", "--json").json
    assert second["results"][:2] == first["results"]
    assert (len(second["results"]), second["file"], second["train"]["version"]) == (3, first["file"], 2)
    shown = command(*words, "--trials", "3")
    assert "3 trials, 0 pruned, 0 failed" in shown.out
    assert "learning_rate" in shown.out
    assert "3 trials are there" in shown.err


@pytest.mark.slow
def test_sigterm_stops_a_search_and_the_same_command_ends_it(place, tmp_path):
    words = ("tune", "world.words", "--data", str(place / "words.csv"), "--method", "lora", "--trials", "3", "--json")
    straight = command(*words, "--home", str(tmp_path / "straight")).json
    home = tmp_path / "stopped"
    process = subprocess.Popen(
        [*CLI, *words, "--home", str(home)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_for(process, lambda: any("intermediate" in f.read_text() for f in home.glob("studies/local/*.jsonl")))
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1, errors
    assert "same command" in errors
    with Platform.open(home) as platform:
        assert platform.runs.list() == []
    resumed = command(*words, "--home", str(home)).json
    keys = ("number", "state", "parameters")
    assert [[t[k] for k in keys] for t in resumed["results"]] == [[t[k] for k in keys] for t in straight["results"]]
    values = [[trial["value"] for trial in found["results"]] for found in (resumed, straight)]
    assert values[0] == pytest.approx(values[1], abs=0.02)  # the processes may use other numbers of threads


@pytest.mark.slow
def test_the_best_method_is_kept_and_not_trained_twice(place, tmp_path):
    with Platform.open(tmp_path / "home") as platform:
        result = platform.train("world.words", place / "words.csv", minutes=5.0, cv=3)
        version = platform.registry.resolve("world.words:1")
        selection = version.lineage["selection"]
        attempts = {attempt["method"]: attempt for attempt in selection["method"]["attempts"]}
        assert list(attempts) == ["head", "lora", "full"]
        assert {attempt["state"] for attempt in attempts.values()} == {"learned"}
        assert result.method == version.method
        best = max(attempt["value"] for attempt in attempts.values())
        assert attempts[result.method]["value"] >= best - 0.01
        crossed = selection["cross_validation"]
        assert (crossed["folds"], len(crossed["values"]), crossed["n"]) == (3, 3, 216)
        card = json.loads((platform.registry.folder(version) / "card.json").read_text("utf-8"))
        assert selection["method"]["chosen_because"] in card["selection"]["sentences"]
        (record,) = platform.runs.list()
        assert len(record.history) == result.epochs == 4
        streams = {stream.name: stream for stream in MetricStreams(platform.db, "local").of(record.id)}
        scores = streams["epoch_score"]
        assert scores.epochs == [1, 2, 3, 4]
        assert scores.values == [entry["score"] for entry in record.history]
        assert scores.steps == [number * scores.steps[0] for number in scores.epochs]
        assert record.selection == result.selection
        assert result.to_dict()["selection"] == selection
        assert result.first_epoch_seconds == 0.0  # nothing was left to train
        assert not list((tmp_path / "home" / "studies").rglob("*.safetensors"))
        plain = platform.train("world.words", place / "words.csv", method=result.method, name="plain")
        assert plain.metrics == result.metrics
        assert plain.selection is None
        told = {stream.name: stream for stream in MetricStreams(platform.db, "local").of(plain.run)}
        assert told["epoch_score"].steps == scores.steps


def test_the_command_chooses_validates_and_says_so(place, tmp_path):
    words = ("train", "claims.rows", "--data", str(place / "sample.csv"), "--home", str(tmp_path))
    done = command(*words, "--minutes", "2", "--cv", "3", "--set", "epochs=5", "--json").json
    assert {a["method"] for a in done["selection"]["method"]["attempts"]} == {"fit", "head"}
    assert done["selection"]["cross_validation"]["by"] == "stratified"
    assert not list((tmp_path / "studies").rglob("*.safetensors"))
    shown = command(*words, "--method", "head", "--cv", "3")
    assert "Cross-validation, the" in shown.out
    assert "over the folds:" in shown.out
    assert command(*words, "--method", "head", "--set", "epochs=1", "--json").json["selection"] is None


def test_wishes_that_make_no_sense_are_refused_before_anything_is_read(tmp_path):
    with Platform.open(tmp_path / "home") as platform:
        for wishes, words in (
            ({"method": "head", "minutes": 3.0}, "--minutes"),
            ({"minutes": 0.0}, "more than nothing"),
            ({"cv": 1}, "two folds"),
            ({"cv_by": "time"}, "--cv 5"),
        ):
            with pytest.raises(UsageError, match=words):
                platform.train("claims.rows", "no-such-file.csv", **wishes)


def test_what_the_data_does_not_allow_is_refused(place, tmp_path):
    with Platform.open(tmp_path / "home") as platform:
        for wishes in ({"cv_by": "group"}, {"cv_by": "time"}):
            with pytest.raises(BadInput, match=r"--(group|time)"):
                platform.train("claims.rows", place / "sample.csv", method="head", cv=3, **wishes)
        with pytest.raises(UsageError, match="no validation data"):
            platform.tune("claims.rows", place / "sample.csv", method="head", split="80/0/20", trials=2)
        with pytest.raises(UsageError, match="nothing to search"):
            platform.tune("claims.rows", place / "sample.csv", method="fit", trials=2)
        platform.train("claims.rows", place / "sample.csv", method="head", settings={"epochs": 1})
        with pytest.raises(UsageError, match="may have seen any row"):
            platform.train("claims.rows", place / "sample.csv", method="head", parent="claims.rows", cv=3)
        assert len(platform.runs.list()) == 1


def test_a_stop_before_the_run_leaves_no_run(place, tmp_path, monkeypatch):
    with Platform.open(tmp_path / "home") as platform:
        monkeypatch.setattr("platform_core.finetune.stopping.StopRequest.__call__", lambda self: True)
        with pytest.raises(Interrupted, match="same command"):
            platform.train("claims.rows", place / "sample.csv", method="head", cv=3)
        assert platform.runs.list() == []


def wait_for(process: subprocess.Popen, condition) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(process.communicate()[1] if process.poll() is not None else "it took too long")
