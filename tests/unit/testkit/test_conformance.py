"""The kit watches itself."""

import pytest

from platform_core.plugin_host import PluginHost
from platform_core.testkit import FakePlugin, PluginConformance, fake_site
from platform_core.testkit.import_cost import measure_import_cost


@pytest.fixture
def site(tmp_path):
    with fake_site(tmp_path / "site") as folder:
        yield folder


class Faithful(PluginConformance):
    plugin = "acme"


class Silent(PluginConformance):
    plugin = "acme"

    def test_the_fit_ends_in_time(self):
        pass


class Switched(PluginConformance):
    plugin = "acme"
    test_activation_is_light = None


class Reasoned(Silent):
    overrides = {"test_the_fit_ends_in_time": "the sample of this plugin is larger than memory"}


class Stale(PluginConformance):
    overrides = {"test_the_fit_ends_in_time": "no longer replaced"}


@pytest.mark.parametrize("kit", [Faithful, Reasoned])
def test_what_is_inherited_or_replaced_with_a_reason_passes(kit):
    kit().test_no_conformance_test_is_silently_overridden()


@pytest.mark.parametrize(
    ("kit", "named"),
    [
        (Silent, "test_the_fit_ends_in_time"),
        (Switched, "test_activation_is_light"),
        (Stale, "named in `overrides` but not replaced: test_the_fit_ends_in_time"),
    ],
)
def test_a_silent_override_fails(kit, named):
    with pytest.raises(AssertionError, match=named):
        kit().test_no_conformance_test_is_silently_overridden()


def test_every_conformance_test_says_what_it_demands():
    tests = {name: getattr(PluginConformance, name) for name in dir(PluginConformance) if name.startswith("test_")}

    assert len(tests) >= 20
    assert not [name for name, test in tests.items() if not test.__doc__]


def test_no_part_of_the_suite_hides_what_another_has():
    names = [name for part in PluginConformance.__mro__[:-1] for name in vars(part) if not name.startswith("__")]
    assert len(names) == len(set(names))


def test_import_cost_sees_a_plugin_that_imports_torch(site):
    FakePlugin(name="light").install(site)
    words = FakePlugin(name="heavy").install(site) / "words.py"
    words.write_text("import torch\n" + words.read_text())

    light, heavy = measure_import_cost("light"), measure_import_cost("heavy")

    assert (light.status, light.listed, light.heavy) == ("active", [], [])
    assert heavy.heavy == ["torch"]
    assert heavy.seconds > light.seconds


def test_import_cost_survives_a_plugin_that_fails(site):
    FakePlugin(name="bad", files={"words.py": "import sys; sys.exit(7)"}).install(site)

    cost = measure_import_cost("bad")

    assert cost.status == "failed"
    assert "sys.exit(7)" in cost.reason


def test_the_fake_plugin_is_sound(site):
    FakePlugin(name="acme").install(site)

    assert PluginHost(None, "local").activate("acme").status == "active"
