"""Operations in a workspace with a model."""

import json
import traceback
from types import SimpleNamespace

import pytest
from pydantic import BaseModel, field_validator

from platform_core.cli import log
from platform_core.operations.context import Context
from platform_core.operations.runner import OperationRunner, draw
from platform_core.sdk import BadInput, ColumnMissing, DataError, NotFound, Operation, PluginError, UsageError
from platform_core.settings import Settings


class Told:
    """Progress that remembers."""

    def __init__(self):
        self.stages, self.units = [], 0

    def stage(self, name, total=None):
        self.stages.append((name, total))

    def advance(self, units=1, **numbers):
        self.units += units

    def note(self, text):
        pass

    def warn(self, text):
        pass


def counts(result):
    return {count.label: count.lines for count in result.output.counts}


def test_an_operation_asks_a_model_and_returns_its_own_type(acme):
    result = acme.run_operation("acme.tally", {"lines": [{"text": "good"}, {"text": "bad"}, {"text": "good"}]})

    assert counts(result) == {"up": 2, "down": 1}
    assert result.models == {"acme.words@champion": "acme.words:1"}
    assert type(result.output).__name__ == "Tally"
    assert json.loads(json.dumps(result.to_dict()))["output"]["lines"] == 3


def test_the_rows_of_a_file_feed_the_input(acme, lines):
    result = acme.run_operation("acme.tally", {"least": 2}, data=lines)

    assert counts(result) == {"up": 2}
    assert (result.rows, result.bad_rows) == (3, 0)


def test_a_mapping_names_the_column(acme, tmp_path):
    file = tmp_path / "odd.jsonl"
    file.write_text('{"said": "bad", "title": "x"}\n{"said": "bad", "title": "y"}\n')

    assert counts(acme.run_operation("acme.tally", data=file, mapping={"text": "said"})) == {"down": 2}
    with pytest.raises(ColumnMissing, match="no column 'sad'"):
        acme.run_operation("acme.tally", data=file, mapping={"text": "sad"})


def test_bad_rows_are_told_with_their_place_or_skipped(acme, tmp_path):
    file = tmp_path / "holes.csv"
    file.write_text("text,weight\ngood,1\n,2\nbad,heavy\ngood,4\n")

    with pytest.raises(DataError) as caught:
        acme.run_operation("acme.tally", data=file)
    assert caught.value.where == "holes.csv, data row 2, column 'text'"
    assert caught.value.details["count"] == 2

    result = acme.run_operation("acme.tally", data=file, skip_bad=True)
    assert (result.output.lines, result.bad_rows) == (2, 2)
    assert "2 bad rows were skipped" in result.warnings[0]
    assert [(bad["file"], bad["row"], bad["column"]) for bad in result.to_dict()["skipped"]] == [
        ("holes.csv", 2, "text"),
        ("holes.csv", 3, "weight"),
    ]
    assert result.skipped[0]["message"] == "the text is empty"


@pytest.mark.parametrize(
    ("given", "where", "said"),
    [
        ({}, "input.lines", "the value is missing"),
        ({"lines": [{"text": " "}]}, "input.lines.0.text", "the text is empty"),
        ({"lines": [], "least": 0}, "input.least", "must be 1 or more"),
        ({"lines": [], "most": 3}, "input.most", "there is no such field"),
        ({"lines": []}, "input.lines", "there are no lines"),
        ({"lines": [{"text": "good"}], "model": "Acme!"}, None, "no reference to a model"),
    ],
)
def test_bad_input_is_told_with_its_field(acme, given, where, said):
    with pytest.raises(BadInput, match=said) as caught:
        acme.run_operation("acme.tally", given)
    assert caught.value.where == where


def test_missing_rows_are_asked_for_as_a_file(acme):
    with pytest.raises(BadInput) as caught:
        acme.run_operation("acme.tally")
    assert "--data FILE" in caught.value.hint


def test_rows_are_given_once(acme, lines):
    with pytest.raises(UsageError, match="twice"):
        acme.run_operation("acme.tally", {"lines": []}, data=lines)


def test_an_unknown_operation_is_answered_with_the_nearest(acme):
    with pytest.raises(NotFound, match=r"no operation 'acme\.tallly'") as caught:
        acme.run_operation("acme.tallly")
    assert "acme.tally" in caught.value.hint


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("acme.words@live", "verticore models promote acme.words:1 live"),
        ("finance.sentiment@champion", "verticore train finance.sentiment --data FILE --promote champion"),
        ("acme.wrods", "did you mean 'acme.words'?"),
    ],
)
def test_a_model_that_is_not_there_is_told_with_the_way_to_it(acme, model, hint):
    with pytest.raises(NotFound) as caught:
        acme.run_operation("acme.tally", {"lines": [{"text": "good"}], "model": model})
    assert hint in caught.value.hint


