"""What all parts of the suite share: the flags of a plugin, and the plugin itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from platform_core.plugin_host import PluginHost, PluginInfo
from platform_core.sdk import Method, Operation, PluginError, Solution, Source
from platform_core.testkit.conformance.samples import write_sample


class Kit:
    """Fixtures and flags; see :class:`~platform_core.testkit.PluginConformance`."""

    plugin: ClassVar[str]
    fit_method: ClassVar[Method] = "head"
    fit_settings: ClassVar[Mapping[str, Any]] = {}
    fit_seconds: ClassVar[float] = 20.0
    beats_guessing: ClassVar[bool] = True
    import_seconds: ClassVar[float] = 2.0
    tolerance: ClassVar[float] = 1e-4
    overrides: ClassVar[Mapping[str, str]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that asks for a solution once per solution in the manifest."""
        if "solution_id" in metafunc.fixturenames:
            plugin = PluginHost(None, "local").plugin(self.plugin)
            if plugin.manifest is None:
                raise PluginError(f"the plugin {plugin.name!r} has no readable manifest: {plugin.reason}")
            metafunc.parametrize("solution_id", [s.id for s in plugin.manifest.solutions], scope="class")

    @pytest.fixture(scope="class")
    @classmethod
    def host(cls) -> PluginHost:
        """A host with every installed plugin."""
        return PluginHost(None, "local")

    @pytest.fixture(scope="class")
    @classmethod
    def info(cls, host: PluginHost) -> PluginInfo:
        """The plugin under test, activated."""
        return host.activate(cls.plugin)

    @pytest.fixture(scope="class")
    @classmethod
    def solution(cls, host: PluginHost, solution_id: str) -> Solution:
        """The solution under test."""
        return host.solution(solution_id)

    @pytest.fixture(scope="class")
    @classmethod
    def sample(cls, solution: Solution, tmp_path_factory: pytest.TempPathFactory) -> Source:
        """The sample data of the solution, written to disk."""
        return write_sample(solution, tmp_path_factory.mktemp("sample"))

    @pytest.fixture(scope="class")
    @classmethod
    def operations(cls, host: PluginHost, info: PluginInfo) -> list[Operation[Any, Any]]:
        """The operations of the plugin; none where it offers none."""
        assert info.manifest is not None
        return [host.operation(entry.id) for entry in info.manifest.operations]
