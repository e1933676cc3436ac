"""What users install: wheels in a clean environment, outside the checkout, from data to an answer over HTTP.

The environment borrows the third-party packages of the one that runs the tests, so that it is made in seconds and
offline; Verticore, the plugins and what they ship come from the wheels.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to" / "write-a-plugin.md"

pytestmark = pytest.mark.slow


class Installed:
    """The environment with the wheels, and a folder to work in."""

    def __init__(self, environment: Path, work: Path) -> None:
        self.bin = environment / "bin"
        self.work = work

    def run(self, *words: str) -> str:
        """Run a program of the environment in the work folder; return its stdout."""
        process = self.start(*words)
        output, errors = process.communicate(timeout=240)
        assert process.returncode == 0, f"{words}\n{output}\n{errors}"
        return output

    def verticore(self, *words: str) -> dict[str, Any]:
        """Run a command with ``--json``; return its result."""
        result: dict[str, Any] = json.loads(self.run("verticore", *words, "--json").splitlines()[-1])
        return result

    def start(self, *words: str) -> subprocess.Popen[str]:
        clean = {name: os.environ[name] for name in ("PATH", "HOME", "OMP_NUM_THREADS", "LANG") if name in os.environ}
        command = [str(self.bin / words[0]), *words[1:]]
        return subprocess.Popen(
            command, cwd=self.work, env=clean, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin of the how-to, exactly as the page has it."""
    folder = tmp_path_factory.mktemp("how-to") / "verticore-desk"
    blocks = re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w*\n(.*?)```$", HOW_TO.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    for name, text in blocks:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, desk: Path) -> Installed:
    """All wheels of the project and of the how-to's plugin, installed."""
    wheels = tmp_path_factory.mktemp("wheels")
    run_here("scripts/wheels.py", "--output", str(wheels))
    run_here("-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(desk))
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=True)
    site = next(environment.glob("lib/python*/site-packages"))
    pip = [str(environment / "bin" / "pip"), "install", "--no-index", "--no-deps", "--quiet"]
    subprocess.run([*pip, *map(str, sorted(wheels.glob("*.whl")))], check=True)
    # Only its folder is borrowed: the editable installations in it work by .pth files, which are not followed.
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(environment, tmp_path_factory.mktemp("work"))


def run_here(*words: str) -> None:
    process = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr


def test_the_code_comes_from_the_wheels(installed):
    places = installed.run(
        "python", "-c", "import platform_core, verticore_finance as f; print(platform_core.__file__, f.__file__)"
    )
    assert places.count(str(installed.bin.parent)) == 2
    assert str(ROOT / "platform_core") not in places


def test_the_wheel_of_the_core_holds_no_tests_and_all_templates(installed):
    site = next(installed.bin.parent.glob("lib/python*/site-packages"))
    templates = {file.relative_to(ROOT / "templates") for file in (ROOT / "templates").rglob("*") if file.is_file()}
    packed = {
        file.relative_to(site / "platform_core/_templates")
        for file in (site / "platform_core/_templates").rglob("*.j2")
    }
    assert {file for file in templates if file.suffix == ".j2"} == packed
    assert not (site / "tests").exists()


def test_all_plugins_are_found(installed):
    plugins = {plugin["name"]: plugin["status"] for plugin in installed.verticore("plugins", "list")["plugins"]}
    assert plugins == {"desk": "verified", "finance": "verified", "medical": "verified"}


def test_from_data_to_an_answer_over_http(installed):
    installed.verticore("data", "sample", "finance.sentiment", "--output", "sample")
    trained = installed.verticore(
        "train",
        "finance.sentiment",
        "--data",
        "sample",
        "--method",
        "head",
        "--set",
        "epochs=3",
        "--promote",
        "champion",
    )
    assert (trained["model"], trained["version"], trained["aliases"]) == ("finance.sentiment", 1, ["champion"])
    assert 0 < trained["metrics"]["macro_f1"] <= 1
    example = {"text": "Profit rose by a third."}
    offline = installed.verticore("predict", "finance.sentiment@champion", "--text", example["text"])
    online = ask_server(installed, "finance.sentiment@champion", example)
    assert online["version"] == 1
    assert online["predictions"][0]["label"] == offline["predictions"][0]["label"]
    assert online["predictions"][0]["scores"] == pytest.approx(offline["predictions"][0]["scores"], abs=1e-5)


def ask_server(installed: Installed, model: str, example: dict[str, str]) -> dict[str, Any]:
    """Start the server, ask once, stop it by SIGTERM."""
    with installed.start("verticore", "serve", "--port", "0", "--json") as server:
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["endpoint"]
        request = urllib.request.Request(
            f"{url}/api/v1/models/{model}/predict",
            json.dumps({"examples": [example]}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    return answer


def test_the_plugin_of_the_how_to_trains_and_answers(installed):
    installed.verticore("data", "sample", "desk.urgency", "--output", "desk-sample")
    trained = installed.verticore(
        "train", "desk.urgency", "--data", "desk-sample", "--method", "head", "--promote", "live"
    )
    assert trained["metrics"]["macro_f1"] > 0.6
    (answer,) = installed.verticore("predict", "desk.urgency@live", "--text", "Payments fail for everyone.")[
        "predictions"
    ]
    assert set(answer["scores"]) == {"calm", "urgent"}


def test_a_new_plugin_is_written_from_the_packed_templates(installed):
    files = installed.verticore("plugins", "new", "acme")["files"]
    assert any(file.endswith("verticore_acme/plugin.toml") for file in files)
    assert installed.verticore("plugins", "check", "verticore-acme")["ok"]
