"""The suite that every plugin passes, ours and partners'."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import ValidationError

from platform_core.platform import Platform
from platform_core.plugin_host import PluginHost, PluginInfo
from platform_core.sdk import (
    Adapter,
    Columns,
    Derived,
    History,
    Method,
    Operation,
    PluginError,
    Solution,
    Source,
    field_markers,
    open_field,
)
from platform_core.testkit.example_checks import check_derived, check_masker, check_same_road
from platform_core.testkit.fake_context import FakeContext
from platform_core.testkit.import_cost import ImportCost, measure_import_cost
from platform_core.testkit.operation_checks import (
    check_bad_input,
    check_round_trip,
    check_run,
    check_schemas,
    sample_of,
)
from platform_core.testkit.specimens import (
    BEATS_GUESSING,
    check_prediction,
    check_same_prediction,
    count_answers,
    make_features,
    make_head,
    make_targets,
)

if TYPE_CHECKING:
    from platform_core.finetune.schemas import TrainResult
    from platform_core.sdk.heads import Head

SAMPLE_ROWS = 30
"""The least that a sample must hold: fewer rows cannot be split, trained on and measured."""


@dataclass(frozen=True)
class Fitted:
    """A model that was fitted to sample data, and what it predicts for the sample requests."""

    home: Path
    result: TrainResult
    predictions: list[dict[str, Any]]


class PluginConformance:
    """Subclass it, name the plugin, and pytest does the rest: for every solution and operation of the plugin.

    Flags say what a plugin cannot do, or needs; no test is skipped silently. A test that must differ is written
    anew in the subclass *and* named in ``overrides`` with the reason.

    Attributes:
        plugin: name of the installed plugin.
        fit_method: the method that is fitted to the sample data.
        fit_settings: recipe values to change for that, e.g. ``{"epochs": 2}``.
        fit_seconds: how long the steps of the fit may take, on two cores; loading the encoder does not count.
        beats_guessing: whether the fit must do better than guessing on held-out sample data.
        import_seconds: how long activating the plugin may take.
        tolerance: how far scores may be apart that should be the same.
        overrides: test → why the plugin replaces it.
    """

    plugin: ClassVar[str]
    fit_method: ClassVar[Method] = "head"
    fit_settings: ClassVar[Mapping[str, Any]] = {}
    fit_seconds: ClassVar[float] = 20.0
    beats_guessing: ClassVar[bool] = True
    import_seconds: ClassVar[float] = 2.0
    tolerance: ClassVar[float] = 1e-4
    overrides: ClassVar[Mapping[str, str]] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a test that asks for a solution once per solution in the manifest."""
        if "solution_id" in metafunc.fixturenames:
            plugin = PluginHost(None, "local").plugin(self.plugin)
            if plugin.manifest is None:
                raise PluginError(f"the plugin {plugin.name!r} has no readable manifest: {plugin.reason}")
            metafunc.parametrize("solution_id", [s.id for s in plugin.manifest.solutions], scope="class")

    @pytest.fixture(scope="class")
    @classmethod
    def host(cls) -> PluginHost:
        """A host with every installed plugin."""
        return PluginHost(None, "local")

    @pytest.fixture(scope="class")
    @classmethod
    def info(cls, host: PluginHost) -> PluginInfo:
        """The plugin under test, activated."""
        return host.activate(cls.plugin)

    @pytest.fixture(scope="class")
    @classmethod
    def solution(cls, host: PluginHost, solution_id: str) -> Solution:
        """The solution under test."""
        return host.solution(solution_id)

    @pytest.fixture(scope="class")
    @classmethod
    def sample(cls, solution: Solution, tmp_path_factory: pytest.TempPathFactory) -> Source:
        """The sample data of the solution, written to disk."""
        return _write_sample(solution, tmp_path_factory.mktemp("sample"))

    @pytest.fixture(scope="class")
    @classmethod
    def import_cost(cls) -> ImportCost:
        """What it costs to list and to activate the plugin."""
        return measure_import_cost(cls.plugin)

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls, solution: Solution, sample: Source, tmp_path_factory: pytest.TempPathFactory) -> Fitted:
        """A model that was fitted to the sample data in a workspace of its own."""
        home = tmp_path_factory.mktemp("workspace")
        with Platform.open(home) as platform:
            result = platform.train(
                solution.id, data=sample.root, method=cls.fit_method, settings=dict(cls.fit_settings), name="kit"
            )
            return Fitted(home, result, platform.predict("kit", solution.sample.requests))

    @pytest.fixture(scope="class")
    @classmethod
    def operations(cls, host: PluginHost, info: PluginInfo) -> list[Operation[Any, Any]]:
        """The operations of the plugin; none where it offers none."""
        assert info.manifest is not None
        return [host.operation(entry.id) for entry in info.manifest.operations]

    @pytest.fixture
    def head(self, solution: Solution) -> Head:
        """A fresh head of the solution for small features and a few labels."""
        return make_head(solution)

    def test_no_conformance_test_is_silently_overridden(self) -> None:
        """A test that a subclass replaces is named in ``overrides``, with the reason."""
        tests = [name for name in vars(PluginConformance) if name.startswith("test_")]
        replaced = {name for name in tests if getattr(type(self), name) is not getattr(PluginConformance, name)}
        silent = sorted(name for name in replaced if not self.overrides.get(name))
        assert not silent, f"replaced without a reason in `overrides`: {', '.join(silent)}"
        stale = sorted(set(self.overrides) - replaced)
        assert not stale, f"named in `overrides` but not replaced: {', '.join(stale)}"

    def test_the_check_finds_no_error(self, host: PluginHost) -> None:
        """``verticore plugins check`` is content."""
        findings = host.check(self.plugin)
        assert not [finding.message for finding in findings if finding.level == "error"]

    def test_the_plugin_becomes_active(self, info: PluginInfo) -> None:
        """The manifest, the SDK range, every named object and every hook are sound."""
        assert info.status == "active", info.reason

    def test_the_manifest_has_the_version_of_the_distribution(self, info: PluginInfo) -> None:
        """Model versions record the plugin's version; it must be the one that pip shows."""
        assert info.manifest is not None
        assert info.manifest.version == info.version

    def test_the_manifest_has_the_titles_of_the_code(self, info: PluginInfo, solution: Solution) -> None:
        """Lists read the manifest, cards read the solution; both must call it the same."""
        assert info.manifest is not None
        titles = {entry.id: entry.title for entry in info.manifest.solutions}
        assert titles[solution.id] == solution.title

    def test_the_manifest_has_the_titles_of_the_operations(
        self, info: PluginInfo, operations: list[Operation[Any, Any]]
    ) -> None:
        """Lists read the manifest; people also want to know what it is for."""
        assert info.manifest is not None
        titles = {entry.id: entry.title for entry in info.manifest.operations}
        for operation in operations:
            assert titles[operation.id] == operation.title
            assert operation.summary.strip(), operation.id

    def test_listing_imports_nothing_of_the_plugin(self, import_cost: ImportCost) -> None:
        """``verticore plugins list`` reads manifests only."""
        assert import_cost.listed == []

    def test_activation_is_light(self, import_cost: ImportCost) -> None:
        """Solutions name their heads by string; importing torch is left to those who train or predict."""
        assert import_cost.status == "active", import_cost.reason
        assert import_cost.heavy == [], "import these inside the functions that need them"
        assert import_cost.seconds <= self.import_seconds

    def test_the_model_card_can_be_written(self, solution: Solution) -> None:
        """A card without purpose and limits is no card."""
        assert solution.title.strip()
        assert solution.notes.intended_use.strip()
        assert [limit for limit in solution.notes.limits if limit.strip()], "every model has limits; name one"

    def test_the_recipes_cover_the_fit(self, solution: Solution) -> None:
        """The kit fits with ``fit_method``; a plugin without that method sets the flag."""
        assert self.fit_method in solution.recipes, f"set fit_method to one of {', '.join(solution.recipes)}"

    def test_adapters_describe_themselves(self, solution: Solution) -> None:
        """People choose adapters by their descriptions."""
        for adapter in solution.adapters:
            assert adapter.name.strip(), type(adapter).__name__
            assert adapter.description.strip(), adapter.name
            assert isinstance(adapter.specificity, int), adapter.name

    def test_adapters_leave_foreign_files_alone(self, solution: Solution, tmp_path: Path) -> None:
        """A folder holds other things too: pictures, notes, archives."""
        foreign = [tmp_path / "logo.png", tmp_path / "backup.zip", tmp_path / "noise.bin"]
        for file in foreign:
            file.write_bytes(bytes(range(256)))
        source = Source(tmp_path, tuple(sorted(foreign)))
        claimed = {adapter.name: adapter.probe(source).files for adapter in solution.adapters}
        assert not {name: files for name, files in claimed.items() if files}

    def test_an_adapter_knows_the_sample(self, solution: Solution, sample: Source) -> None:
        """The most specific adapter that fits sees columns, and proposes which of them feeds which field.

        The field that takes all other columns needs no proposal, nor do histories and derived columns.
        """
        adapter = _adapter_for(solution, sample)
        table = adapter.raw(sample, 50)
        proposed = adapter.propose(table, solution).columns
        markers = field_markers(solution.example)
        single = {name for name, marker in markers.items() if not isinstance(marker, Columns | History | Derived)}
        assert set(proposed) >= single | {"label"}
        assert set(proposed.values()) <= set(table.columns)

    def test_the_sample_is_read_without_a_bad_row(self, solution: Solution, sample: Source, tmp_path: Path) -> None:
        """Every row becomes a valid example with a target."""
        with Platform.open(tmp_path) as platform:
            read = platform.datasets.read(solution.id, sample.root, labelled=True)
        assert read.bad_rows == 0
        assert len(read.examples) >= SAMPLE_ROWS
        assert count_answers(solution, [row.target for row in read.examples]) >= 2
        assert all(isinstance(row.example, solution.example) for row in read.examples)

    def test_derived_columns_are_always_the_same(self, solution: Solution, tmp_path: Path) -> None:
        """A model that was trained on a column finds it in every request."""
        check_derived(solution, tmp_path)

    def test_the_masker_finishes_at_once(self, solution: Solution, sample: Source) -> None:
        """Texts may be masked where they are imported and again where they are asked of."""
        check_masker(solution, sample)

    def test_files_and_requests_take_the_same_road(self, solution: Solution, sample: Source, tmp_path: Path) -> None:
        """Training and serving see the same example, whether its past is gathered from a file or given."""
        check_same_road(solution, sample, tmp_path)

    def test_the_sample_is_the_same_every_time(self, solution: Solution, sample: Source, tmp_path: Path) -> None:
        """Two people who try the sample see the same."""
        again = _write_sample(solution, tmp_path)
        assert _contents(again) == _contents(sample)

    def test_the_sample_says_what_it_is(self, solution: Solution) -> None:
        """Nobody may take invented data for real."""
        assert "sample" in solution.sample.description.lower()

    def test_examples_survive_a_round_trip(self, solution: Solution) -> None:
        """Python → JSON → Python gives the same example with the same identity."""
        assert solution.sample.requests, "give at least one example request"
        for request in solution.sample.requests:
            example = solution.example.model_validate(dict(request))
            again = solution.example.model_validate_json(example.model_dump_json())
            assert again == example
            assert again.content_hash() == example.content_hash()

    def test_examples_refuse_unknown_fields(self, solution: Solution) -> None:
        """A misspelt field in a request is an error, not a default."""
        request = {**solution.sample.requests[0], "no_such_field": 1}
        with pytest.raises(ValidationError):
            solution.example.model_validate(request)

    def test_the_request_schema_is_complete(self, solution: Solution) -> None:
        """The endpoint publishes the schema: JSON, with every field."""
        schema = json.loads(json.dumps(solution.example.model_json_schema()))
        assert set(schema["properties"]) == set(solution.example.model_fields)

    def test_the_head_learns_from_features(self, solution: Solution, head: Head) -> None:
        """The loss is one finite number, and its gradient reaches weights; a head of closed form is fitted instead."""
        from platform_core.sdk.heads import FitData, FitHead

        features, targets = make_features(), head.encode_targets(make_targets(solution, head.spec.labels))
        if isinstance(head, FitHead):
            head.fit(FitData(features, targets), None, seed=0)
        loss = head.loss(head(features), targets)
        assert loss.ndim == 0
        assert math.isfinite(loss.item())
        if isinstance(head, FitHead):
            return
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [p.grad.abs().sum().item() for p in head.parameters() if p.grad is not None]
        assert sum(gradients) > 0

    def test_the_head_treats_rows_independently(self, head: Head) -> None:
        """Serving mixes requests in one batch: a neighbour must not change an answer."""
        from platform_core.sdk.heads import FitHead

        if isinstance(head, FitHead):
            return  # it answers nothing before it was fitted; the fit below is asked the same
        features = make_features()
        together = head.predict(features)
        rows = range(len(together))
        alone = [head.predict({name: part[row, None] for name, part in features.items()})[0] for row in rows]
        self.assert_same_predictions(together, alone)

    def test_the_fit_ends_in_time(self, fitted: Fitted) -> None:
        """Trying a solution takes seconds."""
        assert fitted.result.train_seconds <= self.fit_seconds
        assert all(math.isfinite(value) for value in fitted.result.metrics.values())

    def test_the_fit_beats_guessing(self, fitted: Fitted) -> None:
        """Features, labels and head belong together; ``beats_guessing = False`` for samples without a pattern."""
        metric, guessing = BEATS_GUESSING[fitted.result.task]
        if fitted.result.task == "multiclass":
            guessing = 1 / len(fitted.predictions[0]["scores"])
        beaten = fitted.result.metrics[metric] > guessing
        assert beaten == self.beats_guessing, fitted.result.metrics

    def test_predictions_follow_the_schema(self, solution: Solution, fitted: Fitted) -> None:
        """One JSON object per request: a label, a set of labels or a number, with a probability for each label."""
        assert len(fitted.predictions) == len(solution.sample.requests)
        for prediction in fitted.predictions:
            check_prediction(solution, json.loads(json.dumps(prediction)), self.tolerance)

    def test_values_that_nobody_knows_are_answered(self, solution: Solution, fitted: Fitted) -> None:
        """``null`` is an ordinary value in any column of a table."""
        opened = open_field(solution.example)
        requests = [
            {**request, name: {**request[name], column: None}}
            for request in solution.sample.requests[:1]
            for name in ([opened[0]] if opened else [])
            for column in request.get(name, {})
        ]
        with Platform.open(fitted.home) as platform:
            for prediction in platform.predict("kit:1", requests):
                check_prediction(solution, prediction, self.tolerance)

    def test_a_saved_model_predicts_the_same(self, solution: Solution, fitted: Fitted) -> None:
        """A workspace that is opened again answers as before."""
        with Platform.open(fitted.home) as platform:
            self.assert_same_predictions(platform.predict("kit:1", solution.sample.requests), fitted.predictions)

    def test_a_request_is_answered_the_same_alone(self, solution: Solution, fitted: Fitted) -> None:
        """What else is in a batch does not change an answer."""
        with Platform.open(fitted.home) as platform:
            alone = [platform.predict("kit:1", [request])[0] for request in solution.sample.requests]
        self.assert_same_predictions(alone, fitted.predictions)

    def test_operations_publish_what_they_take_and_give(self, operations: list[Operation[Any, Any]]) -> None:
        """The endpoint publishes both schemas."""
        for operation in operations:
            check_schemas(operation)

    def test_samples_of_operations_are_sound(self, operations: list[Operation[Any, Any]]) -> None:
        """The sample is valid, the same every time, and survives JSON."""
        for operation in operations:
            check_round_trip(sample_of(operation))

    def test_operations_run_on_their_samples(self, operations: list[Operation[Any, Any]], tmp_path: Path) -> None:
        """With answers of models that were never trained: the result is what is promised, and can be drawn."""
        with Platform.open(tmp_path) as platform:
            for operation in operations:
                check_run(operation, FakeContext(platform))

    def test_operations_refuse_bad_input(self, operations: list[Operation[Any, Any]], tmp_path: Path) -> None:
        """A misspelt field or a row that is none is an error that users see, not a default and not a crash."""
        with Platform.open(tmp_path) as platform:
            for operation in operations:
                check_bad_input(operation, FakeContext(platform))

    def assert_same_predictions(self, found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
        """Compare labels exactly, scores and values within ``tolerance``."""
        for one, other in zip(found, expected, strict=True):
            check_same_prediction(one, other, self.tolerance)


def _write_sample(solution: Solution, folder: Path) -> Source:
    solution.sample.write(folder)
    return Source(folder, tuple(sorted(file for file in folder.rglob("*") if file.is_file())))


def _contents(source: Source) -> dict[str, bytes]:
    return {source.name_of(file): file.read_bytes() for file in source.files}


def _adapter_for(solution: Solution, source: Source) -> Adapter:
    fitting = [adapter for adapter in solution.adapters if adapter.probe(source).files]
    assert fitting, f"no adapter of {solution.id} knows the files of its sample"
    return max(fitting, key=lambda adapter: adapter.specificity)
