"""What became of served requests, as people and programs read it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from platform_core.api import create_app
from platform_core.cli.entry import run
from platform_core.db.ids import new_id
from platform_core.platform import Platform
from platform_core.registry.repository import RegistryRepository
from platform_core.sdk import Example, Text
from platform_core.serving.served import Served


class Note(Example):
    text: Annotated[str, Text()]


@pytest.fixture
def watched(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with the model ``notes``, which nobody asked yet."""
    monkeypatch.setenv("VERTICORE_HOME", str(home))
    with Platform.open(home) as platform, platform.db.session() as session:
        RegistryRepository(session, platform.tenant).add_model("notes", "acme.notes")
    return home


@pytest.fixture
def asked(watched: Path) -> Path:
    """And many questions since."""
    with Platform.open(watched) as platform:
        now = datetime.now(UTC)
        for index in range(60):
            number = 2 if index % 4 == 0 else 1
            failed = index % 20 == 0
            answer = {"label": "good"} if index % 2 else {"value": 1.25}
            platform.recorder(
                Served(
                    id=new_id("prd"),
                    tenant=platform.tenant,
                    model="notes",
                    version=number,
                    version_id=f"ver_{number}",
                    solution="acme.notes",
                    reference="notes@champion",
                    role="canary" if number == 2 else "stable",
                    code="model.failed" if failed else None,
                    seconds=0.01 * (1 + index % 5),
                    examples=[Note(text=f"text {index} " + "long " * 30)],
                    predictions=[] if failed else [answer],
                    at=now - timedelta(minutes=index // 2),
                )
            )
        platform.recorder.close()
    return watched


def test_history_is_a_table_with_percentiles_and_errors(asked, capsys):
    assert run(["monitor", "history", "notes"]) == 0
    out = capsys.readouterr().out
    lines = [line.split() for line in out.splitlines()]
    canary, stable = [words for words in lines if words[:1] in (["1"], ["2"])][:2]
    assert canary[:3] == ["2", "canary", "15"]
    assert "20.00%" in canary
    assert stable[:2] == ["1", "45"]
    assert "model.failed" in out


def test_programs_get_every_step_and_people_a_picture(asked, capsys, tmp_path):
    picture = tmp_path / "history.png"
    assert run(["monitor", "history", "notes", "--hours", "2", "--output", str(picture), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["step_seconds"] == 60
    canary, stable = found["versions"]
    assert canary["total"]["errors"] == {"model.failed": 3}
    assert sum(point["requests"] for point in stable["points"]) == 45
    assert 0.01 < stable["total"]["p50"] < 0.05
    with Image.open(picture) as image:
        assert image.size[0] > 1000


def test_the_same_over_http(asked):
    with Platform.open(asked) as platform, TestClient(create_app(platform), raise_server_exceptions=False) as http:
        check_routes(http)


def check_routes(http: httpx.Client) -> None:
    found = http.get("/api/v1/models/notes/history", params={"hours": 2}).json()
    assert [(v["version"], v["role"], v["total"]["requests"]) for v in found["versions"]] == [
        (2, "canary", 15),
        (1, "stable", 45),
    ]
    assert http.get("/api/v1/models/nobody/history").status_code == 404
    for hours in ("0", "-1", "nan", "inf", "1e9", "long"):
        refused = http.get("/api/v1/models/notes/history", params={"hours": hours})
        assert refused.status_code == 422, hours
        assert refused.headers["content-type"] == "application/problem+json"
    scraped = http.get("/metrics")
    assert scraped.headers["content-type"].startswith("text/plain")
    assert "# TYPE verticore_requests_total counter" in scraped.text or "verticore_requests" in scraped.text


def test_predictions_are_listed_newest_first(asked, capsys):
    assert run(["monitor", "predictions", "notes", "--last", "3"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "prd_" in line]
    assert len(lines) == 3
    assert "text 59" in lines[0]
    assert "good" in lines[0]
    assert "1.25" in lines[1]
    assert run(["monitor", "predictions", "notes", "--last", "100", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["predictions"]
    assert len(found) == 60
    assert found[-1]["code"] == "model.failed"


def test_models_that_nobody_asked_have_no_history_and_unknown_ones_are_told(watched, capsys, tmp_path):
    assert run(["monitor", "history", "notes", "--output", str(tmp_path / "none.png")]) == 0
    assert "No requests in this time" in capsys.readouterr().out
    assert not (tmp_path / "none.png").exists()
    assert run(["monitor", "predictions", "notes"]) == 0
    assert "Nothing is logged yet" in capsys.readouterr().out
    assert run(["monitor", "history", "note"]) == 2
    assert "did you mean 'notes'?" in capsys.readouterr().err
    assert run(["monitor", "history", "notes", "--output", str(tmp_path / "history.pdf")]) == 2
    assert "a picture is a PNG file" in capsys.readouterr().err
