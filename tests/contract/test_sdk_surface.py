"""The surface that plugins are written against: names, hooks and their examples, error codes."""

import inspect
import re
import subprocess
import sys
import textwrap
import tomllib
from types import ModuleType

import pytest

from platform_core import sdk, testkit
from platform_core.plugin_host.hooks import HookCaller, HookRegistry
from platform_core.sdk import (
    Manifest,
    PredictionLogged,
    PromotionRequest,
    RunFinished,
    VersionPromoted,
    VerticoreError,
    adapters,
    heads,
    hookspecs,
    pictures,
)

ROOMS = {
    sdk: """
        Derived History Identity Masked Masker Moment Past Remark Review only_field read_moment
        RESERVED_FIELDS Adapter BadInput BadRecord BoostingSettings CardNotes Category Cell Cells Choice
        ClassTarget ColumnMapping ColumnMissing Columns Conflict DataError DeadlineExceeded Decision EmptyData Example
        FieldMarker FileMissing FileUnreadable FitMember FloatRange IntRange IntegrityError Interrupted
        LabelsTarget Licences LoraTarget Manifest MemoryFull Method ModelFailed NonBlank NotFound Number NumberTarget
        ObjectRef
        Operation OperationContext OperationEntry OrdinalTarget Overloaded Place PluginError PredictionLogged
        Probe Progress PromotionRequest Range RawTable Recipe Record RunFinished Sample Silent Solution
        SolutionEntry Source StorageFull TableSettings Target TargetValue Task Text TrainingFailed
        UnsafeArtifact UsageError VersionPromoted VerticoreError Veto WorkspaceTooNew __version__
        field_markers hookimpl load_object open_field row_type task_of
    """,
    heads: """
        Answering BaggedHead BinaryHead BlendHead BoostedTrees ClassAnswers ClassificationHead Dropout Features FitData
        FitHead Head HeadSpec LinearHead LinearProbe Member MultiLabelHead OrdinalHead
        RegressionHead binary_loss class_loss ordinal_loss
    """,
    adapters: """
        DamagedJson Decoded FormatAdapter MAX_FIELD RawRow TableAdapter TableFile binary_kind decode_file parse_json
        propose_columns raw_table to_records
    """,
    pictures: "Alert AlertLevel Instant Mark Panel draw_series",
    testkit: "FakeContext FakePlugin PluginConformance fake_site",
}

CODES = {
    "error": "VerticoreError",
    "input.invalid": "BadInput",
    "usage.invalid": "UsageError",
    "data.invalid": "DataError",
    "data.file-missing": "FileMissing",
    "data.file-unreadable": "FileUnreadable",
    "data.empty": "EmptyData",
    "data.column-missing": "ColumnMissing",
    "reference.not-found": "NotFound",
    "state.conflict": "Conflict",
    "plugin.failed": "PluginError",
    "artifact.tampered": "IntegrityError",
    "artifact.unsafe": "UnsafeArtifact",
    "storage.full": "StorageFull",
    "workspace.too-new": "WorkspaceTooNew",
    "training.failed": "TrainingFailed",
    "run.interrupted": "Interrupted",
    "server.overloaded": "Overloaded",
    "server.deadline": "DeadlineExceeded",
    "memory.full": "MemoryFull",
    "model.failed": "ModelFailed",
}

_PROMOTION = {
    "tenant": "local",
    "model": "m",
    "version": 2,
    "alias": "champion",
    "solution": "a.b",
    "metrics": {"macro_f1": 0.4},
}
EVENTS = {
    "run_finished": RunFinished(tenant="local", run="run_1", solution="a.b", status="finished", metrics={"f1": 0.9}),
    "version_promoted": VersionPromoted(**_PROMOTION),
    "prediction_logged": PredictionLogged(tenant="local", model="m", version=2, examples=3, seconds=1.5),
    "review_promotion": PromotionRequest(**_PROMOTION),
}
HOOKS = HookRegistry().names


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_exported_members(room):
    """What leaves or joins the public surface does so on purpose."""
    assert sorted(room.__all__) == sorted(ROOMS[room].split())
    assert all(hasattr(room, name) for name in room.__all__)


