"""What plugin authors test with; needs ``pip install verticore[testkit]``.

The whole test file of a plugin that keeps its promises::

    # tests/test_conformance.py
    from platform_core.testkit import PluginConformance

    class TestConformance(PluginConformance):
        plugin = "acme"

:class:`FakeContext` is for tests of operations: it answers like models, of which none was trained.
:class:`FakePlugin` and :func:`fake_site` are for tests of programs that host plugins.
"""

from platform_core.testkit.conformance import PluginConformance
from platform_core.testkit.fake_context import FakeContext
from platform_core.testkit.fakes import FakePlugin, fake_site

__all__ = ["FakeContext", "FakePlugin", "PluginConformance", "fake_site"]
