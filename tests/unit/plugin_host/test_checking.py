"""``verticore plugins check``."""

import sys

import pytest

from platform_core.testkit import FakePlugin

PROJECT = '[project]\nname = "verticore-acme"\nversion = "1.0"\n[project.entry-points."verticore.plugins"]\n'


@pytest.fixture
def tree(tmp_path):
    """Return the source tree of a plugin that is not installed."""
    root = tmp_path / "verticore-acme"
    FakePlugin(name="acme").write_package(root / "src" / "verticore_acme")
    (root / "pyproject.toml").write_text(PROJECT + 'acme = "verticore_acme"\n')
    return root


def messages(findings):
    return [f"{finding.level}: {finding.message}" for finding in findings]


def test_a_sound_plugin_has_no_findings(site, host, tree):
    FakePlugin(name="other").install(site)

    assert host.check("other") == []
    assert host.check(str(tree)) == []
    assert host.check(str(tree / "src" / "verticore_acme")) != [], "a package folder has no pyproject"


def test_checking_a_tree_leaves_nothing_behind(site, host, tree):
    before = list(sys.path)

    host.check(str(tree))

    assert sys.path == before
    assert not [name for name in sys.modules if name.startswith("verticore_acme")]


def test_the_tree_is_checked_and_not_the_installed_version_of_it(site, host, tree):
    FakePlugin(name="acme").install(site)
    installed = host.solution("acme.words")
    (tree / "src" / "verticore_acme" / "words.py").write_text("raise ValueError('only here')")

    assert "only here" in messages(host.check(str(tree)))[0]
    assert host.solution("acme.words") is installed
    assert sys.modules["verticore_acme.words"].solution is installed


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"words.py": "import sys; sys.exit(2)"}, "error: its code called sys.exit(2)"),
        ({"words.py": "import nothing_like_it"}, "error: the module nothing_like_it is missing"),
        ({"plugin.toml": "x"}, "error: the manifest is not TOML"),
        ({"__init__.py": "import os\n"}, "warning: "),
    ],
)
def test_findings_say_what_is_wrong(host, tree, files, complaint):
    FakePlugin(name="acme", files=files).write_package(tree / "src" / "verticore_acme")

    findings = host.check(str(tree))

    assert messages(findings)[0].startswith(complaint)
    assert findings[0].hint


@pytest.mark.parametrize(
    ("code", "complaint"),
    [
        ("from platform_core.registry.service import Registry", "imports platform_core.registry.service, which may"),
        ("import platform_core.settings as s", "imports platform_core.settings, which may change"),
        ("from platform_core import storage", "imports platform_core.storage, which may change"),
        ("def f():\n    import verticore_other.words", "words_too.py:2 imports the plugin verticore_other.words"),
        ("from platform_core.sdk.heads import Head\nfrom platform_core import sdk\nimport json", ""),
        ("from . import words\nfrom verticore_acme import words", ""),
    ],
)
def test_imports_go_no_further_than_the_sdk(site, host, tree, code, complaint):
    FakePlugin(name="other").install(site)
    (tree / "src" / "verticore_acme" / "words_too.py").write_text(code)

    found = messages(host.check(str(tree)))

    assert len(found) == bool(complaint)
    assert all(complaint in message for message in found)


def test_bad_hooks_are_found(host, tree):
    code = "from platform_core.sdk import hookimpl\n@hookimpl\ndef run_finishd(event): pass\n"
    plugin = FakePlugin(name="acme", manifest={"hooks": "verticore_acme.plugin"}, files={"plugin.py": code})
    plugin.write_package(tree / "src" / "verticore_acme")

    assert "there is no hook run_finishd" in messages(host.check(str(tree)))[0]


def test_the_project_file_must_announce_the_plugin(host, tree):
    (tree / "pyproject.toml").write_text(PROJECT.replace("1.0", "1.1"))

    found = host.check(str(tree))

    assert [finding.level for finding in found] == ["error", "warning"]
    assert 'acme = "verticore_acme"' in found[0].hint
    assert "manifest says version 1.0" in found[1].message


def test_an_empty_folder_is_no_plugin(host, tmp_path):
    assert "there is no plugin.toml" in messages(host.check(str(tmp_path)))[0]


def test_an_installed_plugin_whose_versions_differ_gets_a_warning(site, host):
    FakePlugin(name="acme", version="1.1", manifest={"version": "1.0"}).install(site)

    assert messages(host.check("acme")) == ["warning: the manifest says version 1.0, verticore-acme is 1.1"]


def test_a_disabled_plugin_can_be_checked(site, host):
    FakePlugin(name="acme", manifest={"sdk": ">=9"}).install(site)
    host.disable("acme")

    assert "works with SDK >=9" in messages(host.check("acme"))[0]
