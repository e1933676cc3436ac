"""Finding plugins and reading their manifests."""

import pytest

from platform_core.plugin_host.discovery import discover, read_manifest
from platform_core.sdk import PluginError
from platform_core.testkit import FakePlugin


def found(name):
    return next(plugin for plugin in discover() if plugin.name == name)


def test_a_plugin_is_described_by_its_distribution_and_its_manifest(site):
    folder = FakePlugin(name="acme", version="2.0", manifest={"title": "Acme Corp"}).install(site)

    plugin = found("acme")

    assert plugin.status == "discovered"
    assert (plugin.distribution, plugin.version, plugin.package) == ("verticore-acme", "2.0", "verticore_acme")
    assert plugin.manifest.title == "Acme Corp"
    assert plugin.offered_ids == ("acme.words",)
    assert plugin.folder == folder


def test_a_distribution_that_is_there_twice_counts_once(site):
    FakePlugin(name="acme", version="2.0").install(site)
    FakePlugin(name="acme", version="1.0").install(site)

    assert len([plugin for plugin in discover() if plugin.name == "acme"]) == 1


def test_a_broken_distribution_of_others_hides_nobody(site, caplog):
    FakePlugin(name="acme").install(site)
    broken = site / "broken-1.0.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Name: broken\nVersion: 1.0\n")
    (broken / "entry_points.txt").write_bytes(b"[verticore.plugins]\n\xff\xfe = \xff")

    assert found("acme").status == "discovered"
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"name = ", "not TOML"),
        (b"\xff\xfe", "not TOML"),
        (b"", "name: the value is missing; version: the value is missing; sdk: the value is missing"),
        (b"nam = 'x'", "nam: there is no such field"),
    ],
)
def test_a_bad_manifest_says_which_file_and_key(tmp_path, content, complaint):
    file = tmp_path / "plugin.toml"
    file.write_bytes(content)

    with pytest.raises(PluginError) as caught:
        read_manifest(file)

    assert complaint in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_package_without_a_manifest_fails(site):
    (FakePlugin(name="acme").install(site) / "plugin.toml").unlink()

    plugin = found("acme")

    assert plugin.status == "failed"
    assert "the package has no plugin.toml" in plugin.reason
    assert "package data" in plugin.reason
