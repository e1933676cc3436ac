"""The suite that every plugin passes, ours and partners'."""

from __future__ import annotations

from platform_core.testkit.conformance.data import DataTests
from platform_core.testkit.conformance.discovery import DiscoveryTests
from platform_core.testkit.conformance.learning import LearningTests
from platform_core.testkit.conformance.operations import OperationTests


class PluginConformance(DiscoveryTests, DataTests, LearningTests, OperationTests):
    """Subclass it, name the plugin, and pytest does the rest: for every solution and operation of the plugin.

    Flags say what a plugin cannot do, or needs; no test is skipped silently. A test that must differ is written
    anew in the subclass *and* named in ``overrides`` with the reason.

    Attributes:
        plugin: name of the installed plugin.
        fit_method: the method that is fitted to the sample data.
        fit_settings: recipe values to change for that, e.g. ``{"epochs": 2}``.
        fit_seconds: how long the steps of the fit may take, on two cores; loading the encoder does not count.
        beats_guessing: whether the fit must do better than guessing on held-out sample data.
        import_seconds: how long activating the plugin may take.
        tolerance: how far scores may be apart that should be the same.
        overrides: test → why the plugin replaces it.
    """

    def test_no_conformance_test_is_silently_overridden(self) -> None:
        """A test that a subclass replaces is named in ``overrides``, with the reason."""
        tests = [name for name in dir(PluginConformance) if name.startswith("test_")]
        replaced = {name for name in tests if getattr(type(self), name) is not getattr(PluginConformance, name)}
        silent = sorted(name for name in replaced if not self.overrides.get(name))
        assert not silent, f"replaced without a reason in `overrides`: {', '.join(silent)}"
        stale = sorted(set(self.overrides) - replaced)
        assert not stale, f"named in `overrides` but not replaced: {', '.join(stale)}"
