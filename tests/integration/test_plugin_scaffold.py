"""What ``verticore plugins new`` writes is built, installed, tested, trained and served without an edit."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from platform_core.plugin_host.scaffold import render

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installed:
    """A rendered plugin that was installed from its wheel, and the environment that finds it."""

    source: Path
    home: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=self.home.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
        return done

    def verticore(self, *arguments: str) -> dict:
        done = self.run("platform_core.cli", *arguments, "--home", str(self.home), "--json")
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def plugin(tmp_path_factory) -> Installed:
    root = tmp_path_factory.mktemp("outside")
    source = root / "verticore-acme-desk"
    render("acme_desk", source)
    python = [sys.executable, "-m"]
    build = [*python, "build", "--wheel", "--no-isolation", "--outdir", str(root / "dist"), str(source)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (root / "dist").glob("*.whl")
    install = [*python, "pip", "install", "--quiet", "--no-deps", "--target", str(root / "site"), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    environment = {**os.environ, "PYTHONPATH": str(root / "site")}
    return Installed(source=source, home=root / "home", environment=environment)


def test_the_wheel_holds_the_manifest_under_its_version(plugin):
    listed = {entry["name"]: entry for entry in plugin.verticore("plugins", "list")["plugins"]}

    assert listed["acme_desk"]["status"] == "verified"
    assert listed["acme_desk"]["version"] == listed["acme_desk"]["manifest"]["version"] == "0.1.0"


def test_the_check_is_content_with_the_sources_and_with_the_installed_plugin(plugin):
    assert plugin.verticore("plugins", "check", "acme_desk")["findings"] == []
    assert plugin.verticore("plugins", "check", str(plugin.source))["findings"] == []


def test_its_tests_pass(plugin):
    options = ["-W", "error", "-p", "no:cacheprovider", "--rootdir", str(plugin.source), "-c", os.devnull]

    done = plugin.run("pytest", "-q", *options, str(plugin.source / "tests"))

    assert re.search(r"\d\d passed", done.stdout)
    assert "skipped" not in done.stdout


def test_it_trains_and_serves_as_its_readme_says(plugin):
    sample = plugin.home.parent / "sample"
    plugin.verticore("data", "sample", "acme_desk.tickets", "--output", str(sample))
    trained = plugin.verticore(
        "train", "acme_desk.tickets", "--data", str(sample), "--method", "head", "--promote", "champion"
    )
    assert trained["metrics"]["macro_f1"] > 0.6

    offline = plugin.verticore("predict", "acme_desk.tickets@champion", "--text", "I was charged twice this month.")
    assert offline["predictions"][0]["label"] == "billing"

    served = _ask_server(plugin, {"examples": [{"text": "I was charged twice this month."}]})
    assert served["predictions"][0]["label"] == "billing"
    assert served["predictions"][0]["scores"] == pytest.approx(offline["predictions"][0]["scores"], abs=1e-3)


def _ask_server(plugin: Installed, body: dict) -> dict:
    command = [sys.executable, "-m", "platform_core.cli", "serve", "--port", "0", "--home", str(plugin.home), "--json"]
    with subprocess.Popen(command, env=plugin.environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = json.loads(server.stdout.readline())["endpoint"]
            answer = httpx.post(f"{address}/api/v1/models/acme_desk.tickets/predict", json=body, timeout=60)
            assert answer.status_code == 200, answer.text
            return answer.json()
        finally:
            server.terminate()
            server.wait(30)
