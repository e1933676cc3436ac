"""The host: states, look-ups, switching, strict mode."""

import sqlite3
import subprocess
import sys
import threading

import pytest

from platform_core.db.engine import Database
from platform_core.plugin_host import PluginHost
from platform_core.sdk import NotFound, PluginError
from platform_core.testkit import FakePlugin

BROKEN = {"words.py": "raise RuntimeError('boom')"}


@pytest.fixture
def database(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/home/verticore.db")
    yield database
    database.close()


def test_the_first_use_of_a_solution_activates_its_plugin(site, host):
    FakePlugin(name="acme").install(site)
    assert host.plugin("acme").status == "verified"

    assert host.solution("acme.words").id == "acme.words"

    assert host.plugin("acme").status == "active"


def test_offered_solutions_come_from_usable_plugins_only(site, host):
    for name in ("acme", "other", "broken"):
        FakePlugin(name=name, manifest={"sdk": ">=9"} if name == "broken" else {}).install(site)
    host.disable("other")

    entries = {entry.id: entry for entry in host.solution_entries()}

    assert "acme.words" in entries
    assert entries["acme.words"].to_dict() == {"id": "acme.words", "title": "Words", "summary": "", "plugin": "acme"}
    assert not {"other.words", "broken.words"} & set(entries)


@pytest.mark.parametrize("identity", ["acme.wrods", "acm.words"])
def test_an_unknown_solution_suggests_the_nearest(site, host, identity):
    FakePlugin(name="acme").install(site)

    with pytest.raises(NotFound, match=r"did you mean 'acme\.words'"):
        host.solution(identity)

    assert host.plugin("acme").status == "verified", "nothing was imported for a misspelt id"


def test_an_unknown_plugin_suggests_the_nearest(site, host):
    FakePlugin(name="acme").install(site)

    for ask in (host.plugin, host.activate, host.enable, host.disable, host.check):
        with pytest.raises(NotFound, match="did you mean 'acme'"):
            ask("acne")


def test_operations_are_found_like_solutions(site, host):
    code = (
        "from platform_core.sdk import Example, Operation\n"
        "scan = Operation(id='acme.scan', title='Scan', summary='', input=Example,\n"
        "    output=Example, run=lambda c, i: i, sample=dict)\n"
    )
    entry = {"id": "acme.scan", "object": "verticore_acme.scan:scan", "title": "Scan"}
    FakePlugin(name="acme", manifest={"operations": [entry]}, files={"scan.py": code}).install(site)

    assert host.operation("acme.scan").title == "Scan"
    with pytest.raises(NotFound, match=r"did you mean 'acme\.scan'"):
        host.operation("acme.skan")
    with pytest.raises(NotFound, match="is an operation, not a solution"):
        host.solution("acme.scan")


def test_a_plugin_that_failed_is_not_tried_at_every_call(site, host):
    code = (
        "import pathlib\nwith pathlib.Path(__file__).with_name('tries').open('a') as f: f.write('x')\nraise ValueError"
    )
    folder = FakePlugin(name="acme", files={"words.py": code}).install(site)

    for _ in range(3):
        with pytest.raises(PluginError):
            host.solution("acme.words")

    assert (folder / "tries").read_text() == "x"


def test_disabling_takes_an_active_plugin_back_at_once(site, host):
    FakePlugin(name="acme").install(site)
    host.activate("acme")

    assert host.disable("acme", "not needed").status == "disabled"

    with pytest.raises(PluginError, match="not needed"):
        host.solution("acme.words")
    assert host.enable("acme").status == "verified"
    assert host.solution("acme.words").id == "acme.words"


def test_listing_leaves_no_database_behind(site, database):
    FakePlugin(name="acme").install(site)

    assert PluginHost(database, "local").plugin("acme").status == "verified"

    assert not database.file.exists()


def test_switches_are_kept_per_tenant(site, database):
    FakePlugin(name="acme").install(site)
    PluginHost(database, "one").disable("acme", "first")
    PluginHost(database, "one").disable("acme", "second")

    assert PluginHost(database, "one").plugin("acme").reason == "second"
    assert PluginHost(database, "two").plugin("acme").status == "verified"
    with sqlite3.connect(database.file) as connection:
        assert connection.execute("SELECT tenant, name, enabled FROM plugin_state").fetchall() == [("one", "acme", 0)]
    connection.close()


def test_listing_with_a_database_imports_no_database_library(site, database):
    FakePlugin(name="acme").install(site)
    PluginHost(database, "local").disable("acme")
    code = (
        "import sys\nfrom platform_core.db.engine import Database\nfrom platform_core.plugin_host import PluginHost\n"
        f"host = PluginHost(Database({database.url!r}), 'local')\n"
        "assert host.plugin('acme').status == 'disabled'\n"
        "print([m for m in ('sqlmodel', 'sqlalchemy', 'alembic', 'torch', 'polars', 'jinja2') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(site)}
    )

    assert done.stdout.strip() == "[]"


def test_strict_mode_raises_what_would_be_a_status(site):
    FakePlugin(name="bad", manifest={"sdk": ">=9"}).install(site)
    strict = PluginHost(None, "local", strict=True)

    with pytest.raises(PluginError, match="works with SDK >=9"):
        strict.plugins()
    with pytest.raises(PluginError, match="works with SDK >=9"):
        strict.activate_all()
    strict.disable("bad")
    assert "disabled" in {plugin.status for plugin in strict.plugins()}


def test_threads_share_one_activation(site, host):
    code = FakePlugin(name="acme").install(site) / "words.py"
    code.write_text("import time; time.sleep(0.2)\n" + code.read_text())
    found = []
    threads = [threading.Thread(target=lambda: found.append(host.solution("acme.words"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len({id(solution) for solution in found}) == 1


def test_the_state_of_a_plugin_is_json(site, host):
    FakePlugin(name="acme", files=BROKEN).install(site)

    told = host.activate("acme").to_dict()

    assert told["status"] == "failed"
    assert "RuntimeError: boom" in told["reason"]
    assert told["manifest"]["solutions"][0]["id"] == "acme.words"
