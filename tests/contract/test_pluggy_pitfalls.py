"""The twelve pitfalls of pluggy: each with plugins that are installed on disk, and the way out of it."""

import inspect
import random
import re
import sys
import time
from pathlib import Path
from types import ModuleType

import pluggy
import pytest

from platform_core import plugin_host
from platform_core.db.engine import Database
from platform_core.plugin_host import PluginHost
from platform_core.plugin_host.hooks import HookRegistry
from platform_core.sdk import PluginError, PromotionRequest, RunFinished, VersionPromoted, hookspecs
from platform_core.testkit import FakePlugin, fake_site

REQUEST = PromotionRequest(tenant="local", model="m", version=1, alias="champion", solution="good.words")
PROMOTED = VersionPromoted(tenant="local", model="m", version=1, alias="champion", solution="good.words")
FINISHED = RunFinished(tenant="local", run="run_1", solution="good.words", status="finished")

HEADER = "from platform_core.sdk import Veto, hookimpl\n\n"
VETO = HEADER + "@hookimpl\ndef review_promotion(request):\n    return Veto(reason=__name__)\n"


@pytest.fixture
def site(tmp_path):
    with fake_site(tmp_path / "site") as folder:
        yield folder


@pytest.fixture
def host():
    return PluginHost(None, "local")


def with_hooks(name: str, code: str, **keys: object) -> FakePlugin:
    manifest = {"hooks": f"verticore_{name}.plugin", **keys}
    return FakePlugin(name=name, manifest=manifest, files={"plugin.py": code})


def statuses(host: PluginHost) -> dict[str, str]:
    return {plugin.name: plugin.status for plugin in host.plugins()}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no licence key')", "RuntimeError: no licence key"),
        ("import sys\nsys.exit(3)", "sys.exit(3)"),
        ("def broken(:\n", "SyntaxError"),
        ("import os\nos.nothing", "AttributeError"),
    ],
    ids=["raises", "exits", "syntax", "attribute"],
)
def test_01_a_bad_import_becomes_the_status_of_that_plugin_alone(site, host, code, reason):
    with_hooks("bad", code).install(site)
    FakePlugin(name="good").install(site)

    host.activate_all()

    assert statuses(host)["bad"] == "failed"
    assert statuses(host)["good"] == "active"
    why = host.plugin("bad").reason
    assert reason in why
    assert "verticore_bad/plugin.py" in why, "the reason says where"
    assert "verticore plugins disable bad" in why, "the reason says what to do"
    assert host.solution("good.words").title == "Words"
    with pytest.raises(PluginError, match="bad"):
        host.solution("bad.words")


def test_01_strict_mode_raises_instead(site):
    with_hooks("bad", "raise RuntimeError('no licence key')").install(site)

    with pytest.raises(PluginError, match="no licence key"):
        PluginHost(None, "local", strict=True).activate("bad")


def test_01_the_users_own_interrupt_is_not_swallowed(site, host):
    with_hooks("bad", "raise KeyboardInterrupt").install(site)

    with pytest.raises(KeyboardInterrupt):
        host.activate("bad")


def test_02_a_bad_signature_leaves_nothing_registered(site, host):
    calls = "@hookimpl\ndef run_finished(event, color):\n    pass\n"
    with_hooks("bad", VETO + calls).install(site)
    with_hooks("good", VETO).install(site)

    host.activate_all()

    assert statuses(host)["bad"] == "failed"
    assert "run_finished" in host.plugin("bad").reason
    assert "color" in host.plugin("bad").reason
    assert [plugin for plugin, _ in host.hooks.review_promotion(REQUEST)] == ["good"]
    assert "verticore_bad.plugin" not in sys.modules, "its modules are gone too"
    with pytest.raises(PluginError):
        host.solution("bad.words")


def test_02_a_repaired_plugin_is_used_after_enabling_it(site, host):
    folder = with_hooks("bad", "raise RuntimeError").install(site)
    assert host.activate("bad").status == "failed"

    (folder / "plugin.py").write_text(VETO)
    host.enable("bad")

    assert host.activate("bad").status == "active"


def test_03_a_mistyped_hook_fails_the_plugin_and_suggests_the_name(site, host):
    with_hooks("bad", HEADER + "@hookimpl\ndef run_finishd(event):\n    pass\n").install(site)
    with_hooks("good", VETO).install(site)

    host.activate_all()

    assert statuses(host)["bad"] == "failed"
    assert "there is no hook run_finishd" in host.plugin("bad").reason
    assert "did you mean run_finished?" in host.plugin("bad").reason
    assert statuses(host)["good"] == "active"


