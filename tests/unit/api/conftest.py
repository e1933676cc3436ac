"""A workspace with one quickly fitted model, and the API over it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from platform_core.api import create_app
from platform_core.platform import Platform
from platform_core.settings import Settings

ROWS = 60


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with the model ``news``: two versions, the first is champion."""
    folder = tmp_path_factory.mktemp("served")
    settings = Settings(home=folder / "home", max_request_examples=8, max_request_bytes=20_000)
    with Platform.open(settings=settings) as platform:
        file = write_small_sample(platform, folder)
        platform.train(
            "finance.sentiment", file, name="news", method="head", settings={"epochs": 1}, promote="champion"
        )
        platform.train("finance.sentiment", file, name="news", method="head", settings={"epochs": 2})
        yield platform


@pytest.fixture(scope="session")
def http(served: Platform) -> Iterator[httpx.Client]:
    """The API, called as a client calls it; a defect shows as status 500, not as an exception."""
    with TestClient(create_app(served), raise_server_exceptions=False) as client:
        yield client


def write_small_sample(platform: Platform, folder: Path) -> Path:
    """Write the first rows of the finance plugin's sample."""
    platform.plugins.solution("finance.sentiment").sample.write(folder)
    lines = next(folder.glob("*.csv")).read_text(encoding="utf-8").splitlines(keepends=True)
    file = folder / "small.csv"
    file.write_text("".join(lines[: ROWS + 1]), encoding="utf-8")
    return file
