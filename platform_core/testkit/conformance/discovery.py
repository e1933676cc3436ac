"""The plugin as a whole: found, described, activated."""

from __future__ import annotations

from typing import Any

import pytest

from platform_core.plugin_host import PluginHost, PluginInfo
from platform_core.sdk import Operation, Solution
from platform_core.testkit.conformance.base import Kit
from platform_core.testkit.import_cost import ImportCost, measure_import_cost


class DiscoveryTests(Kit):
    """What people see of a plugin before they use it is true, and costs little."""

    @pytest.fixture(scope="class")
    @classmethod
    def import_cost(cls) -> ImportCost:
        """What it costs to list and to activate the plugin."""
        return measure_import_cost(cls.plugin)

    def test_the_check_finds_no_error(self, host: PluginHost) -> None:
        """``verticore plugins check`` is content."""
        findings = host.check(self.plugin)
        assert not [finding.message for finding in findings if finding.level == "error"]

    def test_the_plugin_becomes_active(self, info: PluginInfo) -> None:
        """The manifest, the SDK range, every named object and every hook are sound."""
        assert info.status == "active", info.reason

    def test_the_manifest_has_the_version_of_the_distribution(self, info: PluginInfo) -> None:
        """Model versions record the plugin's version; it must be the one that pip shows."""
        assert info.manifest is not None
        assert info.manifest.version == info.version

    def test_the_manifest_has_the_titles_of_the_code(self, info: PluginInfo, solution: Solution) -> None:
        """Lists read the manifest, cards read the solution; both must call it the same."""
        assert info.manifest is not None
        titles = {entry.id: entry.title for entry in info.manifest.solutions}
        assert titles[solution.id] == solution.title

    def test_the_manifest_has_the_titles_of_the_operations(
        self, info: PluginInfo, operations: list[Operation[Any, Any]]
    ) -> None:
        """Lists read the manifest; people also want to know what it is for."""
        assert info.manifest is not None
        titles = {entry.id: entry.title for entry in info.manifest.operations}
        for operation in operations:
            assert titles[operation.id] == operation.title
            assert operation.summary.strip(), operation.id

    def test_listing_imports_nothing_of_the_plugin(self, import_cost: ImportCost) -> None:
        """``verticore plugins list`` reads manifests only."""
        assert import_cost.listed == []

    def test_activation_is_light(self, import_cost: ImportCost) -> None:
        """Solutions name their heads by string; importing torch is left to those who train or predict."""
        assert import_cost.status == "active", import_cost.reason
        assert import_cost.heavy == [], "import these inside the functions that need them"
        assert import_cost.seconds <= self.import_seconds

    def test_the_model_card_can_be_written(self, solution: Solution) -> None:
        """A card without purpose and limits is no card."""
        assert solution.title.strip()
        assert solution.notes.intended_use.strip()
        assert [limit for limit in solution.notes.limits if limit.strip()], "every model has limits; name one"