@pytest.mark.parametrize("failure", ["raise KeyError('macro_f1')", "import sys; sys.exit(1)", "return 'no'"])
def test_04_an_implementation_that_fails_costs_only_its_own_answer(site, host, failure, caplog):
    with_hooks("bad", HEADER + f"@hookimpl\ndef review_promotion(request):\n    {failure}\n").install(site)
    with_hooks("aaa", VETO).install(site)
    with_hooks("zzz", VETO).install(site)

    vetoes = host.hooks.review_promotion(REQUEST)

    assert [(plugin, veto.reason) for plugin, veto in vetoes] == [
        ("aaa", "verticore_aaa.plugin"),
        ("zzz", "verticore_zzz.plugin"),
    ]
    assert "the hook review_promotion of the plugin bad was ignored" in caplog.text


def test_04_implementations_are_timed_and_slow_ones_named(site, host, caplog):
    slow = "import time\n" + HEADER + "@hookimpl\ndef version_promoted(event):\n    time.sleep(1.05)\n"
    with_hooks("slow", slow).install(site)

    host.hooks.announce(PROMOTED)

    assert host.hooks.calls[-1].seconds > 1
    assert "the hook version_promoted of the plugin slow took" in caplog.text


@pytest.mark.parametrize("seed", range(3))
def test_05_order_follows_priority_and_name_never_installation(site, host, seed):
    plugins = [with_hooks(name, VETO) for name in ("alpha", "beta", "gamma")]
    plugins.append(with_hooks("last", VETO, priority=-1))
    plugins.append(with_hooks("urgent", VETO, priority=9))
    random.Random(seed).shuffle(plugins)
    for plugin in plugins:
        plugin.install(site)
    for plugin in reversed(plugins):
        host.activate(plugin.name)

    order = [plugin for plugin, _ in host.hooks.review_promotion(REQUEST)]

    assert order == ["urgent", "alpha", "beta", "gamma", "last"]


def test_05_two_providers_of_one_name_are_an_error_that_names_both(site, host):
    FakePlugin(name="acme", distribution="verticore-acme").install(site)
    FakePlugin(name="acme", distribution="acme-fork", package="acme_fork").install(site)
    FakePlugin(name="good").install(site)

    rivals = [plugin for plugin in host.activate_all() if plugin.name == "acme"]

    assert [plugin.status for plugin in rivals] == ["failed", "failed"]
    for plugin in rivals:
        assert "acme-fork and verticore-acme" in plugin.reason
    assert statuses(host)["good"] == "active"
    with pytest.raises(PluginError, match="acme-fork and verticore-acme"):
        host.solution("acme.words")


def test_05_nobody_takes_the_solution_id_of_another_plugin(site, host):
    stolen = [{"id": "acme.words", "object": "verticore_thief.words:solution", "title": "Mine"}]
    FakePlugin(name="acme").install(site)
    FakePlugin(name="thief", manifest={"solutions": stolen}).install(site)
    FakePlugin(name="mask", manifest={"name": "acme", "solutions": stolen}).install(site)

    host.activate_all()

    assert statuses(host)["thief"] == "failed"
    assert "acme.words" in host.plugin("thief").reason
    assert "calls the plugin 'acme', the entry point 'mask'" in host.plugin("mask").reason
    assert type(host.solution("acme.words").adapters[0]).__module__ == "verticore_acme.words"


def test_06_variation_goes_into_the_returned_type(site, host):
    """Four hooks, pinned; a plugin that has more to say returns a richer veto instead of asking for a fifth."""
    assert set(HookRegistry().names) == {"prediction_logged", "review_promotion", "run_finished", "version_promoted"}
    code = (
        HEADER + "from dataclasses import dataclass\n"
        "@dataclass(frozen=True, kw_only=True)\nclass Measured(Veto):\n    score: float\n"
        "@hookimpl\ndef review_promotion(request):\n    return Measured(reason='weak', score=0.4)\n"
    )
    with_hooks("acme", code).install(site)

    assert [(plugin, veto.score) for plugin, veto in host.hooks.review_promotion(REQUEST)] == [("acme", 0.4)]


def test_07_every_hook_takes_one_context_object_that_can_grow(site, host):
    for name in HookRegistry().names:
        assert len(inspect.signature(getattr(hookspecs, name)).parameters) == 1, name
    with_hooks("acme", HEADER + "@hookimpl\ndef review_promotion():\n    return Veto(reason='none asked')\n").install(
        site
    )

    assert [veto.reason for _, veto in host.hooks.review_promotion(REQUEST)] == ["none asked"]


def test_07_a_hook_that_will_go_warns_those_who_implement_it(site):
    specifications = ModuleType("specifications")
    leaving = pluggy.HookspecMarker(hookspecs.PROJECT)(warn_on_impl=DeprecationWarning("gone in 0.3"))
    specifications.old_hook = leaving(lambda event: None)
    module = ModuleType("implementation")
    module.old_hook = hookspecs.hookimpl(lambda event: None)

    with pytest.warns(DeprecationWarning, match=r"gone in 0\.3"):
        HookRegistry(specifications).register("acme", module)