def test_an_example_that_does_not_fit_the_model_is_told(acme):
    def run(context, given):
        context.predict("acme.words", [{"text": "good"}, {"txt": "bad"}])

    with pytest.raises(BadInput) as caught:
        run_with(acme, run)
    assert caught.value.where == "examples[1].text"


def test_long_work_is_told(acme):
    told = Told()
    acme.run_operation("acme.tally", {"lines": [{"text": "good"}] * 150}, progress=told)

    assert told.stages == [("Predicting with acme.words:1", 150), ("Tally", 150)]
    assert told.units == 300


def test_a_reference_means_one_version_while_the_operation_runs():
    numbers = iter((1, 2))
    registry = SimpleNamespace(resolve=lambda _: SimpleNamespace(ref=f"news:{next(numbers)}"))
    asked = []
    predictor = SimpleNamespace(predict=lambda reference, examples: asked.append(reference))
    context = Context("Work", registry, None, predictor, Told())

    context.predict("news@champion", [])
    context.predict("news@champion", [])

    assert asked == ["news:1", "news:1"]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (lambda context, given: 1 / 0, "failed: ZeroDivisionError"),
        (lambda context, given: {"lines": "many", "counts": []}, "returned something else than it promises"),
        (lambda context, given: None, "returned something else than it promises"),
    ],
)
def test_an_operation_that_breaks_its_promise_is_named(acme, run, said):
    with pytest.raises(PluginError, match=said):
        run_with(acme, run)


def test_words_of_a_crash_are_neither_told_nor_logged(acme, tmp_path):
    def run(context, given):
        int(f"Ada Lovelace said {given.lines[0].text}")

    with pytest.raises(PluginError) as caught:
        run_with(acme, run)
    error = caught.value

    assert error.message == "the operation 'acme.tally' failed: ValueError"
    assert error.where == f"{__name__}:{run.__code__.co_firstlineno + 1}"
    log.record(error, ["run", "acme.tally"], tmp_path)
    logged = log.log_file(tmp_path).read_text() + "".join(traceback.format_exception(error))
    assert "ValueError" in logged
    assert "Ada" not in logged + json.dumps(error.to_dict())
    # Whoever debugs on their own screen can still see it.
    assert "Ada" in str(error.__context__)


def test_the_place_of_a_crash_is_the_line_of_the_plugin(acme):
    def run(context, given):
        context.predict("acme.words", [{"text": "good"}])
        json.loads("{")

    with pytest.raises(PluginError) as caught:
        run_with(acme, run)
    assert caught.value.where == f"{__name__}:{run.__code__.co_firstlineno + 2}"


def test_words_of_a_broken_promise_are_not_told(acme):
    class Refusing(BaseModel):
        said: str

        @field_validator("said")
        @classmethod
        def refuse(cls, said):
            raise ValueError(f"{said} is too much")

    with pytest.raises(PluginError) as caught:
        run_with(acme, lambda context, given: {"said": "Ada"}, output=Refusing)
    assert "Ada" not in str(caught.value)
    assert caught.value.where == "said"


def test_a_picture_that_fails_is_told_likewise(acme):
    def picture(output):
        raise ValueError("Ada")

    operation = Operation(**{**vars(acme.plugins.operation("acme.tally")), "picture": picture})
    with pytest.raises(PluginError, match="failed: ValueError") as caught:
        draw(operation, None)
    assert "Ada" not in str(caught.value)


def test_another_tenant_has_other_models(acme, lines):
    settings = Settings(home=acme.settings.home, tenant="other")
    with type(acme).open(settings=settings) as other, pytest.raises(NotFound):
        other.run_operation("acme.tally", data=lines)


def run_with(platform, run, **parts):
    """Run the tally with another function."""
    real = platform.plugins.operation("acme.tally")
    other = Operation(**{**vars(real), "run": run, **parts})

    class Host:
        solution_entries = platform.plugins.solution_entries

        @staticmethod
        def operation(_):
            return other

    runner = OperationRunner(Host, platform.registry, platform.predictor)
    given = {"lines": [{"text": "good"}]}
    return runner.run("acme.tally", given, data=None, mapping=None, skip_bad=False, progress=Told())
