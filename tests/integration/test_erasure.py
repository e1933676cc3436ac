"""A person is erased through the command line: from datasets, caches, checkpoints and searches; models are named."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars
import pytest
from worlds import make_rows, make_targets
from worlds.plugin import installed_world, verticore, write_csv

from platform_core.modeling.feature_cache import feature_key
from platform_core.platform import Platform

LETTERS = """
from typing import Annotated

from platform_core.sdk import Example, Identity, NonBlank, Text


class Letter(Example):
    text: Annotated[NonBlank, Text()]
    patient: Annotated[str | None, Identity()] = None


words = replace(words, example=Letter)
"""
QUICK = ("--method", "head", "--set", "epochs=2")
PERSON = "Jane-4711"
ROWS = 8


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("place")
    with installed_world(folder, more=LETTERS):
        write(folder / "letters.csv", seed=0, patients=[PERSON] * ROWS)
        write(folder / "others.csv", seed=1)
        yield folder


def write(file: Path, *, seed: int, patients: list[str] | None = None) -> None:
    rows = make_rows(120, seed)
    whose = (patients or []) + [f"P{seed}-{i // 3}" for i in range(len(rows))]
    labels = make_targets("multiclass", rows)
    write_csv(
        file,
        [
            {"text": f"{row['text']} {seed} {i}", "patient": patient, "label": label}
            for i, (row, patient, label) in enumerate(zip(rows, whose, labels, strict=False))
        ],
    )


@pytest.fixture
def home(workspace: Path, tmp_path: Path) -> Path:
    return shutil.copytree(workspace, tmp_path / "workspace")


@pytest.fixture(scope="module")
def workspace(place: Path) -> Path:
    """A workspace with a model of the person's rows, one that started from it, one of others, and an open run."""
    home = place / "workspace"
    train(home, place / "letters.csv", "letters", "--promote", "champion")
    train(home, place / "others.csv", "child", "--from", "letters:1")
    train(home, place / "others.csv", "stranger")
    with Platform.open(home) as platform:
        first = next(run for run in platform.runs.list() if run.model == "letters")
        open_run = platform.runs.create(platform.runs.spec(first.id))
        checkpoint = platform.runs.folder(open_run) / "checkpoint"
        checkpoint.mkdir(parents=True)
        (checkpoint / "state.safetensors").write_bytes(b"weights")
    return home


def train(home: Path, data: Path | str, name: str, *more: str) -> dict[str, Any]:
    return verticore("train", "world.words", "--data", data, "--name", name, *QUICK, *more, "--home", home).result


def erase(home: Path, *words: str, subject: str = PERSON) -> Any:
    return verticore("data", "erase", "--subject", subject, *words, "--home", home)


def texts_of(file: Path) -> list[str]:
    return polars.read_csv(file).filter(polars.col("patient") == PERSON)["text"].to_list()


def traces(place: Path, home: Path) -> set[str]:
    """Return where something of the person is in the workspace: rows, vectors."""
    texts = texts_of(place / "letters.csv")
    found = set()
    for file in home.rglob("*"):
        if not file.is_file():
            continue
        content = file.read_bytes()
        if file.suffix == ".parquet":
            if set(polars.read_parquet(file)["text"]) & set(texts):
                found.add("rows")
        elif any(feature_key(text) in content for text in texts):
            found.add("vectors")
        elif any(part.encode() in content for part in (PERSON, *texts)):
            found.add(file.name)
    return found


def test_a_person_leaves_no_trace_and_the_models_are_named(place, home):
    assert traces(place, home) == {"rows", "vectors"}
    before = verticore("data", "show", "world.words:1", "--home", home).result

    foretold = erase(home, "--dry-run").result
    refused = erase(home)
    assert (refused.code, refused.error["code"]) == (2, "usage.invalid")
    assert "--yes" in refused.error["hint"]
    assert traces(place, home) == {"rows", "vectors"}
    assert verticore("data", "show", "world.words:1", "--home", home).result == before

    done = erase(home, "--yes").result
    assert traces(place, home) == set()
    assert done["datasets"] == [{"dataset": "world.words:1", "rows": ROWS, "left": 120 - ROWS}]
    assert [model["model"] for model in done["models"]] == ["child:1", "letters:1"]
    assert done["models"][1]["aliases"] == ["champion"]
    assert (done["found"], done["vectors"], len(done["runs"])) == (True, ROWS, 1)
    changing = {"dry_run", "vectors"}
    assert {k: v for k, v in foretold.items() if k not in changing} == {
        k: v for k, v in done.items() if k not in changing
    }

    after = verticore("data", "show", "world.words:1", "--home", home)
    assert (after.result["id"], after.result["rows"]) == (before["id"], 120 - ROWS)
    assert f"{ROWS} rows of a person were erased on " in after.err

    told = verticore("models", "show", "letters:1", "--home", home)
    assert told.result["erased"] == {"world.words:1": ROWS}
    assert f"rows that this model was trained on were erased since: {ROWS} of world.words:1" in told.err
    assert verticore("models", "show", "child", "--home", home).result["erased"] == {"world.words:1": ROWS}
    assert verticore("models", "show", "stranger", "--home", home).result["erased"] == {}

    train(home, "world.words:1", "letters")
    assert verticore("models", "show", "letters:2", "--home", home).result["erased"] == {}
    assert verticore("models", "promote", "letters", "champion", "--home", home).code == 0
    assert verticore("models", "delete", "letters:1", "--home", home).code == 0
    again = erase(home, "--yes").result
    assert (again["found"], again["models"]) == (False, [])
    assert again["erased_before"] is not None


