"""Documents say what the code does."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from platform_core.cli.registry import click_command
from platform_core.platform import Platform
from platform_core.sdk import Adapter, ColumnMapping, Manifest, Source
from platform_core.testkit import FakeContext, FakePlugin, fake_site
from platform_core.testkit.operation_checks import check_bad_input, check_run, check_schemas

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(p for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/*/README.md")])
PLUGIN_PAGE = ROOT / "docs" / "how-to" / "write-a-plugin.md"
OPERATIONS_PAGE = ROOT / "docs" / "how-to" / "operations.md"


def test_the_reference_is_what_the_code_says():
    process = subprocess.run(
        [sys.executable, "scripts/generate_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_documents_exist_with_their_options(page):
    root = click_command()
    for line in re.findall(r"^(?:\$ )?verticore (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
        words = line.split("#")[0].split()
        command = root
        while words and hasattr(command, "commands") and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        assert not hasattr(command, "commands") or not words or "|" in line, line
        known = {word for parameter in command.params for word in parameter.opts} | {"--help"}
        assert {w for w in words if w.startswith("--")} <= known, line


def plugin_files(page: Path = PLUGIN_PAGE) -> dict[str, str]:
    """Return the files that a how-to shows in full."""
    text = page.read_text(encoding="utf-8")
    return dict(re.findall(r"^\*\*`([^`]+)`[^*]*\*\*\n\n```\w*\n(.*?)```$", text, re.MULTILINE | re.DOTALL))


def test_the_plugin_of_the_how_to_is_complete():
    files = plugin_files()
    manifest = Manifest.model_validate(tomllib.loads(files["src/verticore_desk/plugin.toml"]))
    project = tomllib.loads(files["pyproject.toml"])["project"]
    assert project["entry-points"]["verticore.plugins"] == {manifest.name: "verticore_desk"}
    assert project["version"] == manifest.version
    for name in (manifest.hooks, manifest.solutions[0].object.partition(":")[0]):
        assert f"src/{name.replace('.', '/')}.py" in files


def test_the_adapter_of_the_how_to_reads_its_format(tmp_path):
    room = {}
    exec(plugin_files()["src/verticore_desk/urgency/adapter.py"], room)
    file = tmp_path / "a.desk"
    file.write_text("urgent: Nobody can pay.\nno colon\n: No label.\n", encoding="utf-8")
    adapter, source = room["DeskAdapter"](), Source(tmp_path, (file,))
    first, second, third = adapter.read(source, ColumnMapping({"text": "text", "label": "label"}))
    assert isinstance(adapter, Adapter)
    assert adapter.probe(source).reason == "1 of 1 files end in .desk"
    assert first.values == {"text": "Nobody can pay.", "label": "urgent"}
    assert second.message == "the line has no colon"
    assert third.values == {"text": "No label.", "label": ""}


def test_the_plugin_of_the_how_to_is_found_good(tmp_path):
    folder = tmp_path / "verticore-desk"
    for name, text in plugin_files().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    process = subprocess.run(
        [sys.executable, "-m", "platform_core.cli", "plugins", "check", str(folder)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_the_readme_opens_with_the_two_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.index("make demo") < text.index("make test") < text.index("Five minutes")


def test_the_operation_of_the_how_to_passes_the_kit(tmp_path):
    added = plugin_files(OPERATIONS_PAGE)
    files = {name.removeprefix("src/verticore_desk/"): text for name, text in (plugin_files() | added).items()}
    files["plugin.toml"] = plugin_files()["src/verticore_desk/plugin.toml"] + added["plugin.toml"]
    with fake_site(tmp_path / "site") as site, Platform.open(tmp_path / "home") as platform:
        FakePlugin(name="desk", version="0.1.0", files=files).install(site)
        operation = platform.plugins.operation("desk.digest")
        context = FakeContext(platform)
        check_schemas(operation)
        check_run(operation, context)
        check_bad_input(operation, context)
