"""The server process and the client that talks to it: a real socket, real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from platform_core.app import serve
from platform_core.cli.server_process import ServerFailed, ServerProcess
from platform_core.client import Client
from platform_core.sdk import BadInput, Conflict, NotFound
from platform_core.settings import load_settings


@pytest.fixture(scope="module")
def server(served):
    with ServerProcess(served.settings.home) as process:
        yield process


@pytest.fixture
def client(server):
    with Client(server.url, timeout=20) as client:
        yield client


def test_the_client_predicts(client):
    answer = client.predict("news@champion", [{"text": "Profit rose."}])
    assert (answer.model, answer.version) == ("news", 1)
    assert set(answer.predictions[0]) == {"label", "scores", "topic"}


def test_many_explanations_at_once_are_given(client):
    answer = client.predict("news", [{"text": "Profit rose by a third."}] * 8, explain=True)
    assert all(prediction["explanation"]["words"] for prediction in answer.predictions)


def test_the_client_lists_models(client):
    (model,) = client.models()
    assert (model.name, model.newest, model.aliases) == ("news", 2, {"champion": 1})


def test_the_server_is_alive_and_ready(client):
    assert client.is_healthy()
    assert client.is_ready()


def test_problems_come_back_as_errors(client):
    with pytest.raises(NotFound) as missing:
        client.predict("nwes", [{"text": "a"}])
    assert "news" in (missing.value.hint or "")
    with pytest.raises(BadInput) as wrong:
        client.predict("news", [{"txt": "a"}])
    assert wrong.value.where == "examples[0].text"


def test_an_alias_that_moves_is_served_without_a_restart(client, served):
    served.registry.promote("news:2", "candidate")
    assert client.predict("news@candidate", [{"text": "a"}]).version == 2
    served.registry.promote("news:1", "candidate")
    deadline = time.monotonic() + 5
    while client.predict("news@candidate", [{"text": "a"}]).version != 1:
        assert time.monotonic() < deadline, "the alias moved five seconds ago"
        time.sleep(0.2)


def test_nobody_answers_where_no_server_is():
    with Client("http://127.0.0.1:9") as client:
        assert not client.is_healthy()


def test_a_taken_port_is_a_conflict(served):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerFailed, match="cannot listen"), ServerProcess(served.settings.home, port=port):
            pass


def test_a_port_in_use_is_named(served):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = load_settings(served.settings.home, port=taken.getsockname()[1])
        with type(served).open(settings=settings) as platform, pytest.raises(Conflict, match="cannot listen"):
            serve(platform)


def test_a_pinned_model_that_is_none_is_named(served):
    settings = load_settings(served.settings.home, port=0, pinned_models=("news@champion", "mews@champion"))
    with type(served).open(settings=settings) as platform, pytest.raises(NotFound, match="'mews'"):
        serve(platform)


def test_a_signal_while_models_are_loaded_ends_the_server_after_that(served, monkeypatch):
    settings = load_settings(served.settings.home, port=0)
    announced = []
    with type(served).open(settings=settings) as platform:
        monkeypatch.setattr(platform, "warm_up", lambda: os.kill(os.getpid(), signal.SIGTERM))
        serve(platform, announce=announced.append)
    assert announced == []


def test_a_server_in_a_thread_stops_when_told(served):
    stop, ready, urls = threading.Event(), threading.Event(), []

    def announce(endpoint):
        urls.append(endpoint)
        ready.set()

    settings = load_settings(served.settings.home, port=0)
    with type(served).open(settings=settings) as platform:
        thread = threading.Thread(target=serve, args=(platform,), kwargs={"announce": announce, "stop": stop})
        thread.start()
        assert ready.wait(60)
        assert httpx.get(f"{urls[0].url}/healthz").json() == {"status": "ok"}
        assert urls[0].models["news@champion"] == "/api/v1/models/news@champion/predict"
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


_HANGING = """
import sys, time
from pathlib import Path
from platform_core.app import server
from platform_core.platform import Platform
from platform_core.settings import load_settings

server.DRAIN_SECONDS, server.LAST_SECONDS = 2, 1
Platform.run_operation = lambda *_, **__: print("running", flush=True) or time.sleep(3600)
with Platform.open(settings=load_settings(Path(sys.argv[1]), port=0)) as platform:
    server.serve(platform, announce=lambda endpoint: print(endpoint.url, flush=True))
"""


def test_an_operation_that_hangs_does_not_keep_the_process(served):
    command = [sys.executable, "-c", _HANGING, str(served.settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answers = []

        def ask():
            answers.append(httpx.post(f"{url}/api/v1/operations/finance.monitor", json={}, timeout=60))

        asking = threading.Thread(target=ask)
        asking.start()
        assert process.stdout.readline() == "running\n"
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()
            asking.join()
        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(503, "server.overloaded")]


def test_sigterm_answers_what_was_asked_and_ends_with_0(served, asked):
    command = [sys.executable, "-m", "platform_core.cli", "serve", "--port", "0", "--json"]
    command += ["--home", str(served.settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["endpoint"]
        body = {"examples": [{"text": "Profit rose by a third in the north."}] * 4, "explain": True}
        request = asked(url, "/api/v1/models/news/predict", body)
        process.send_signal(signal.SIGTERM)
        assert request.answer() == 200
        assert process.wait(60) == 0
