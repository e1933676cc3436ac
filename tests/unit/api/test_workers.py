"""Several processes that serve at one address: real processes, real signals."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import httpx
import psutil
import pytest

pytestmark = pytest.mark.slow

PATH = "/api/v1/models/news/predict"
BODY = {"examples": [{"text": "Profit rose by a third in the north."}]}


@pytest.fixture
def crew(served):
    """A server of two processes: the parent, where it listens, and a function that tells who serves."""
    command = [sys.executable, "-m", "platform_core.cli", "serve", "--port", "0", "--workers", "2", "--json"]
    command += ["--home", str(served.settings.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield process, json.loads(line)["endpoint"]
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def workers_of(process: subprocess.Popen) -> set[int]:
    return {child.pid for child in psutil.Process(process.pid).children()}


class Load:
    """Clients that ask without a pause, each on connections of its own; what they were answered."""

    def __init__(self, url: str, clients: int = 4) -> None:
        self.answers: list[int] = []
        self.failures: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(url,)) for _ in range(clients)]

    def _ask(self, url: str) -> None:
        with httpx.Client(timeout=60) as client:
            while not self._stop.is_set():
                try:
                    self.answers.append(client.post(url + PATH, json=BODY).status_code)
                except httpx.HTTPError as error:
                    self.failures.append(repr(error))

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(90)


def wait_until(holds, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.1)


def test_a_worker_that_dies_is_replaced_and_the_others_answer_meanwhile(crew):
    process, url = crew
    before = workers_of(process)
    assert len(before) == 2
    with Load(url) as load:
        wait_until(lambda: len(load.answers) > 20)
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: len(workers_of(process)) == 2 and workers_of(process) != before)
        seen = len(load.answers)
        wait_until(lambda: len(load.answers) > seen + 20)
    assert set(load.answers) == {200}
    # What the dead one was asked is lost, at most one request of each client; nothing else is.
    assert len(load.failures) <= 4, load.failures


def test_sigterm_loses_nothing_that_was_asked(crew, asked):
    process, url = crew
    requests = [asked(url, PATH, {"examples": BODY["examples"] * 4, "explain": True}) for _ in range(4)]
    process.send_signal(signal.SIGTERM)
    assert [request.answer() for request in requests] == [200] * 4
    assert process.wait(60) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/healthz")


def test_workers_end_where_their_parent_is_killed(crew):
    process, _ = crew
    orphans = [psutil.Process(pid) for pid in workers_of(process)]
    process.kill()
    _, alive = psutil.wait_procs(orphans, 60)
    assert not alive


def test_a_worker_that_cannot_serve_ends_all(served, tmp_path):
    """Workers die where the socket cannot be what they take it for: the parent tells it, and ends."""
    command = [sys.executable, "-m", "platform_core.cli", "serve", "--port", "0", "--workers", "2", "--json"]
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, os\nif 'platform_core.cli.server_worker' in ' '.join(sys.orig_argv): os._exit(3)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "VERTICORE_HOME": str(served.settings.home)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert said.returncode == 1
    assert json.loads(said.stdout.splitlines()[-1])["error"]["code"] == "server.worker-died"


def test_workers_say_what_they_lack(served):
    command = [sys.executable, "-m", "platform_core.cli", "serve", "--port", "0", "--workers", "2", "--json"]
    environment = os.environ | {"VERTICORE_HOME": str(served.settings.home), "VERTICORE_PINNED_MODELS": "mews"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert said.returncode == 1
    assert "there is no model 'mews'" in said.stderr
