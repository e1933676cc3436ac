from platform_core.testkit import PluginConformance


class TestFinance(PluginConformance):
    plugin = "finance"
