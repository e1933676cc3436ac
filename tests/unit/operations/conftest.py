"""A workspace with a fitted model of a fake plugin that brings an operation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_core.platform import Platform
from platform_core.testkit import FakePlugin, fake_site


@pytest.fixture(scope="session")
def acme_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the plugin in ``site`` and, in the workspace ``home``, the model ``acme.words``."""
    folder = tmp_path_factory.mktemp("acme")
    with fake_site(folder / "site") as site, Platform.open(folder / "home") as platform:
        FakePlugin(name="acme", operation=True).install(site)
        (folder / "data").mkdir()
        platform.plugins.solution("acme.words").sample.write(folder / "data")
        platform.train("acme.words", folder / "data", settings={"epochs": 5}, promote="champion")
    return folder


@pytest.fixture(scope="module")
def acme(acme_folder: Path) -> Iterator[Platform]:
    """A platform with the operation ``acme.tally`` and the model ``acme.words``, whose version 1 is champion.

    The plugin is installed for one module alone: tests elsewhere have plugins of the same name.
    """
    with fake_site(acme_folder / "site"), Platform.open(acme_folder / "home") as platform:
        yield platform


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A table of three texts with a date; its columns have other names than the fields."""
    file = tmp_path / "lines.csv"
    file.write_text("date,headline,weight\n2024-01-01,good one,1\n2024-01-02,bad two,2\n2024-01-03,good three,\n")
    return file
