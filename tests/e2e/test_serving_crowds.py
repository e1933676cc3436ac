"""Clients that ask for nothing do not slow down those that do."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from worlds.serving import Load, serving

pytestmark = pytest.mark.slow

IDLE, SLOW = 1000, 50
FILES = 2 * (IDLE + SLOW)
ROUNDS, SECONDS = 4, 3.0
NOISE_SECONDS = 0.02
"""Of a 99th percentile, on machines that do other things as well."""


@contextmanager
def crowd(server) -> Iterator[None]:
    place = urlsplit(server.url)
    words = [sys.executable, "-m", "worlds.crowd", place.hostname, str(place.port), str(IDLE), str(SLOW)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(words, env=server.environment, text=True, **pipes) as process:
        assert process.stdout.readline() == "here\n"
        yield
        process.stdin.close()
        assert process.wait(60) == 0


def percentile_of(server, fleet) -> float:
    """Ask for a while, and return the 99th percentile of the seconds that answers took."""
    with Load(server.url, {"steady": fleet.examples["steady:1"]}, clients=4) as load:
        time.sleep(SECONDS)
    fleet.check(load.answers)
    return statistics.quantiles([answer.seconds for answer in load.answers], n=100)[98]


def test_a_thousand_idle_and_fifty_slow_clients_leave_others_their_speed(fleet, tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        pytest.skip(f"a process may open {hard} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    alone, beside = [], []
    with serving(fleet.copy(tmp_path), fleet.environment) as server:
        percentile_of(server, fleet)  # the model is loaded, all is warm
        for _ in range(ROUNDS):
            alone.append(percentile_of(server, fleet))
            with crowd(server):
                beside.append(percentile_of(server, fleet))
    before, after = statistics.median(alone), statistics.median(beside)
    print(f"p99 {1000 * before:.1f} ms alone, {1000 * after:.1f} ms beside {IDLE} idle and {SLOW} slow clients")
    assert after <= 2 * before + NOISE_SECONDS
