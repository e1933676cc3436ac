"""What is refused before and after loading, each with its reason."""

import dataclasses

import pytest

from platform_core.plugin_host.verification import verify_operation, verify_solution
from platform_core.sdk import Example, Operation, PluginError
from platform_core.testkit import FakePlugin


@pytest.fixture
def solution(site, host):
    FakePlugin(name="acme").install(site)
    return host.solution("acme.words")


@pytest.mark.parametrize(
    ("manifest", "complaint"),
    [
        ({"sdk": ">=9"}, "it works with SDK >=9, this is SDK 0."),
        ({"sdk": "any"}, "range of SDK versions 'any' is none"),
        ({"name": "other", "solutions": []}, "calls the plugin 'other', the entry point 'acme'"),
        ({"solutions": [{"id": "other.x1", "object": "a:b", "title": ""}]}, "ids must start with 'acme.'"),
        ({"licences": None}, "licences: the value is missing"),
    ],
)
def test_manifests_that_cannot_be_used(site, host, manifest, complaint):
    FakePlugin(name="acme", manifest=manifest).install(site)

    plugin = host.activate("acme")

    assert plugin.status == "failed"
    assert complaint in plugin.reason
    assert "verticore-acme" in plugin.reason or "verticore_acme" in plugin.reason, "it says where"


class Unmarked(Example):
    text: str


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": "acme.other"}, "calls itself 'acme.other'"),
        ({"default_method": "lora"}, r"no recipe for its default method 'lora' \(it has: head\)"),
        ({"adapters": ()}, "has no adapter"),
        ({"adapters": (object(),)}, "adapter object without description, name, probe, propose, raw, read, specificity"),
        ({"example": dict}, "no example type"),
        ({"example": Unmarked}, "'text' of Unmarked says not what it holds"),
        ({"head": "torch.nn.Linear"}, "names its head 'torch.nn.Linear'"),
    ],
)
def test_solutions_that_are_not_sound(solution, change, complaint):
    with pytest.raises(PluginError, match=complaint):
        verify_solution("acme.words", dataclasses.replace(solution, **change))


def test_adapters_need_different_names(solution):
    twice = dataclasses.replace(solution, adapters=solution.adapters * 2)

    with pytest.raises(PluginError, match="two adapters called lines"):
        verify_solution("acme.words", twice)


def test_a_sound_solution_is_returned(solution):
    assert verify_solution("acme.words", solution) is solution


def test_operations_are_checked_too():
    operation = Operation(
        id="acme.scan",
        title="Scan",
        summary="",
        input=Example,
        output=Example,
        run=lambda context, given: given,
        sample=dict,
    )

    assert verify_operation("acme.scan", operation) is operation
    with pytest.raises(PluginError, match=r"calls itself 'acme\.scan'"):
        verify_operation("acme.other", operation)
    with pytest.raises(PluginError, match="is a dict, no Operation"):
        verify_operation("acme.scan", {})


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("solution = 1", "is a int, no Solution"),
        ("", "has no 'solution'"),
        ("class C:\n    def __getattr__(self, n): raise SystemExit(n)\nsolution = C()", "no Solution"),
    ],
)
def test_a_solution_object_that_is_none_fails_the_plugin(site, host, source, complaint):
    FakePlugin(name="acme", files={"words.py": source}).install(site)

    assert complaint in host.activate("acme").reason
