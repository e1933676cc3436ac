"""What earlier releases wrote is opened, listed and served with the same outputs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from platform_core.platform import Platform

RELEASES = sorted((Path(__file__).parent.parent / "golden").iterdir())


@pytest.mark.parametrize("release", RELEASES, ids=lambda folder: folder.name)
def test_a_workspace_of_a_release_gives_the_same_outputs(release, tmp_path, monkeypatch):
    copy = tmp_path / "release"
    shutil.copytree(release, copy)
    monkeypatch.chdir(copy)  # the models name their encoder by a relative path
    expected = json.loads((copy / "expected.json").read_text("utf-8"))
    inputs = [{"text": text} for text in expected["texts"]]
    with Platform.open("workspace") as platform:
        assert {m.name for m in platform.registry.list()} == set(expected["predictions"])
        assert all(run.status == "finished" for run in platform.runs.list())
        dataset = platform.datasets.resolve("finance.sentiment:1")
        assert len(platform.datasets.load(dataset)) == dataset.rows
        for model, wanted in expected["predictions"].items():
            platform.registry.verify(model)
            for found, prediction in zip(platform.predict(model, inputs), wanted, strict=True):
                assert found["label"] == prediction["label"]
                assert found["scores"] == pytest.approx(prediction["scores"], abs=1e-5)
        assert platform.registry.resolve_endpoint("golden-lora").aliases == ("champion",)
