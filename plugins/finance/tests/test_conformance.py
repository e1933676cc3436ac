from typing import ClassVar

from platform_core.testkit import PluginConformance


class TestFinance(PluginConformance):
    plugin = "finance"
    fit_settings: ClassVar = {"epochs": 8}
