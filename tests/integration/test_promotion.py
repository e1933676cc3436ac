"""Training with ``promote``: a plugin's veto fails the promotion, not the run that was done."""

from __future__ import annotations

import pytest

from platform_core.platform import Platform
from platform_core.sdk import Conflict, Veto


def test_a_veto_leaves_a_finished_run_and_its_version(tmp_path, small_csv, monkeypatch):
    with Platform.open(tmp_path / "home") as platform:
        told: list[str] = []
        monkeypatch.setattr(platform.plugins.hooks, "review_promotion", lambda _: [("acme", Veto(reason="too weak"))])
        monkeypatch.setattr(platform.plugins.hooks, "announce", lambda event: told.append(event.status))
        options = {"method": "head", "settings": {"epochs": 1}, "promote": "champion"}
        with pytest.raises(Conflict, match="too weak"):
            platform.train("finance.sentiment", small_csv, **options)
        (run,) = platform.runs.list()
        assert (run.status, run.error) == ("finished", "")
        assert told == ["finished"]
        version = platform.registry.resolve("finance.sentiment:1")
        assert run.model_version_id == version.id
        assert version.aliases == ()
        monkeypatch.setattr(platform.plugins.hooks, "review_promotion", lambda _: [])
        monkeypatch.setattr(platform.plugins.hooks, "announce", lambda event: None)
        result = platform.train("finance.sentiment", small_csv, **options)
        assert result.aliases == ("champion",)
        assert platform.registry.resolve("finance.sentiment@champion").number == 2