def test_the_parent_that_was_deleted_still_tells_what_its_child_learned(place, home):
    train(home, place / "letters.csv", "letters", "--promote", "champion")
    assert verticore("models", "delete", "letters:1", "--home", home).code == 0
    models = erase(home, "--yes").result["models"]
    assert [model["model"] for model in models] == ["child:1", "letters:2"]


def test_the_open_run_goes_on_without_the_person(place, home):
    run = erase(home, "--yes").result["runs"][0]
    resumed = verticore("runs", "resume", run, "--home", home).result
    assert verticore("models", "show", f"letters:{resumed['version']}", "--home", home).result["erased"] == {}
    assert traces(place, home) == set()


def test_nothing_is_removed_while_a_run_works_on_the_rows(place, home):
    with Platform.open(home) as platform:
        (run,) = erase(home, "--dry-run").result["runs"]
        with platform.runs.claim(run):
            refused = erase(home, "--yes")
    assert refused.error["code"] == "state.conflict"
    assert run in refused.error["message"]
    assert traces(place, home) == {"rows", "vectors"}
    assert erase(home, "--yes").result["found"]
    assert traces(place, home) == set()


def test_a_run_without_checkpoints_is_waited_for_as_well(place, home):
    with Platform.open(home) as platform:
        spec = platform.runs.spec(next(run.id for run in platform.runs.list() if run.model == "letters"))
        run = platform.runs.create(spec)
        with platform.runs.claim(run):
            platform.runs.start(run)
            refused = erase(home, "--yes")
            assert (refused.error["code"], run in refused.error["message"]) == ("state.conflict", True)
            platform.runs.finish(run, "failed")
    assert erase(home, "--yes").result["found"]
    assert traces(place, home) == set()


def test_a_run_that_begins_meanwhile_is_noticed_and_its_features_go(place, home, monkeypatch):
    from platform_core.finetune import erasing

    with Platform.open(home) as platform:
        spec = platform.runs.spec(next(run.id for run in platform.runs.list() if run.model == "letters"))
        run = platform.runs.create(spec)

        def forget_and_begin(cache, keys):
            count = forget(cache, keys)
            platform.runs.start(run)
            return count

        forget = erasing.forget
        monkeypatch.setattr(erasing, "forget", forget_and_begin)
        refused = erase(home, "--yes")
        assert (refused.error["code"], run in refused.error["message"]) == ("state.conflict", True)
        platform.runs.finish(run, "failed")
    monkeypatch.undo()
    again = erase(home, "--yes").result
    assert again["datasets"] == [{"dataset": "world.words:1", "rows": ROWS, "left": 120 - ROWS}]
    assert traces(place, home) == set()


def test_a_model_outlives_the_last_row_that_it_learned_from(place, tmp_path):
    home = tmp_path / "workspace"
    own = tmp_path / "own.csv"
    write(own, seed=2)
    polars.read_csv(own).with_columns(patient=polars.lit(PERSON)).write_csv(own)
    train(home, own, "letters")
    assert erase(home, "--yes").result["datasets"] == [{"dataset": "world.words:1", "rows": 120, "left": 0}]
    measured = verticore("evaluate", "letters:1", "--data", place / "others.csv", "--home", home)
    assert measured.code == 0, measured.err


def test_the_searches_on_the_rows_go_and_others_stay(place, tmp_path):
    home = tmp_path / "workspace"
    for data in ("letters", "others"):
        tuned = verticore(
            "tune", "world.words", "--data", place / f"{data}.csv", "--trials", "1", *QUICK, "--home", home
        )
        assert tuned.code == 0, tuned.err
    studies = home / "studies" / "local"
    assert len(list(studies.glob("*.jsonl"))) == 2
    done = erase(home, "--yes").result
    assert len(list(studies.glob("*.jsonl"))) == 1
    assert [re.sub(r".*\.", "", name) for name in done["searches"]] == ["jsonl", "png"]


@pytest.mark.parametrize("limits", [(), ("--solution", "world.words")])
def test_who_is_nowhere_gets_a_tombstone_all_the_same(place, tmp_path, limits):
    home = tmp_path / "workspace"
    said = erase(home, "--yes", *limits)
    assert (said.code, said.result["found"], said.result["datasets"]) == (0, False, [])
    imported = verticore("data", "import", "world.words", place / "letters.csv", "--home", home)
    assert imported.result["rows"] == 120 - ROWS
    assert f"warning: {ROWS} rows of 1 person who was erased were left out" in imported.err
    assert traces(place, home) == set()


def test_a_solution_that_is_not_there_is_told(tmp_path):
    said = erase(tmp_path / "workspace", "--yes", "--solution", "world.wrods")
    assert said.code == 2
    assert "world.words" in said.err


def test_people_read_what_to_do_next(place, home, capsys):
    from platform_core.cli.entry import run

    words = ["data", "erase", "--subject", PERSON, "--yes", "--home", str(home)]
    assert run(words) == 0
    said = capsys.readouterr().out
    assert f"{ROWS} rows were removed" in said
    assert "verticore train world.words --data world.words:1 --name letters" in said
    assert "verticore models promote letters champion" in said
    assert "verticore models delete letters:1" in said
    assert run(words) == 0
    said = capsys.readouterr().out
    assert "There is nothing of this person" in said
    assert "rows of theirs are left out of later imports" in said


def test_an_error_leaves_no_name_in_the_log(home):
    with Platform.open(home) as platform:
        (run,) = erase(home, "--dry-run").result["runs"]
        with platform.runs.claim(run):
            assert erase(home, "--yes").code == 2
    log = (home / "logs" / "verticore.log").read_text()
    assert "data erase --subject" in log
    assert PERSON not in log
