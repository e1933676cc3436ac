"""Deployments over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

PLACE = "/api/v1/models/news/aliases/champion/deployment"


@pytest.fixture
def place(http: httpx.Client) -> Iterator[str]:
    """The path of a deployment in which nothing is tried, before and after."""
    yield PLACE
    http.delete(PLACE)


def test_a_canary_is_put_shown_and_stopped(http: httpx.Client, place: str) -> None:
    put = http.put(place, json={"canary": {"version": 2, "percent": 25, "keys": ["acme"], "limits": {"latency": None}}})
    assert put.status_code == 200, put.text
    shown = http.get(place).json()
    assert shown == put.json()
    canary = shown["canary"]
    assert (shown["stable"], canary["version"], canary["percent"], canary["keys"]) == (1, 2, 25, ["acme"])
    assert canary["limits"] == {"errors": 0.02, "latency": None, "disagreement": 0.25}
    assert canary["evidence"]["tried"]["requests"] == 0
    again = http.put(place, json={"canary": {"version": 2, "percent": 50}}).json()
    assert (again["canary"]["id"], again["canary"]["percent"], again["canary"]["keys"]) == (canary["id"], 50, [])
    stopped = http.delete(place).json()
    assert (stopped["canary"], stopped["history"][0]["outcome"]) == (None, "stopped")


def test_what_is_not_named_ends(http: httpx.Client, place: str) -> None:
    http.put(place, json={"shadow": {"version": 2}})
    left = http.put(place, json={}).json()
    assert (left["shadow"], left["history"][0]["role"]) == (None, "shadow")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"canary": {"version": 1}}, 422, "usage.invalid"),
        ({"canary": {"version": 7}}, 404, "reference.not-found"),
        ({"canary": {"version": 2, "percent": 101}}, 422, "request.schema"),
        ({"canary": {"version": 2, "percent": 0}}, 422, "usage.invalid"),
        ({"canary": {"version": "2"}}, 422, "request.schema"),
        ({"canary": {"version": 2, "limits": {"errors": 7}}}, 422, "usage.invalid"),
        ({"canary": {"version": 2}, "shadow": {"version": 2}}, 422, "usage.invalid"),
        ({"kanary": {}}, 422, "request.schema"),
        ([], 422, "request.schema"),
    ],
)
def test_what_makes_no_sense_is_a_problem(http: httpx.Client, place: str, body: Any, status: int, code: str) -> None:
    answer = http.put(place, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert http.get(place).json()["canary"] is None


def test_what_is_not_there_is_not_found(http: httpx.Client, place: str) -> None:
    for path in (place.replace("news", "other"), place.replace("champion", "next")):
        assert http.get(path).status_code == 404
        assert http.put(path, json={}).status_code == 404
    assert http.delete(place).json()["code"] == "state.conflict"


def test_the_description_says_what_is_taken(http: httpx.Client) -> None:
    document = http.get("/openapi.json").json()
    path = document["paths"]["/api/v1/models/{name}/aliases/{alias}/deployment"]
    schema = path["put"]["requestBody"]["content"]["application/json"]["schema"]
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    assert check.is_valid({"canary": {"version": 2, "percent": 10, "limits": {"errors": 0.1}}, "shadow": None})
    assert not check.is_valid({"canary": {"version": 0}})
    assert set(path) == {"get", "put", "delete"}
