"""``verticore plugins new``."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from platform_core import templating
from platform_core.plugin_host.discovery import read_manifest
from platform_core.plugin_host.scaffold import render
from platform_core.sdk import Conflict, UsageError


def test_every_template_becomes_a_file_without_placeholders(tmp_path):
    files = render("acme_desk", tmp_path / "new")

    assert files == sorted(file for file in (tmp_path / "new").rglob("*") if file.is_file())
    assert tmp_path / "new/src/verticore_acme_desk/tickets/solution.py" in files
    for file in files:
        text = file.read_text()
        assert not [mark for mark in ("{{", "{%", "NAME") if mark in text.replace("NAME_OR_PATH", "")], file
        assert ".j2" not in file.name


def test_the_manifest_names_the_plugin(tmp_path):
    render("acme_desk", tmp_path / "new")

    manifest = read_manifest(tmp_path / "new/src/verticore_acme_desk/plugin.toml")

    assert manifest.name == "acme_desk"
    assert 'name = "verticore-acme-desk"' in (tmp_path / "new/pyproject.toml").read_text()


@pytest.mark.parametrize("name", ["xy", "a" * 40])
def test_the_written_plugin_passes_the_check_and_the_linter(host, tmp_path, name):
    render(name, tmp_path / "new")
    config = Path(__file__).parents[3] / "pyproject.toml"
    ruff = [sys.executable, "-m", "ruff"]

    assert host.check(str(tmp_path / "new")) == []
    subprocess.run([*ruff, "check", "--config", config, tmp_path / "new"], check=True)
    subprocess.run([*ruff, "format", "--check", "--config", config, tmp_path / "new"], check=True)


@pytest.mark.parametrize("name", ["A", "a", "9lives", "with-dash", "with space", "../up", "a" * 41, ""])
def test_names_that_cannot_be_plugins(tmp_path, name):
    with pytest.raises(UsageError, match="small letters"):
        render(name, tmp_path / "new")

    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "mine.txt").write_text("precious")

    with pytest.raises(Conflict, match="taken"):
        render("acme", tmp_path)
    with pytest.raises(Conflict, match="taken"):
        render("acme", tmp_path / "mine.txt")

    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_written_is_bad_input(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="cannot be written"):
        render("acme", tmp_path / "file" / "below")


def test_an_installed_wheel_brings_its_templates(tmp_path, monkeypatch):
    package = tmp_path / "platform_core"
    shutil.copytree(templating.templates_root(), package / "_templates")
    monkeypatch.setattr(templating, "_PACKAGE", package)

    assert templating.templates_root() == package / "_templates"
    assert render("acme", tmp_path / "new")
