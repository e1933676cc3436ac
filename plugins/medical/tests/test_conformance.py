from platform_core.testkit import PluginConformance


class TestMedical(PluginConformance):
    plugin = "medical"
