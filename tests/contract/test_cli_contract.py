"""What every command promises: options, examples, speed of the light ones, and no heavy library on their way."""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from platform_core.cli.registry import click_command

COMMANDS = {
    "": ("init", "doctor", "demo", "serve", "train", "tune", "evaluate", "gate", "export", "predict", "run"),
    "plugins": ("list", "show", "check", "new", "enable", "disable"),
    "solutions": ("list", "show"),
    "operations": ("list", "show"),
    "data": ("inspect", "import", "list", "show", "erase", "from-feedback", "sample"),
    "feedback": ("add", "list"),
    "monitor": ("history", "predictions"),
    "runs": ("list", "show", "metrics", "resume"),
    "deploy": ("start", "list", "show", "promote", "stop"),
    "models": ("list", "show", "promote", "rollback", "compare", "verify", "delete"),
}

NEVER_FOR_HELP = {
    "torch",
    "transformers",
    "pydantic",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "polars",
    "numpy",
    "fastapi",
}
NEVER_FOR_LISTS = NEVER_FOR_HELP - {"pydantic"}

HELP_SECONDS = 0.35
LIST_SECONDS = 0.8
SLACK = 2.0
"""Tests run beside each other on busy machines; the benchmark measures alone, without slack."""


def find_leaves() -> Iterator[tuple[str, Any]]:
    for name, command in click_command().commands.items():
        if hasattr(command, "commands"):
            for inner, leaf in command.commands.items():
                yield f"{name} {inner}", leaf
        else:
            yield name, command


LEAVES = list(find_leaves())


def run_and_list_modules(*words: str, cwd: Path) -> tuple[int, set[str]]:
    program = (
        "import sys; from platform_core.cli.entry import run\n"
        f"code = run({list(words)!r})\n"
        "print('\\n' + str(code) + ' ' + ' '.join(sorted(m for m in sys.modules if '.' not in m)))"
    )
    process = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=cwd)
    code, *modules = process.stdout.splitlines()[-1].split()
    return int(code), set(modules)


def test_the_commands_are_those_that_are_documented():
    documented = {f"{group} {name}".strip() for group, names in COMMANDS.items() for name in names}
    assert {name for name, _ in LEAVES} == documented


@pytest.mark.parametrize(("name", "command"), LEAVES, ids=[name for name, _ in LEAVES])
def test_every_command_has_json_home_debug_help_and_an_example(name, command):
    options = {word for parameter in command.params for word in parameter.opts}
    assert {"--json", "--home", "--debug"} <= options
    assert command.help
    assert f"$ verticore {name}" in command.epilog


@pytest.mark.parametrize(("name", "command"), LEAVES, ids=[name for name, _ in LEAVES])
def test_every_option_is_explained(name, command):
    for parameter in command.params:
        assert parameter.help, f"{name}: {parameter.name}"


def test_help_imports_no_heavy_library(tmp_path):
    code, modules = run_and_list_modules("--help", cwd=tmp_path)
    assert code == 0
    assert not modules & NEVER_FOR_HELP


@pytest.mark.parametrize("words", [("plugins", "list"), ("solutions", "list"), ("plugins", "list", "--json")])
def test_lists_import_no_heavy_library_and_create_no_workspace(words, tmp_path):
    code, modules = run_and_list_modules(*words, cwd=tmp_path)
    assert code == 0
    assert not modules & NEVER_FOR_LISTS
    assert list(tmp_path.iterdir()) == []


def processor_seconds(words: list[str], cwd: Path) -> float:
    """Return the least processor time that a command takes: other work on the machine hardly counts."""

    def once() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "platform_core.cli", *words], check=True, capture_output=True, cwd=cwd)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    return min(once() for _ in range(5))


def test_help_is_quick(tmp_path):
    assert processor_seconds(["--help"], tmp_path) <= HELP_SECONDS * SLACK


def test_fifty_plugins_are_listed_quickly(tmp_path, monkeypatch):
    site = tmp_path / "site"
    for number in range(50):
        write_installed_plugin(site, f"many{number:02d}")
    monkeypatch.setenv("PYTHONPATH", str(site))
    work = tmp_path / "work"
    work.mkdir()
    listed = subprocess.run(
        [sys.executable, "-m", "platform_core.cli", "plugins", "list", "--json"],
        check=True,
        capture_output=True,
        text=True,
        cwd=work,
    )
    plugins = json.loads(listed.stdout.splitlines()[-1])["plugins"]
    assert sum(plugin["name"].startswith("many") and plugin["status"] == "verified" for plugin in plugins) == 50
    assert processor_seconds(["plugins", "list"], work) <= LIST_SECONDS * SLACK


def write_installed_plugin(site: Path, name: str) -> None:
    """Write what pip would have installed."""
    package = site / f"verticore_{name}"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('listing must not import a plugin')\n")
    (package / "plugin.toml").write_text(
        f'name = "{name}"\nversion = "1.0"\nsdk = ">=0.1,<0.2"\ntitle = "One of many"\n[licences]\ncode = "MIT"\n'
        f'[[solutions]]\nid = "{name}.task"\nobject = "verticore_{name}.task:solution"\ntitle = "Task"\n'
    )
    info = site / f"verticore_{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: verticore-{name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[verticore.plugins]\n{name} = verticore_{name}\n")