def test_the_light_room_needs_no_heavy_one():
    heavy = {"torch", "polars", "numpy", "sqlmodel", "sqlalchemy"}
    code = f"import sys, platform_core.sdk; print([m for m in sys.modules if m in {heavy}])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_error_codes_are_stable():
    of_the_sdk = [error for error in _all_errors(VerticoreError) if error.__module__ == VerticoreError.__module__]
    assert {error.code: error.__name__ for error in of_the_sdk} == CODES


def test_the_tree_of_errors_in_the_docstring_is_complete():
    tree = set(re.findall(r"\b[A-Z]\w+\b", inspect.getdoc(sys.modules["platform_core.sdk.errors"]).split("\n\n")[1]))
    assert set(CODES.values()) <= tree


def test_there_is_an_event_for_every_hook():
    assert set(EVENTS) == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_the_documentation_of_a_hook_teaches_it(hook):
    text = inspect.getdoc(getattr(hookspecs, hook))
    assert text.splitlines()[0].endswith(".")
    assert "Example::" in text
    assert re.search(r"\.\. versionadded:: \d+\.\d+", text)


@pytest.mark.parametrize("hook", HOOKS)
def test_the_example_of_a_hook_runs_in_the_host(hook, tmp_path, monkeypatch, capsys):
    """The documented implementation is registered and called as that of a plugin would be."""
    monkeypatch.chdir(tmp_path)
    caller = _host_of(_example(inspect.getdoc(getattr(hookspecs, hook))))

    if hook == "review_promotion":
        assert [(plugin, veto.reason) for plugin, veto in caller.review_promotion(EVENTS[hook])] == [
            ("documented", "macro-F1 below 0.6")
        ]
    else:
        caller.announce(EVENTS[hook])

    assert [(call.hook, call.problem) for call in caller.calls] == [(hook, "")]
    effects = {
        "run_finished": lambda: (tmp_path / "runs.log").read_text(),
        "version_promoted": lambda: capsys.readouterr().out,
        "prediction_logged": lambda: capsys.readouterr().out,
    }
    expected = {
        "run_finished": "run_1 finished {'f1': 0.9}\n",
        "version_promoted": "m:2 is now @champion\n",
        "prediction_logged": "slow answer by m:2\n",
    }
    if hook in effects:
        assert effects[hook]() == expected[hook]


def test_the_plugin_module_in_the_docstring_runs(capsys):
    caller = _host_of(_example(inspect.getdoc(hookspecs)))

    caller.announce(EVENTS["version_promoted"])

    assert capsys.readouterr().out == "m:2 is now @champion\n"
    assert [veto.reason for _, veto in caller.review_promotion(EVENTS["review_promotion"])] == ["macro-F1 below 0.6"]


def test_the_manifest_in_the_docstring_is_valid():
    text = textwrap.dedent(re.search(r"plugin\.toml\n(.*?)\n\n", inspect.getdoc(sdk), re.DOTALL)[1])
    manifest = Manifest.model_validate(tomllib.loads(text))
    assert manifest.name == "acme"
    assert [entry.id for entry in manifest.solutions] == ["acme.tickets"]


def test_every_key_of_the_manifest_is_described():
    for model in (Manifest, sdk.SolutionEntry, sdk.OperationEntry, sdk.Licences, sdk.Recipe):
        assert not [name for name, field in model.model_fields.items() if not field.description], model.__name__


def _all_errors(error):
    return {error}.union(*(_all_errors(child) for child in error.__subclasses__()))


def _example(documentation: str) -> str:
    """Return the code of the last literal block that is introduced by ``::``."""
    lines = documentation.split("::\n", 1)[1].splitlines()
    block = []
    for line in lines:
        if line.strip() and not line.startswith("    "):
            break
        block.append(line)
    return textwrap.dedent("\n".join(block))


def _host_of(code: str) -> HookCaller:
    module = ModuleType("documented")
    exec("from platform_core.sdk import *", module.__dict__)
    exec(compile(code, "documented", "exec"), module.__dict__)
    registry = HookRegistry()
    registry.register("documented", module)
    return HookCaller(registry, lambda: None)
