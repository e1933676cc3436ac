"""A workspace with one quickly fitted model, and the API over it."""

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from platform_core.api import create_app
from platform_core.platform import Platform
from platform_core.settings import Settings
from platform_core.testkit import FakePlugin, fake_site

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


class Asked:
    """A request that the server waits for: its headers are there, its body is not.

    Args:
        url: of the server.
        path: what is asked.
        document: the body, which :meth:`answer` sends.
    """

    def __init__(self, url: str, path: str, document: object) -> None:
        self._body = json.dumps(document).encode()
        self._connection = HTTPConnection(url.removeprefix("http://"), timeout=60)
        self._connection.request("GET", "/healthz")  # the connection is there, and kept alive
        self._connection.getresponse().read()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(self._body)), "Expect": "100-continue"}
        self._connection.putrequest("POST", path)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        self._connection.sock.recv(1, socket.MSG_PEEK)  # the server says that it reads

    def answer(self) -> int:
        """Send the rest, and return the status of the answer."""
        self._connection.send(self._body)
        return self._connection.getresponse().status


@pytest.fixture
def asked() -> type[Asked]:
    """Makes requests that the server waits for."""
    return Asked


def write_small_sample(platform: Platform, folder: Path) -> Path:
    """Write the first rows of the finance plugin's sample."""
    platform.plugins.solution("finance.sentiment").sample.write(folder)
    lines = next(folder.glob("*.csv")).read_text(encoding="utf-8").splitlines(keepends=True)
    file = folder / "small.csv"
    file.write_text("".join(lines[: ROWS + 1]), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform with models that read tables: ``claims`` (two classes, two versions) and ``prices`` (numbers)."""
    folder = tmp_path_factory.mktemp("tables")
    settings = Settings(home=folder / "home", max_request_examples=40)
    with fake_site(folder / "site") as site, Platform.open(settings=settings) as platform:
        FakePlugin(name="claims", kind="table", answer="binary").install(site)
        FakePlugin(name="prices", kind="table", answer="regression").install(site)
        for name in ("claims", "prices"):
            (folder / name).mkdir()
            platform.plugins.solution(f"{name}.rows").sample.write(folder / name)
        short = {"epochs": 3}
        platform.train("claims.rows", folder / "claims", name="claims", settings=short, goal="recall=.9")
        platform.train("claims.rows", folder / "claims", name="claims", settings=short, drop=["site"], promote="slim")
        platform.train("prices.rows", folder / "prices", name="prices", settings=short)
        yield platform


@pytest.fixture(scope="module")
def http_tables(tables: Platform) -> Iterator[httpx.Client]:
    """The API over models that read tables."""
    with TestClient(create_app(tables), raise_server_exceptions=False) as client:
        yield client
