"""The way round: a model is served, people correct it, it learns from that, the gate judges, the alias moves."""

from __future__ import annotations

import csv
import errno
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from worlds.plugin import verticore

from platform_core.api import create_app
from platform_core.monitoring.gating.policy import GateLimits
from platform_core.monitoring.gating.writing import writer_of
from platform_core.platform import Platform
from platform_core.sdk import Conflict, NotFound, PromotionRequest, StorageFull, UsageError
from platform_core.settings import Settings
from platform_core.testkit import FakePlugin, fake_site

VETO = """
from platform_core.sdk import Veto, hookimpl


@hookimpl
def review_promotion(request):
    if request.alias == "guarded":
        return Veto(reason="never on a test")
"""
LIMITS = GateLimits(max_slowdown=100.0)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with ``claims``: a good champion, a poor second version of it, and a third as good as the first."""
    folder = tmp_path_factory.mktemp("gate")
    with fake_site(folder / "site") as site:
        hooked = {"hooks": "verticore_claims.hooks"}
        FakePlugin(name="claims", kind="table", answer="binary", files={"hooks.py": VETO}, manifest=hooked).install(
            site
        )
        write(folder / "claims.csv", 700, seed=0)
        with Platform.open(settings=Settings(home=folder / "home")) as platform:
            options = {"name": "claims", "split": "60/10/30"}
            platform.train("claims.rows", folder / "claims.csv", promote="champion", **options)  # type: ignore[arg-type]
            poor = {"epochs": 1, "learning_rate": 1e-5}
            platform.train("claims.rows", folder / "claims.csv", settings=poor, **options)  # type: ignore[arg-type]
            platform.train("claims.rows", folder / "claims.csv", seed=0, **options)  # type: ignore[arg-type]
        yield folder / "home"


def write(file: Path, rows: int, seed: int) -> None:
    rng = random.Random(seed)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["heat", "load", "site", "label"])
        for _ in range(rows):
            z = rng.random()
            site = rng.choice(("north", "south"))
            writer.writerow([round(20 + 60 * z + rng.gauss(0, 4), 3), round(5 * z, 3), site, truth(z)])


def truth(z: float) -> str:
    return "bad" if z < 0.3 else "good"


@pytest.fixture
def platform(home: Path) -> Iterator[Platform]:
    with Platform.open(home) as platform:
        yield platform


@pytest.fixture
def http(platform: Platform) -> Iterator[httpx.Client]:
    with TestClient(create_app(platform), raise_server_exceptions=False) as client:
        yield client


def test_a_poor_version_is_refused_with_reasons(platform: Platform) -> None:
    report = platform.gate("claims:2", limits=LIMITS, slices=["site"], promote=True)
    assert (report.passed, report.promoted, report.present, report.alias) == (False, False, "claims:1", "champion")
    states = {check.name: check.state for check in report.checks}
    assert (states["test"], states["slices"], states["feedback"]) == ("failed", "failed", "skipped")
    assert {part.field for part in report.slices} == {"site", "right answer"}
    assert report.test.n == 210
    assert report.test.source == "claims.rows:1, test split"
    assert platform.registry.resolve("claims@champion").number == 1
    json.dumps(report.to_dict())


def test_one_that_is_as_good_passes_and_takes_its_place(home: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    words = ("gate", "claims:3", "--against", "@champion", "--max-slowdown", "100", "--home", home)
    asked = verticore(*words, "--output", page)
    assert (asked.code, asked.result["passed"], asked.result["promoted"]) == (0, True, False)
    told = page.read_text(encoding="utf-8")
    assert "<h1>May claims:3 take the place of claims:1?</h1>" in told
    assert told.count("<table>") >= 3
    refused = verticore("gate", "claims:2", "--against", "@champion", "--promote", "--home", home)
    assert (refused.code, json.loads(refused.out)["passed"]) == (1, False)
    moved = verticore(*words, "--promote", "--output", tmp_path / "report.md")
    assert (moved.code, moved.result["promoted"]) == (0, True)
    assert "It is now `@champion`." in (tmp_path / "report.md").read_text(encoding="utf-8")
    assert verticore("models", "show", "claims@champion", "--home", home).result["number"] == 3
    assert verticore("models", "promote", "claims:1", "champion", "--home", home).code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("claims:1", "--against", "@champion"), "usage.invalid"),
        (("claims:2", "--against", "@nobody"), "reference.not-found"),
        (("claims:2", "--against", "claims:1", "--promote"), "usage.invalid"),
        (("claims:2", "--output", "report.pdf"), "usage.invalid"),
        (("claims:2", "--data", "nothing:1"), "reference.not-found"),
        (("claims:2", "--slice", "sight"), "reference.not-found"),
    ],
)
def test_what_cannot_be_judged_is_an_error_of_its_own(home: Path, words: tuple[str, ...], code: str) -> None:
    asked = verticore("gate", *words, "--home", home)
    assert (asked.code, asked.error["code"]) == (2, code)


def test_a_file_may_be_what_is_held_out(platform: Platform, tmp_path: Path) -> None:
    write(tmp_path / "june.csv", 120, seed=9)
    report = platform.gate("claims:3", data=str(tmp_path / "june.csv"), limits=LIMITS)
    assert (report.test.n, report.test.seen) == (120, 0)
    training = platform.gate("claims:3", data=str(platform.settings.home.parent / "claims.csv"), limits=LIMITS)
    assert (training.test.n, training.test.seen) == (210, 490)
    few = platform.gate("claims:3", limits=GateLimits(min_examples=500, max_slowdown=100.0))
    assert not few.passed


def test_a_plugin_that_objects_keeps_it_closed_and_nothing_moves(platform: Platform) -> None:
    limits = GateLimits(max_slowdown=100.0)
    with pytest.raises(NotFound):
        platform.gate("claims:3", "@guarded", limits=limits)
    assert platform.registry.objections(platform.registry.resolve("claims:3"), "guarded") == {
        "claims": "never on a test"
    }
    with pytest.raises(Conflict, match="never on a test"):
        platform.registry.promote("claims:3", "guarded")
    with pytest.raises(UsageError, match="same version"):
        platform.gate("claims:3", "claims:3", limits=limits)


def test_an_alias_that_moves_meanwhile_is_not_moved_again(platform: Platform, monkeypatch) -> None:
    ask, asked = platform.plugins.hooks.review_promotion, []

    def meddle(request: PromotionRequest) -> Any:
        asked.append(request)
        if len(asked) == 2:  # the gate has judged, and the alias is about to move
            platform.registry.promote("claims:2", "champion")
        return ask(request)

    monkeypatch.setattr(platform.plugins.hooks, "review_promotion", meddle)
    with pytest.raises(Conflict, match="moved meanwhile"):
        platform.gate("claims:3", limits=LIMITS, promote=True)
    assert platform.registry.resolve("claims@champion").number == 2
    platform.registry.promote("claims:1", "champion")


def test_nothing_is_promoted_without_its_report(platform: Platform, tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "report.md"
    file.write_text("before", encoding="utf-8")

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(StorageFull, match="could not be written"):
        platform.gate("claims:3", limits=LIMITS, promote=True, keep=writer_of(file))
    assert platform.registry.resolve("claims@champion").number == 1
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]
    assert file.read_text(encoding="utf-8") == "before"


def test_feedback_over_http_becomes_data_and_evidence(http: httpx.Client, platform: Platform) -> None:
    path = "/api/v1/models/claims/feedback"
    rng = random.Random(5)
    for _ in range(60):
        z = rng.random()
        example = {"columns": {"heat": round(20 + 60 * z, 4), "load": round(5 * z, 4), "site": "south"}}
        said = http.post(path, json={"example": example, "label": truth(z)})
        assert said.status_code == 200, said.text
    listed = http.get(path, params={"last": 5}).json()["feedback"]
    assert (len(listed), listed[0]["id"]) == (5, said.json()["id"])

    fresh = platform.gate("claims:3", limits=LIMITS).feedback
    assert (fresh.n, fresh.seen) == (60, 0)
    made = platform.data_from_feedback("claims")
    assert (made.parent, made.dataset, made.read) == ("claims.rows:1", "claims.rows:2", 60)
    assert made.rows["test"] == 210
    learned = platform.train("claims.rows", made.dataset, name="claims")
    report = platform.gate(f"claims:{learned.version}", limits=LIMITS)
    assert (report.test.n, report.feedback.n, report.feedback.seen) == (210, 0, 60)
    assert {check.name: check.state for check in report.checks}["feedback"] == "skipped"


@pytest.mark.parametrize(
    ("document", "status", "code", "where"),
    [
        ({"label": "good"}, 422, "input.invalid", "prediction"),
        ({"example": {"columns": {"heat": 1.0}}, "label": "goood"}, 422, "input.invalid", "label"),
        ({"example": {"columns": {"heat": 1.0}}, "value": 3}, 422, "input.invalid", "label"),
        ({"example": {"columns": {"heat": 1.0}}, "label": 3}, 422, "request.schema", "label"),
        ({"example": {"columns": "x"}, "label": "good"}, 422, "input.invalid", "example.columns"),
        ({"example": {"columns": {}}, "label": "good", "more": 1}, 422, "request.schema", "more"),
        ({"prediction": "prd_0", "label": "good"}, 404, "reference.not-found", "prediction"),
        ({"prediction": "", "label": "good"}, 422, "request.schema", "prediction"),
        ({"prediction": "prd_0", "index": -1, "label": "good"}, 422, "request.schema", "index"),
        ([], 422, "request.schema", "the document"),
    ],
)
def test_bad_feedback_is_a_problem_that_says_where(
    http: httpx.Client, document: object, status: int, code: str, where: str
) -> None:
    answer = http.post("/api/v1/models/claims/feedback", json=document)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem.get("where")) == (status, code, where)


def test_odd_but_valid_json_is_no_defect(http: httpx.Client) -> None:
    for document in (
        {"prediction": "prd_" + "z" * 26, "label": "good"},
        {"prediction": "\x00", "index": 10**30, "label": "\x00"},
        {"example": {"columns": {"heat": 1e308}}, "value": 10**400},
        {"example": {}, "labels": []},
    ):
        assert 400 <= http.post("/api/v1/models/claims/feedback", json=document).status_code < 500
    assert http.post("/api/v1/models/nobody/feedback", json={"label": "good"}).status_code == 404
    assert http.get("/api/v1/models/claims/feedback", params={"last": 0}).status_code == 422
