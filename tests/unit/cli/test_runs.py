"""The curves of a run, as people and programs read them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.cli.curves import bars, chart
from platform_core.cli.entry import run
from platform_core.db.engine import Database
from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.service import RunService
from platform_core.finetune.tracking.tracking import Trackers
from platform_core.sdk import Recipe

SPEC = RunSpec(solution="acme.words", model="words", dataset_id="dsv_1", method="head", recipe=Recipe(), seed=0)


@pytest.fixture
def followed(home: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run with 100 steps and one epoch."""
    monkeypatch.setenv("VERTICORE_HOME", str(home))
    run_id = RunService(database, home / "runs", "local").create(SPEC)
    with Trackers(database, "local", home).follow(run_id, SPEC, print, tags={}) as tracking:
        for step in range(1, 101):
            tracking.step(step, {"loss": 1 / step, "rate": 1e-5 * step})
        tracking.epoch({"epoch": 1.0, "score": 0.75}, step=100)
    return run_id


def test_the_metrics_of_a_run_are_shown_as_curves(followed, capsys):
    assert run(["runs", "metrics", followed]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    loss = next(line for line in lines if line.startswith("loss"))
    assert "█▃▂▂▂" in loss
    assert loss.split()[-2:] == ["0.01", "100"]
    assert any(line.startswith("epoch_score") and "0.75" in line for line in lines)


def test_one_metric_is_drawn_larger(followed, capsys):
    assert run(["runs", "metrics", followed, "--name", "loss"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("loss: last 0.01 at step 100")
    assert len(out.splitlines()) == 15
    assert "rate" not in out


def test_programs_get_every_point(followed, capsys):
    assert run(["runs", "metrics", followed, "--name", "epoch_score", "--json"]) == 0
    (stream,) = json.loads(capsys.readouterr().out)["metrics"]
    assert (stream["name"], stream["steps"], stream["values"], stream["epochs"]) == ("epoch_score", [100], [0.75], [1])
    assert run(["runs", "metrics", followed, "--json"]) == 0
    streams = json.loads(capsys.readouterr().out)["metrics"]
    assert [stream["name"] for stream in streams] == ["epoch_score", "loss", "rate"]


def test_the_curves_are_drawn_into_a_picture(followed, tmp_path, capsys):
    picture = tmp_path / "curves.png"
    assert run(["runs", "metrics", followed, "--output", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert f"drawn: {picture}" in capsys.readouterr().out


def test_showing_a_run_shows_its_curves(followed, capsys):
    assert run(["runs", "show", followed]) == 0
    out = capsys.readouterr().out
    assert "█▃▂▂▂" in out
    assert "epoch_score" not in out, "epochs stand in a table of their own"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--name", "los"], ["'los'", "did you mean 'loss'?"]),
        (["--output", "curves.pdf"], ["curves.pdf", "PNG", "--output"]),
        (["--output", "absent/curves.png"], ["the folder does not exist"]),
    ],
)
def test_what_is_wrong_is_said(followed, words, parts, capsys):
    assert run(["runs", "metrics", followed, *words]) == 2
    error = capsys.readouterr().err
    assert all(part in error for part in parts), error


def test_a_run_without_metrics_and_a_run_that_is_not(followed, database, home, capsys):
    empty = RunService(database, home / "runs", "local").create(SPEC)
    assert run(["runs", "metrics", empty]) == 0
    assert "Nothing is recorded yet." in capsys.readouterr().out
    assert run(["runs", "metrics", empty, "--name", "loss"]) == 2
    assert run(["runs", "metrics", "run_absent"]) == 2
    assert "there is no run 'run_absent'" in capsys.readouterr().err


def test_bars_rise_with_the_values():
    assert bars([0, 1, 2, 3, 4, 5, 6, 7], 8) == ["▁▂▃▄▅▆▇█"]
    assert bars([1, 1], 8) == ["▄▄"]
    assert bars([], 8) == [""]
    assert bars([0, 1], 8, 2) == [" █", "▁█"]
    assert bars([0, 2, 4, 6], 2) == ["▁█"]


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=200), st.integers(1, 80), st.integers(2, 15))
def test_a_chart_is_as_large_as_asked(values, width, height):
    lines = bars(values, width, height)
    assert len(lines) == height
    assert {len(line) for line in lines} == {min(width, len(values))}
    assert len(chart(range(len(values)), values, width, height)) == height + 2


def test_what_a_run_was_started_with_cannot_be_changed_when_it_goes_on(home, capsys):
    words = ["train", "--resume", "run_1", "--home", str(home)]
    assert run([*words, "--promote", "champion", "--set", "epochs=3"]) == 2
    assert "leave out: --set, --promote" in capsys.readouterr().err
    assert run([*words, "--allow-download", "--json"]) == 2
    assert "there is no run 'run_1'" in capsys.readouterr().err
