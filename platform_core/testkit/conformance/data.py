"""Adapters, samples and examples."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from platform_core.platform import Platform
from platform_core.sdk import Columns, Derived, History, Solution, Source, field_markers
from platform_core.testkit.conformance.base import Kit
from platform_core.testkit.conformance.samples import adapter_for, contents, write_sample
from platform_core.testkit.example_checks import check_derived, check_masker, check_same_road
from platform_core.testkit.specimens import count_answers

SAMPLE_ROWS = 30
"""The least that a sample must hold: fewer rows cannot be split, trained on and measured."""


class DataTests(Kit):
    """Files become examples, and requests the same ones."""

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
        adapter = adapter_for(solution, sample)
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
        again = write_sample(solution, tmp_path)
        assert contents(again) == contents(sample)

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