def test_08_discovery_imports_nothing(site, host):
    FakePlugin(name="acme", files={"__init__.py": "raise RuntimeError('imported')"}).install(site)

    assert statuses(host)["acme"] == "verified"
    assert "acme.words" in [entry.id for entry in host.solution_entries()]
    assert not [name for name in sys.modules if name.startswith("verticore_acme")]


def test_08_an_entry_point_below_the_top_level_is_refused_because_finding_it_would_import(site, host):
    FakePlugin(name="acme", package="verticore_acme.inner").install(site)

    assert statuses(host)["acme"] == "failed"
    assert "no top-level package" in host.plugin("acme").reason


def test_08_fifty_plugins_are_listed_in_tens_of_milliseconds(site):
    for number in range(50):
        FakePlugin(name=f"fake{number:02}").install(site)
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        found = PluginHost(None, "local").plugins()
        seconds.append(time.perf_counter() - started)

    assert sum(plugin.status == "verified" for plugin in found if plugin.name.startswith("fake")) == 50
    assert sorted(seconds)[2] < 0.25, f"median of {seconds}"


def test_09_a_disabled_plugin_is_blocked_before_it_is_imported(site, tmp_path):
    with_hooks("acme", VETO).install(site)
    database = Database(f"sqlite:///{tmp_path}/verticore.db")
    PluginHost(database, "local").disable("acme", "under review")

    later = PluginHost(database, "local")
    later.activate_all()

    assert later.plugin("acme").status == "disabled"
    assert later.plugin("acme").reason == "under review"
    assert later.hooks.review_promotion(REQUEST) == []
    with pytest.raises(PluginError, match=r"disabled \(under review\).*plugins enable acme"):
        later.solution("acme.words")
    assert "verticore_acme" not in sys.modules
    later.enable("acme")
    assert PluginHost(database, "local").activate("acme").status == "active"
    database.close()


def test_10_not_installed_is_told_from_a_missing_dependency(site, host):
    manifest = {"solutions": [{"id": "absent.words", "object": "verticore_absent.nowhere:solution", "title": "X"}]}
    FakePlugin(name="absent", manifest=manifest).install(site)
    FakePlugin(name="needy", files={"words.py": "import unheard_of_library.part"}).install(site)
    package = FakePlugin(name="gone").install(site)
    for file in package.iterdir():
        file.unlink()
    package.rmdir()

    host.activate_all()

    assert {statuses(host)[name] for name in ("absent", "needy", "gone")} == {"failed"}
    assert "verticore_absent.nowhere, which verticore-absent does not contain" in host.plugin("absent").reason
    assert "the module unheard_of_library is missing, which verticore_needy.words needs" in host.plugin("needy").reason
    assert "package verticore_gone is not installed" in host.plugin("gone").reason


def test_10_a_module_that_the_package_should_contain_is_told_from_a_foreign_one(site, host):
    FakePlugin(name="torn", files={"words.py": "import verticore_torn.schema"}).install(site)

    assert "imports its own module verticore_torn.schema" in host.activate("torn").reason


def test_11_the_host_keeps_its_own_map_of_distributions(site, host):
    FakePlugin(name="acme", distribution="Acme.Words", version="2.3").install(site)

    plugin = host.activate("acme")

    assert (plugin.distribution, plugin.version) == ("Acme.Words", "2.3")
    sources = [file.read_text() for file in Path(plugin_host.__file__).parent.glob("*.py")]
    assert not [hit for text in sources for hit in re.findall(r"(?:_manager|pluggy)\._\w+", text)]


@pytest.mark.parametrize("body", ["return None", "yield None"])
def test_12_an_async_implementation_is_refused(site, host, body):
    with_hooks("bad", HEADER + f"@hookimpl\nasync def run_finished(event):\n    {body}\n").install(site)

    assert host.activate("bad").status == "failed"
    assert "run_finished is async" in host.plugin("bad").reason


def test_12_a_generator_or_wrapper_is_refused_because_nobody_would_run_it(site, host):
    with_hooks("bad", HEADER + "@hookimpl(wrapper=True)\ndef run_finished(event):\n    return (yield)\n").install(site)

    assert "generator or a wrapper" in host.activate("bad").reason


def test_12_a_coroutine_returned_at_run_time_is_closed_and_reported(site, host):
    code = HEADER + "async def work():\n    pass\n@hookimpl\ndef run_finished(event):\n    return work()\n"
    with_hooks("sly", code).install(site)

    host.hooks.announce(FINISHED)

    assert host.hooks.calls[-1].problem == "it returned a coroutine, which nobody awaits"
