"""The kit on every kind of answer: it accepts what is right and sees what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import get_args

import pytest

from platform_core.plugin_host import PluginHost
from platform_core.sdk import (
    CardNotes,
    ClassTarget,
    LabelsTarget,
    NumberTarget,
    OrdinalTarget,
    Recipe,
    Sample,
    Solution,
    Source,
    Task,
)
from platform_core.testkit import FakePlugin, PluginConformance, fake_site
from platform_core.testkit.specimens import check_prediction, check_same_prediction, count_answers, make_head

ANSWERS = get_args(Task)


class Kit(PluginConformance):
    plugin = "acme"


@pytest.fixture(params=ANSWERS)
def solution(request, tmp_path):
    with fake_site(tmp_path / "site") as site:
        FakePlugin(name="acme", kind="mixed", answer=request.param).install(site)
        yield PluginHost(None, "local").solution("acme.rows")


def test_fakes_of_every_answer_keep_the_promises_that_need_no_fit(solution, tmp_path):
    kit = Kit()
    folder = tmp_path / "sample"
    folder.mkdir()
    solution.sample.write(folder)
    sample = Source(folder, tuple(folder.iterdir()))
    kit.test_the_plugin_becomes_active(PluginHost(None, "local").activate("acme"))
    kit.test_an_adapter_knows_the_sample(solution, sample)
    kit.test_examples_survive_a_round_trip(solution)
    kit.test_the_request_schema_is_complete(solution)
    kit.test_the_head_learns_from_features(solution, make_head(solution))
    kit.test_the_head_treats_rows_independently(make_head(solution))
    (tmp_path / "again").mkdir()
    kit.test_the_sample_is_the_same_every_time(solution, sample, tmp_path / "again")
    kit.test_the_sample_is_read_without_a_bad_row(solution, sample, tmp_path / "home")


def test_a_head_that_mixes_rows_is_seen(solution):
    head = make_head(solution)
    forward = head.forward
    head.forward = lambda features: forward(features) * len(features["pooled"])
    with pytest.raises(AssertionError):
        Kit().test_the_head_treats_rows_independently(head)


@pytest.mark.slow
def test_the_whole_kit_passes_on_tables_of_numbers_and_on_mixtures_of_sets(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    FakePlugin(name="prices", kind="table", answer="regression").install(site)
    FakePlugin(name="tags", kind="mixed", answer="multilabel").install(site)
    (tmp_path / "test_both.py").write_text(
        "from platform_core.testkit import PluginConformance\n"
        "class TestPrices(PluginConformance):\n    plugin = 'prices'\n"
        "class TestTags(PluginConformance):\n    plugin = 'tags'\n"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-W",
            "error",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            "test_both.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert "skipped" not in done.stdout


def solution_for(target) -> Solution:
    return Solution(
        id="a.b",
        title="",
        summary="",
        example=object,  # type: ignore[arg-type]
        target=target,
        adapters=(),
        head="",
        recipes={"head": Recipe()},
        default_method="head",
        sample=Sample(write=lambda folder: None, description="", requests=()),
        notes=CardNotes(intended_use=""),
    )


RIGHT = [
    (ClassTarget(), {"label": "a", "scores": {"a": 0.75, "b": 0.25}}),
    (OrdinalTarget(), {"label": "b", "scores": {"a": 0.375, "b": 0.25, "c": 0.375}}),
    (LabelsTarget(), {"labels": ["a"], "scores": {"a": 0.75, "b": 0.25}}),
    (LabelsTarget(), {"labels": [], "scores": {"a": 0.25, "b": 0.25}}),
    (NumberTarget(), {"value": -3.5}),
]
WRONG = [
    (ClassTarget(), {"label": "b", "scores": {"a": 0.75, "b": 0.25}}),
    (ClassTarget(), {"label": "a", "scores": {"a": 0.75, "b": 0.75}}),
    (OrdinalTarget(), {"label": "d", "scores": {"a": 0.5, "b": 0.5}}),
    (LabelsTarget(), {"labels": ["a", "b"], "scores": {"a": 0.75, "b": 0.25}}),
    (LabelsTarget(), {"labels": [], "scores": {"a": 1.5}}),
    (NumberTarget(), {"value": float("nan")}),
]


@pytest.mark.parametrize(("target", "prediction"), RIGHT)
def test_predictions_of_the_right_shape_pass(target, prediction):
    check_prediction(solution_for(target), prediction, 1e-4)
    check_same_prediction(prediction, dict(prediction), 1e-4)


@pytest.mark.parametrize(("target", "prediction"), WRONG)
def test_predictions_that_break_a_promise_are_seen(target, prediction):
    with pytest.raises(AssertionError):
        check_prediction(solution_for(target), prediction, 1e-4)


def test_predictions_that_differ_are_seen():
    with pytest.raises(AssertionError):
        check_same_prediction({"value": 1.0}, {"value": 1.1}, 1e-4)
    with pytest.raises(AssertionError):
        check_same_prediction({"labels": ["a"], "scores": {"a": 0.5}}, {"labels": [], "scores": {"a": 0.5}}, 1e-4)
    with pytest.raises(AssertionError):
        check_same_prediction({"value": 1.0}, {"label": "a", "scores": {"a": 1.0}}, 1e-4)


@pytest.mark.parametrize(
    ("target", "targets", "count"),
    [
        (ClassTarget(), ["a", "b", "a"], 2),
        (LabelsTarget(), [(), ("a",), ("a", "b", "c")], 3),
        (LabelsTarget(), [(), ("a",)], 1),
        (NumberTarget(), [1.0, 1.0, 2.5], 2),
    ],
)
def test_different_answers_are_counted_inside_sets(target, targets, count):
    assert count_answers(solution_for(target), targets) == count
