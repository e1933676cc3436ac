"""Operations as endpoints."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import httpx
import jsonschema
import pytest
from fastapi.testclient import TestClient

from platform_core.api import create_app

PATH = "/api/v1/operations/acme.tally"


@pytest.fixture(scope="module")
def http(acme) -> Iterator[httpx.Client]:
    with TestClient(create_app(acme), raise_server_exceptions=False) as client:
        yield client


def test_an_operation_answers(http):
    answer = http.post(PATH, json={"lines": [{"text": "good"}, {"text": "bad"}, {"text": "good"}], "least": 2})

    assert answer.status_code == 200
    assert answer.json() == {
        "operation": "acme.tally",
        "models": {"acme.words@champion": "acme.words:1"},
        "output": {"lines": 3, "counts": [{"label": "up", "lines": 2, "first": "good"}]},
    }


def test_operations_are_listed(http):
    assert {"id": "acme.tally", "title": "Tally", "plugin": "acme"} in http.get("/api/v1/operations").json()[
        "operations"
    ]


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/v1/operations/acme.tallly", {}, 404, "reference.not-found"),
        (PATH, {}, 422, "input.invalid"),
        (PATH, {"lines": [{"text": ""}]}, 422, "input.invalid"),
        (PATH, [], 422, "request.schema"),
        (PATH, {"lines": [{"text": "good"}], "model": "acme.words@live"}, 404, "reference.not-found"),
    ],
)
def test_what_is_wrong_is_a_problem(http, path, body, status, code):
    answer = http.post(path, json=body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["hint"]


def test_the_body_is_bounded_json(http, acme):
    large = b'{"lines": "' + b"x" * acme.settings.max_request_bytes + b'"}'
    assert http.post(PATH, content=large, headers={"content-type": "application/json"}).status_code == 413
    assert http.post(PATH, content=b"lines=1").status_code == 415
    assert http.post(PATH, content=b"{", headers={"content-type": "application/json"}).status_code == 400


def test_the_rows_are_bounded(http, monkeypatch):
    monkeypatch.setattr("platform_core.api.operation_routes.MOST_ROWS", 2)
    answer = http.post(PATH, json={"lines": [{"text": "good"}] * 3})
    assert (answer.status_code, answer.json()["code"]) == (413, "request.too-many-examples")
    assert (answer.json()["where"], answer.json()["details"]) == ("input.lines", {"limit": 2})
    assert http.post(PATH, json={"lines": [{"text": "good"}] * 2}).status_code == 200


@pytest.fixture
def busy(acme, monkeypatch):
    """The API where one operation runs and one waits at most, and an operation that ends when it is told to."""
    settings = acme.settings.model_copy(update={"max_operations": 1, "max_waiting_operations": 1})
    monkeypatch.setattr(acme, "settings", settings)
    real, running, go_on = acme.run_operation, threading.Semaphore(0), threading.Event()

    def slow(*given, **options):
        running.release()
        assert go_on.wait(20)
        return real(*given, **options)

    monkeypatch.setattr(acme, "run_operation", slow)
    with TestClient(create_app(acme), raise_server_exceptions=False) as client, ThreadPoolExecutor(4) as callers:
        yield SimpleNamespace(client=client, callers=callers, running=running, go_on=go_on)
        go_on.set()


def test_more_operations_than_may_run_and_wait_are_turned_away(busy):
    body = {"lines": [{"text": "good"}]}
    admitted = [busy.callers.submit(busy.client.post, PATH, json=body) for _ in range(2)]
    assert busy.running.acquire(timeout=20)
    turns = busy.client.app.state.turns
    wait_until(lambda: turns._admitted == 2)

    refused = busy.client.post(PATH, json=body)
    assert (refused.status_code, refused.json()["code"]) == (503, "server.overloaded")
    assert refused.headers["content-type"] == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 1
    assert not busy.running.acquire(blocking=False), "a second one runs"
    # The loop is free, and what is wrong with a request is told at once.
    assert busy.client.get("/healthz").status_code == 200
    assert busy.client.post("/api/v1/models/acme.words/predict", json={"examples": [{"text": "good"}]}).is_success
    assert busy.client.post("/api/v1/operations/acme.tallly", json=body).status_code == 404

    busy.go_on.set()
    assert [answer.result().status_code for answer in admitted] == [200, 200]
    assert busy.client.post(PATH, json=body).status_code == 200


def test_a_failed_operation_gives_its_turn_back(acme, http, monkeypatch):
    monkeypatch.setattr(acme, "run_operation", lambda *given: 1 / 0)
    for _ in range(acme.settings.max_operations + acme.settings.max_waiting_operations + 1):
        assert http.post(PATH, json={"lines": []}).status_code == 500


def wait_until(holds):
    for _ in range(2000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def test_the_description_has_the_schemas_of_the_operation(http, acme):
    document = http.get("/openapi.json").json()
    post = document["paths"][PATH]["post"]
    place = post["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert place == "#/components/schemas/acme.tally.input"

    sample = dict(acme.plugins.operation("acme.tally").sample())
    assert document["components"]["schemas"]["acme.tally.input"]["examples"] == [sample]
    jsonschema.validate(sample, {"$ref": place, "components": document["components"]})
    answer = http.post(PATH, json=sample).json()
    response = post["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**response, "components": document["components"]})
