"""Defects: answered as problems, and nothing else suffers from them."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from platform_core.api import problems


@pytest.fixture
def client():
    app = FastAPI()
    problems.install(app)

    @app.get("/defect")
    def defect():
        raise ZeroDivisionError

    @app.get("/half")
    def half():
        def parts():
            yield b"half"
            raise ZeroDivisionError

        return StreamingResponse(parts())

    return TestClient(app)


def test_a_defect_is_answered_and_does_not_reach_the_server(client):
    answer = client.get("/defect")  # the client raises what reaches the server
    assert (answer.status_code, answer.headers["content-type"]) == (500, problems.MEDIA_TYPE)
    assert answer.json()["code"] == "internal.unexpected"
    assert "division" not in answer.text


def test_an_answer_that_breaks_off_is_not_taken_for_whole(client):
    with pytest.raises(ZeroDivisionError):
        client.get("/half")
