"""What plugin authors test with; needs ``pip install verticore[testkit]``.

The whole test file of a plugin that keeps its promises::

    # tests/test_conformance.py
    from platform_core.testkit import PluginConformance

    class TestConformance(PluginConformance):
        plugin = "acme"

:class:`FakePlugin` and :func:`fake_site` are for tests of programs that host plugins.
"""

from platform_core.testkit.conformance import PluginConformance
from platform_core.testkit.fakes import FakePlugin, fake_site

__all__ = ["FakePlugin", "PluginConformance", "fake_site"]
