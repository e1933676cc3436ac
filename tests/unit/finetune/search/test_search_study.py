from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from platform_core.finetune.search.study import UNPRUNED, StudyFile
from platform_core.sdk import Choice, Conflict, FloatRange, IntegrityError, IntRange, StorageFull

SPACE = {
    "learning_rate": FloatRange(low=1e-4, high=1e-1, log=True),
    "table.layers": IntRange(low=1, high=4),
    "fusion": Choice(options=("concat", "attend")),
}
START = {"learning_rate": 0.01, "table.layers": 2, "fusion": "concat"}


def opened(path: Path, *, seed: int = 0, maximise: bool = True) -> StudyFile:
    return StudyFile(path, SPACE, start=START, maximise=maximise, seed=seed)


def search(path: Path, count: int, *, seed: int = 0) -> list[dict]:
    """Go on until there are ``count`` trials; return what they were."""
    with opened(path, seed=seed) as study:
        while len(study.trials()) < count:
            trial = study.ask()
            study.complete(trial, -abs(trial.params["learning_rate"] - 0.03) + 0.01 * trial.params["table.layers"])
        return [{"value": t.value, **t.parameters} for t in study.trials()]


def test_the_first_trial_is_the_recipe_and_others_lie_in_the_space(tmp_path):
    trials = search(tmp_path / "a.jsonl", 14)
    assert {name: trials[0][name] for name in START} == START
    assert len({trial["learning_rate"] for trial in trials}) > 10
    for trial in trials:
        assert 1e-4 <= trial["learning_rate"] <= 1e-1
        assert trial["table.layers"] in range(1, 5)
        assert trial["fusion"] in ("concat", "attend")


def test_a_search_that_is_cut_off_goes_on_as_if_it_had_not_been(tmp_path):
    straight = search(tmp_path / "straight.jsonl", 16)
    path = tmp_path / "stopped.jsonl"
    for count in (1, 5, 12):
        search(path, count)
        with opened(path) as study:
            study.ask()  # as if the process were killed now
        with opened(path) as study:
            study.forget(study.ask())  # as if it were stopped
            assert len(study.trials()) == count
    assert search(path, 16) == straight
    assert search(tmp_path / "other.jsonl", 16, seed=1) != straight


def test_what_a_killed_process_has_left_is_mended(tmp_path):
    path = tmp_path / "a.jsonl"
    expected = search(path, 3)
    with path.open("a") as stream:
        stream.write('{"op_code":6,"worker')
    Path(f"{path}.lock").touch()
    assert search(path, 3) == expected


def test_a_damaged_file_is_said_to_be(tmp_path):
    path = tmp_path / "a.jsonl"
    search(path, 3)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:4], "what is this\n", *lines[5:]]))
    with pytest.raises(IntegrityError, match="remove it"):
        search(path, 4)


def test_states_errors_and_the_best(tmp_path):
    with opened(tmp_path / "a.jsonl", maximise=False) as study:
        study.fail(study.ask(), "the loss became nan")
        for value in (0.4, 0.2, 0.2):
            study.complete(study.ask(), value)
        pruned = study.ask()
        study.report(pruned, 0.1, 1)
        study.prune(pruned)
        trials = study.trials()
        assert [t.number for t in trials] == [1, 2, 3, 4, 5]
        assert [t.state for t in trials] == ["failed", "complete", "complete", "complete", "pruned"]
        assert [t.value for t in trials] == [None, 0.4, 0.2, 0.2, 0.1]
        assert trials[0].error == "the loss became nan"
        assert study.best() == trials[2]
        assert study.importance() == {}


def test_what_matters_is_told(tmp_path):
    search(tmp_path / "a.jsonl", 20)
    with opened(tmp_path / "a.jsonl") as study:
        importance = study.importance()
    assert sum(importance.values()) == pytest.approx(1.0)
    assert importance["table.layers"] > importance["fusion"]


def test_a_trial_below_the_median_is_pruned_but_none_of_the_first(tmp_path):
    with opened(tmp_path / "a.jsonl") as study:
        for value in range(UNPRUNED):
            trial = study.ask()
            assert not any(study.report(trial, float(-value), step) for step in (1, 2, 3))
            study.complete(trial, float(-value))
        bad, good = study.ask(), study.ask()
        assert study.report(bad, -9.0, 1)
        assert [study.report(good, 0.0, step) for step in (1, 2)] == [False, False]


def test_reports_before_the_first_that_counts_prune_nothing(tmp_path):
    with StudyFile(tmp_path / "a.jsonl", SPACE, start=START, maximise=True, seed=0, judged_from=3) as study:
        for _ in range(UNPRUNED):
            trial = study.ask()
            assert not any(study.report(trial, 0.0, step) for step in (1, 2, 3))
            study.complete(trial, 0.0)
        bad = study.ask()
        assert [study.report(bad, -9.0, step) for step in (1, 2, 3)] == [False, False, True]


def test_trials_that_are_all_alike_tell_nothing(tmp_path):
    with opened(tmp_path / "a.jsonl") as study:
        for _ in range(12):
            study.complete(study.ask(), 1.0)
        assert study.importance() == {}


def test_no_trial_is_no_best_and_nothing_matters(tmp_path):
    with opened(tmp_path / "a.jsonl") as study:
        assert (study.best(), study.importance(), study.trials()) == (None, {}, [])


def test_one_process_at_a_time(tmp_path):
    path = tmp_path / "a.jsonl"
    with opened(path), pytest.raises(Conflict, match="another process"), opened(path):
        pass
    with opened(tmp_path / "a.jsonl") as study:
        assert study.trials() == []


def test_a_full_disk_is_said_and_costs_no_trial(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    search(path, 2)
    calls = itertools.count()

    def full(self, logs):
        next(calls)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, opened(path) as study:
        patched.setattr("optuna.storages.journal.JournalFileBackend.append_logs", full)
        with pytest.raises(StorageFull, match="No space left"):
            study.ask()
    assert next(calls) > 0
    assert len(search(path, 3)) == 3
