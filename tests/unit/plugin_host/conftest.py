import pytest

from platform_core.plugin_host import PluginHost
from platform_core.testkit import fake_site


@pytest.fixture
def site(tmp_path):
    with fake_site(tmp_path / "site") as folder:
        yield folder


@pytest.fixture
def host():
    return PluginHost(None, "local")
