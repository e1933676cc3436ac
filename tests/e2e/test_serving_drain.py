"""SIGTERM under load, with clients that keep their connections."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pytest
from worlds.serving import Load, serving, wait_until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("workers", [1, 2])
def test_sigterm_answers_all_that_was_asked_before(fleet, tmp_path, workers):
    home = fleet.copy(tmp_path)
    asked = {"steady": fleet.examples["steady:1"], "rows": fleet.examples["rows:1"]}
    with serving(home, fleet.environment, workers=workers) as server, Load(server.url, asked, clients=12) as load:
        wait_until(lambda: len(load.answers) > 100)
        told = time.monotonic()
        assert server.terminate() == 0
        ended = time.monotonic()
    # Who asks later finds nobody, or is answered.
    fleet.check([answer for answer in load.answers if answer.sent < told or answer.status])
    assert ended - told < 20


def test_a_worker_that_is_killed_takes_no_other_requests_with_it(fleet, tmp_path):
    home = fleet.copy(tmp_path)
    with serving(home, fleet.environment, workers=2) as server:
        crew = psutil.Process(server.process.pid)
        before = {child.pid for child in crew.children()}
        with Load(server.url, {"steady": fleet.examples["steady:1"]}, clients=8) as load:
            wait_until(lambda: len(load.answers) > 100)
            os.kill(min(before), signal.SIGKILL)
            wait_until(lambda: len({child.pid for child in crew.children()} - before) == 1)
            seen = len(load.answers)
            wait_until(lambda: len(load.answers) > seen + 200)
        fleet.check([answer for answer in load.answers if answer.status])
        # Of each client at most what the dead one was asked, and the connection that waited for it.
        assert sum(answer.status == 0 for answer in load.answers) <= 16
        assert server.terminate() == 0
