"""A person is erased from what serving has kept of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from platform_core.cli.entry import run
from platform_core.platform import Platform
from platform_core.sdk import NotFound


def test_a_person_goes_from_the_prediction_log(home: Path, serve, monkeypatch, capsys):
    monkeypatch.setenv("VERTICORE_HOME", str(home))
    with Platform.open(home) as platform:
        theirs = serve("a", "b", patient=platform.pseudonyms.of("Jo Doe"))
        others = serve("c", patient=platform.pseudonyms.of("Al Roe"))
        for served in (theirs, others):
            platform.prediction_log.add(served)
        platform.prediction_log.flush()
    assert run(["data", "erase", "--subject", "Jo Doe", "--dry-run", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["elsewhere"]["logged predictions"] == 2
    assert found["found"]
    assert run(["data", "erase", "--subject", "Jo Doe", "--yes"]) == 0
    assert "were removed as well: logged predictions: 2" in capsys.readouterr().out
    with Platform.open(home) as platform:
        assert platform.prediction_log.find(others.id).examples[0]
        with pytest.raises(NotFound):
            platform.prediction_log.find(theirs.id)
        platform.prediction_log.add(theirs)
        platform.prediction_log.flush()
        assert [request.id for request in platform.prediction_log.last("notes", 5)] == [others.id]
