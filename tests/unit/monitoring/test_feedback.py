"""Feedback: checked, kept, the last word counts; of people who were erased nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from platform_core.datasets.requests import finish_requests
from platform_core.db.ids import new_id
from platform_core.monitoring.feedback.targets import read_said
from platform_core.platform import Platform
from platform_core.sdk import (
    BadInput,
    ClassTarget,
    Conflict,
    DataError,
    EmptyData,
    LabelsTarget,
    NotFound,
    NumberTarget,
)
from platform_core.serving.served import Served
from platform_core.settings import Settings
from platform_core.testkit import FakePlugin, fake_site

SHORT = {"epochs": 2}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Models ``claims`` (two classes), ``prices`` (numbers), ``tags`` (sets), ``visits`` (events of accounts)."""
    folder = tmp_path_factory.mktemp("feedback")
    plugins = {
        "claims": FakePlugin(name="claims", kind="table", answer="binary"),
        "prices": FakePlugin(name="prices", kind="table", answer="regression"),
        "tags": FakePlugin(name="tags", kind="table", answer="multilabel"),
        "visits": FakePlugin(name="visits", kind="events"),
    }
    with fake_site(folder / "site") as site, Platform.open(settings=Settings(home=folder / "home")) as platform:
        for plugin in plugins.values():
            plugin.install(site)
        for name, plugin in plugins.items():
            solution = f"{name}.{'events' if plugin.kind == 'events' else 'rows'}"
            (folder / name).mkdir()
            platform.plugins.solution(solution).sample.write(folder / name)
            platform.train(solution, folder / name, name=name, settings=SHORT)
        yield platform


def cells(heat: float, site: str = "north") -> dict[str, Any]:
    return {"columns": {"heat": heat, "load": 1.0, "grade": "B", "site": site}}


def answered(platform: Platform, model: str, *examples: dict[str, Any], name: str = "") -> str:
    """Put a request into the prediction log, as serving does; return its id."""
    version = platform.registry.resolve(model)
    finisher = platform.datasets.finisher(version.solution)
    served = Served(
        id=new_id("prd"),
        tenant=platform.tenant,
        model=version.model,
        version=version.number,
        version_id=version.id,
        solution=version.solution,
        reference=model,
        role="stable",
        code=None,
        seconds=0.01,
        examples=finish_requests(finisher, examples),
        predictions=platform.predict(model, examples),
    )
    platform.prediction_log.add(served)
    return served.id


def test_an_answer_is_corrected_and_the_last_word_counts(platform: Platform) -> None:
    prediction = answered(platform, "claims", cells(31.5), cells(62.5))
    said = platform.predict("claims", [cells(62.5)])[0]["label"]
    other = "bad" if said == "good" else "good"
    first = platform.feedback.add("claims", {"label": other}, prediction=prediction, index=1)
    assert (first.prediction, first.index, first.version, first.revision) == (prediction, 1, 1, 1)
    assert (first.target, first.answer, first.agrees) == (other, said, False)
    assert first.example["columns"]["heat"] == 62.5
    again = platform.feedback.add("claims", {"label": other}, prediction=prediction, index=1)
    assert again == first
    last = platform.feedback.add("claims:1", {"label": said}, prediction=prediction, index=1)
    assert (last.revision, last.agrees) == (2, True)
    about = [word for word in platform.feedback.list("claims") if word.prediction == prediction]
    assert about == [last]
    every = [word for word in platform.feedback.list("claims", every=True) if word.prediction == prediction]
    assert every == [last, first]
    assert platform.feedback.list("claims", 1) == [last]


