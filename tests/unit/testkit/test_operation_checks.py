"""The kit's demands on operations, and the context that stands in for models."""

import dataclasses
import itertools

import pytest
from pydantic import BaseModel

from platform_core.platform import Platform
from platform_core.sdk import BadInput, NotFound, PluginError
from platform_core.testkit import FakeContext, FakePlugin, fake_site
from platform_core.testkit.operation_checks import check_bad_input, check_run, check_schemas, sample_of


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checks")
    with fake_site(folder / "site") as site, Platform.open(folder / "home") as platform:
        FakePlugin(name="acme", operation=True).install(site)
        FakePlugin(name="gauge", kind="table", answer="regression").install(site)
        FakePlugin(name="grade", kind="table", answer="ordinal").install(site)
        FakePlugin(name="tags", kind="table", answer="multilabel").install(site)
        yield platform


@pytest.fixture
def context(platform):
    return FakeContext(platform)


@pytest.fixture
def operation(platform):
    return platform.plugins.operation("acme.tally")


class Loose(BaseModel):
    """Takes what it does not know, and what is no row."""

    lines: object = ()


class Level(BaseModel):
    """Holds what JSON cannot."""

    value: float


def test_a_sound_operation_passes(operation, context):
    check_schemas(operation)
    sample_of(operation)
    check_run(operation, context)
    check_bad_input(operation, context)

    assert context.asked[0] == ("acme.words@champion", 2)
    assert context.told[0] == (2, 2)


def test_what_an_operation_does_wrong_is_found(operation, context):
    numbers = itertools.count()
    moody = dataclasses.replace(operation, run=lambda _, given: {"lines": next(numbers), "counts": []})
    with pytest.raises(AssertionError, match="another result for the same input"):
        check_run(moody, context)

    silent = dataclasses.replace(operation, run=lambda _, given: None)
    with pytest.raises(PluginError, match="something else than it promises"):
        check_run(silent, context)

    without_number = dataclasses.replace(operation, output=Level, run=lambda _, given: {"value": float("nan")})
    with pytest.raises(ValueError, match="value"):
        check_run(without_number, context)

    crude = dataclasses.replace(operation, picture=lambda _: b"GIF89a")
    with pytest.raises(AssertionError, match="no PNG"):
        check_run(crude, context)

    loose = dataclasses.replace(operation, input=Loose, rows="")
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        check_bad_input(loose, context)

    restless = dataclasses.replace(operation, sample=lambda: {"lines": [{"text": f"good {next(numbers)}"}]})
    with pytest.raises(AssertionError, match="another sample every time"):
        sample_of(restless)


@pytest.mark.parametrize(
    ("solution", "key"),
    [("acme.words", "label"), ("gauge.rows", "value"), ("grade.rows", "label"), ("tags.rows", "labels")],
)
def test_answers_have_the_shape_of_real_ones(platform, context, solution, key):
    request = dict(platform.plugins.solution(solution).sample.requests[0])
    first, second, third = context.predict(f"{solution}@champion", [request, request, request])

    assert first == second == third
    assert key in first
    if "scores" in first:
        assert len(first["scores"]) >= 2


def test_the_context_refuses_what_the_core_refuses(context):
    with pytest.raises(NotFound, match=r"acme\.wrods"):
        context.predict("acme.wrods:3", [])
    with pytest.raises(BadInput) as caught:
        context.predict("acme.words", [{"text": "good"}, {"text": ""}])
    assert caught.value.where == "examples[1].text"
