"""``verticore demo --all``."""

import json

import pytest

from platform_core.cli.entry import run
from platform_core.platform import Platform
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import Interrupted
from platform_core.testkit import FakePlugin, fake_site

BROKEN_SAMPLE = "def write_sample(folder):\n    raise RuntimeError('no ink')\n\n\nsolution = Solution("


@pytest.fixture
def workspace(home, tmp_path):
    """A workspace in which nothing but the fake plugin is active."""
    with fake_site(tmp_path / "site") as site:
        FakePlugin(name="acme", operation=True).install(site)
        with Platform.open(home) as platform:
            for plugin in platform.plugins.plugins():
                if plugin.name != "acme":
                    platform.plugins.disable(plugin.name)
        yield home


every_entry = PluginHost.solution_entries


def only_acme(host):
    return [entry for entry in every_entry(host) if entry.id.startswith("acme.")]


def demo(capsys, *words):
    code = run(["demo", "--all", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_everything_runs_on_its_samples(workspace, capsys):
    code, out, err = demo(capsys, "--home", str(workspace), "--json")

    payload = json.loads(out.splitlines()[-1])
    assert code == 0, err
    assert payload["ok"]
    solution, operation = payload["stops"]
    assert (solution["id"], solution["rows"], solution["method"]) == ("acme.words", 80, "head")
    assert solution["interval"][0] <= solution["value"] <= solution["interval"][1]
    assert "explanation" in solution["predictions"][0]
    assert (operation["id"], operation["models"]) == ("acme.tally", {"acme.words@champion": "acme.words:1"})
    with Platform.open(workspace) as platform:
        assert platform.registry.resolve("acme.words@champion").number == 1


def test_what_fails_is_shown_and_the_rest_goes_on(home, tmp_path, capsys, monkeypatch):
    with fake_site(tmp_path / "site") as site:
        folder = FakePlugin(name="acme", operation=True).install(site)
        words = folder / "words.py"
        words.write_text(words.read_text().replace("solution = Solution(", BROKEN_SAMPLE))
        FakePlugin(name="gone", files={"words.py": "import unheard_of_library"}).install(site)
        with Platform.open(home) as platform:
            for name in ("finance", "medical"):
                platform.plugins.disable(name)
        code, out, _ = demo(capsys, "--home", str(home))

    shown = " ".join(out.split())
    assert code == 1
    assert "RuntimeError: no ink" in shown
    assert "gone" in shown
    assert "unheard_of_library" in shown
    assert "acme.tally" in shown
    assert "0 of 3 went well" in shown


def test_headings_say_what_runs(workspace, capsys):
    _, _, err = demo(capsys, "--home", str(workspace), "--json")

    headings = [line for line in err.splitlines() if line.startswith(("1/2", "2/2"))]
    assert [line.split()[1] for line in headings] == ["acme.words:", "acme.tally:"]
    assert max(map(len, err.splitlines())) <= 100


@pytest.mark.parametrize(
    ("named", "said"), [(True, "go on with: verticore runs resume run_1 --home"), (False, "begin")]
)
def test_a_stop_says_how_to_go_on(home, tmp_path, capsys, monkeypatch, named, said):
    def stopped(*_, **__):
        raise Interrupted("stopped", where="run_1", hint="go on with: verticore runs resume run_1")

    monkeypatch.delenv("VERTICORE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platform_core.cli.demo_table.train", stopped)
    with fake_site(tmp_path / "site") as site:
        FakePlugin(name="acme").install(site)
        monkeypatch.setattr("platform_core.plugin_host.host.PluginHost.solution_entries", only_acme)
        code, out, err = demo(capsys, *(["--home", str(home)] if named else []))

    assert code == 1
    assert said in err.splitlines()[-2 if "log:" in err else -1]
    assert ("runs resume" in err) == named, "a run of a workspace that is gone cannot be resumed"
    assert "0 of 0 went well" in out


def test_a_workspace_that_nobody_named_is_gone_afterwards(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("VERTICORE_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platform_core.plugin_host.host.discover", list)
    code, out, _ = demo(capsys, "--json")

    payload = json.loads(out.splitlines()[-1])
    assert (code, payload["workspace"], payload["stops"]) == (0, None, [])
    assert list(tmp_path.iterdir()) == []


def test_all_is_no_choice_of_one(capsys):
    code, _, err = demo(capsys, "--solution", "finance.sentiment")
    assert code == 2
    assert "--solution" in err