def test_an_example_is_finished_like_a_request(platform: Platform) -> None:
    event = {
        "note": "call 1234567 about it",
        "account": "A-77",
        "at": "2024-05-01",
        "amount": 10.0,
        "columns": {"place": "web", "hour": 3.0},
        "history": [{"account": "A-77", "at": "2024-04-01", "amount": 5.0, "columns": {"place": "web", "hour": 2.0}}],
    }
    word = platform.feedback.add("visits", {"label": "bad"}, example=event)
    assert word.example["note"] == "call [NUMBER] about it"
    assert word.example["account"] == platform.pseudonyms.of("A-77")
    assert word.example["derived"]["amount to mean"] == 2.0
    assert "history" not in word.example
    (row,) = [row for row in platform.feedback.rows("visits") if row.place.file == f"feedback {word.id}"]
    assert (row.target, row.time) == ("bad", "2024-05-01")
    assert row.example.model_dump(mode="json", exclude={"history"}) == word.example


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        ({"example": cells(1.0), "said": {"label": "goood"}}, BadInput, "did you mean 'good'"),
        ({"example": cells(1.0), "said": {"labels": ["good"]}}, BadInput, "answers with 'label'"),
        ({"example": cells(1.0), "said": {}}, BadInput, "nothing is given"),
        ({"example": {"columns": 3}, "said": {"label": "good"}}, BadInput, "at example.columns"),
        ({"said": {"label": "good"}}, BadInput, "either a prediction or an example"),
        ({"example": cells(1.0), "prediction": "x", "said": {"label": "good"}}, BadInput, "either"),
        ({"prediction": "prd_nothing", "said": {"label": "good"}}, NotFound, "send the example"),
        ({"prediction": "ours", "index": 2, "said": {"label": "good"}}, BadInput, "2 examples, none is 2"),
        ({"prediction": "ours", "index": -1, "said": {"label": "good"}}, BadInput, "none is -1"),
        ({"prediction": "theirs", "said": {"label": "good"}}, Conflict, "'prices', not of 'claims'"),
    ],
)
def test_what_cannot_be_used_is_refused(
    platform: Platform, given: dict[str, Any], error: type[Exception], told: str
) -> None:
    predictions = {"ours": ("claims", cells(1.0), cells(2.0)), "theirs": ("prices", cells(1.0))}
    if given.get("prediction") in predictions:
        given = given | {"prediction": answered(platform, *predictions[given["prediction"]])}
    before = platform.feedback.list("claims", every=True)
    with pytest.raises(error, match=told):
        platform.feedback.add("claims", given.pop("said"), **given)
    assert platform.feedback.list("claims", every=True) == before


def test_every_kind_of_answer_is_checked() -> None:
    assert read_said(LabelsTarget(), ["a", "b"], {"labels": ["b", "a", "b"]}) == ("a", "b")
    assert read_said(LabelsTarget(), ["a"], {"labels": []}) == ()
    assert read_said(NumberTarget(), [], {"value": 3}) == 3.0
    assert read_said(ClassTarget(), ["a"], {"label": "a"}) == "a"
    for target, said in (
        (NumberTarget(), {"value": float("nan")}),
        (NumberTarget(), {"value": True}),
        (NumberTarget(), {"value": "3"}),
        (LabelsTarget(), {"labels": "ab"}),
        (LabelsTarget(), {"labels": ["a", 3]}),
        (LabelsTarget(), {"labels": ["c"]}),
        (ClassTarget(), {"label": None}),
        (ClassTarget(), {"label": "a", "value": 1.0}),
    ):
        with pytest.raises(BadInput):
            read_said(target, ["a", "b"], said)


def test_numbers_and_sets_are_kept_as_they_are(platform: Platform) -> None:
    prediction = answered(platform, "prices", cells(40.0))
    number = platform.feedback.add("prices", {"value": 33}, prediction=prediction)
    assert (number.target, number.agrees) == (33.0, False)
    assert isinstance(number.answer, float)
    labels = platform.feedback.add("tags", {"labels": ["warm", "cold"]}, example=cells(40.0))
    assert (labels.target, labels.answer, labels.agrees) == (["cold", "warm"], None, None)
    assert platform.feedback.rows("tags")[-1].target == ("cold", "warm")


def test_of_equal_inputs_the_last_word_is_learned_from(platform: Platform) -> None:
    for heat, label in ((88.0, "good"), (88.0, "bad")):
        platform.feedback.add("claims", {"label": label}, prediction=answered(platform, "claims", cells(heat)))
    rows = [row for row in platform.feedback.rows("claims") if row.example.columns["heat"] == 88.0]  # type: ignore[attr-defined]
    assert [row.target for row in rows] == ["bad"]
    assert platform.feedback.rows("claims", datetime.now(UTC) + timedelta(minutes=1)) == []


def test_many_at_once_speak_one_after_the_other(platform: Platform) -> None:
    prediction = answered(platform, "claims", cells(55.5))
    labels = ["good", "bad"] * 6
    speak = [
        threading.Thread(target=platform.feedback.add, args=("claims", {"label": x}), kwargs={"prediction": prediction})
        for x in labels
    ]
    for thread in speak:
        thread.start()
    for thread in speak:
        thread.join()
    words = [w for w in platform.feedback.list("claims", every=True) if w.prediction == prediction]
    assert [w.revision for w in words] == list(range(len(words), 0, -1))
    assert all(a.target != b.target for a, b in pairwise(words))


