"""``init`` and ``doctor``."""

import json
import tomllib

from platform_core.cli.entry import run
from platform_core.cli.settings_file import settings_text
from platform_core.settings import Settings


def test_init_makes_the_workspace_once_and_keeps_a_changed_file(home, capsys):
    assert run(["init", "--home", str(home), "--json"]) == 0
    file = home / "verticore.toml"
    assert json.loads(capsys.readouterr().out)["written"] is True
    assert (home / "verticore.db").is_file()
    file.write_text("port = 9000\n")
    assert run(["init", "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] is False
    assert file.read_text() == "port = 9000\n"


def test_every_line_of_the_settings_file_is_valid_when_uncommented():
    lines = [line.removeprefix("# ") for line in settings_text().splitlines() if " = " in line and '"…"' not in line]
    values = tomllib.loads("\n".join(lines))
    assert Settings(**values).port == Settings().port
    assert {name for name in Settings.model_fields if f"# {name} = " not in settings_text()} == {"home"}


def test_doctor_looks_at_everything_and_creates_nothing(home, capsys):
    assert run(["doctor", "--home", str(home), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"], report
    names = {check["name"] for check in report["checks"]}
    assert names == {"settings", "python", "torch", "encoder", "disk", "database", "storage", "trackers", "plugin"}
    assert not home.exists()


def test_doctor_names_a_wrong_setting_once_and_can_fail(home, capsys, monkeypatch):
    monkeypatch.setenv("VERTICORE_PORT", "abc")
    assert run(["doctor", "--home", str(home), "--strict", "--json"]) == 1
    bad = [check for check in json.loads(capsys.readouterr().out)["checks"] if not check["ok"]]
    assert [check["name"] for check in bad] == ["settings"]
    assert "port" in bad[0]["message"]