def test_rows_of_a_file_are_feedback(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "corrected.csv"
    file.write_text("heat,load,grade,site,label\n71.25,1,B,north,good\n21.25,1,B,north,bad\n")
    words = platform.feedback_from_file("claims", file)
    assert [(w.example["columns"]["heat"], w.target) for w in words] == [(71.25, "good"), (21.25, "bad")]
    file.write_text("heat,load,grade,site,label\n72.25,1,B,north,good\n22.25,1,B,north,awful\n")
    before = len(platform.feedback.list("claims"))
    with pytest.raises(DataError, match=r"knows no label 'awful', at .*row 2"):
        platform.feedback_from_file("claims", file)
    assert len(platform.feedback.list("claims")) == before


def test_a_file_with_a_row_of_a_person_who_was_erased_leaves_nothing(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    rows = ["A-2,2024-05-01,10,web,3,,good", "A-gone,2024-05-02,10,web,3,,bad"]
    file.write_text("\n".join(["account,at,amount,place,hour,note,label", *rows]))
    platform.erase("A-gone", solution="visits.events")
    before = len(platform.feedback.list("visits"))
    with pytest.raises(Conflict, match=r"person who was erased, at .*row 2"):
        platform.feedback_from_file("visits", file)
    assert len(platform.feedback.list("visits")) == before


def test_of_rows_with_the_same_example_the_last_one_counts(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "twice.csv"
    lines = [f"81.25,1,B,north,{label}" for label in ("good", "bad", "bad", "good")]
    file.write_text("\n".join(["heat,load,grade,site,label", *lines]))
    assert [word.revision for word in platform.feedback_from_file("claims", file)] == [1, 2, 2, 3]
    assert [word.revision for word in platform.feedback_from_file("claims", file)] == [3, 4, 4, 5]


def test_the_dataset_goes_on_with_feedback_and_the_test_stays(platform: Platform) -> None:
    info = platform.datasets.resolve("tags.rows:1")
    frozen = platform.datasets.load(info, ["test"])
    copied = frozen[0].example.model_dump(mode="json")
    platform.feedback.add("tags", {"labels": []}, example=copied)
    for heat in range(20):
        platform.feedback.add("tags", {"labels": ["warm"]}, example=cells(200.0 + heat))
    made = platform.data_from_feedback("tags")
    assert (made.dataset, made.parent, made.in_test, made.is_new) == ("tags.rows:2", "tags.rows:1", 1, True)
    assert sum(made.added.values()) == made.read - 1
    assert set(made.added) == {"train", "validation"}
    grown = platform.datasets.resolve(made.dataset)
    assert platform.datasets.load(grown, ["test"]) == frozen
    old = platform.datasets.load(info)
    assert [row for row in platform.datasets.load(grown) if not row.place.file.startswith("feedback")] == old
    assert grown.provenance["parent"]["ref"] == "tags.rows:1"
    assert grown.provenance["feedback"] == {"model": "tags", "since": None}
    assert any("goes on from tags.rows:1" in note for note in grown.notes)
    again = platform.data_from_feedback("tags")
    assert (again.dataset, again.is_new, again.known) == ("tags.rows:2", False, made.read - 1)
    platform.feedback.add("tags", {"labels": ["cold"]}, example=cells(300.0))
    third = platform.data_from_feedback("tags:1", since=datetime.now(UTC) - timedelta(seconds=5))
    assert (third.dataset, third.parent) == ("tags.rows:3", "tags.rows:2")
    assert platform.train("tags.rows", third.dataset, name="tags", settings=SHORT).version == 2


def test_newer_events_validate_where_the_dataset_goes_by_time(platform: Platform) -> None:
    for day in range(1, 21):
        platform.feedback.add("visits", {"label": "good"}, example={"account": "A-1", "at": f"2024-06-{day:02}"})
    made = platform.data_from_feedback("visits")
    rows = platform.datasets.load(platform.datasets.resolve(made.dataset))
    new = {row.time: row.split for row in rows if row.place.file.startswith("feedback")}
    assert [split for _, split in sorted(new.items())] == ["train"] * made.added["train"] + ["validation"] * made.added[
        "validation"
    ]
    assert new["2024-06-20"] == "validation"


def test_nothing_was_said(platform: Platform) -> None:
    with pytest.raises(EmptyData, match="no feedback on prices since 2999"):
        platform.data_from_feedback("prices", since=datetime(2999, 1, 1, tzinfo=UTC))


def test_who_was_erased_has_no_feedback(platform: Platform) -> None:
    event = {"account": "A-erased", "at": "2024-05-01", "amount": 10.0, "columns": {"place": "web", "hour": 3.0}}
    platform.feedback.add("visits", {"label": "bad"}, example=event)
    subject = platform.pseudonyms.of("A-erased")
    kept = [w for w in platform.feedback.list("visits") if w.example["account"] != subject]
    assert platform.feedback.erase(subject, dry_run=True) == 1
    assert platform.feedback.erase(subject, "claims.rows") == 0
    assert platform.feedback.erase(subject, "visits.events") == 1
    assert platform.feedback.list("visits") == kept
    platform.erase("A-erased")
    with pytest.raises(Conflict, match="who was erased"):
        platform.feedback.add("visits", {"label": "bad"}, example=event)
    assert platform.feedback.list("visits") == kept
