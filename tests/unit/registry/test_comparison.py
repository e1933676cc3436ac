"""Two versions side by side: what differs, however deep, and nothing that does not."""

from datetime import UTC, datetime

from platform_core.registry.comparison import compare_versions
from platform_core.registry.schemas import VersionInfo


def version(number, *, metrics=None, **lineage):
    return VersionInfo(
        id=f"v{number}",
        model="m",
        number=number,
        solution="s.t",
        method="fit",
        encoder="table",
        encoder_fingerprint="",
        metrics=metrics or {},
        lineage=lineage,
        aliases=(),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        size_bytes=1,
        storage_key="k",
        digest="d",
        run_id=None,
        dataset_version_id="d1",
        parent_id=None,
    )


def test_recipes_are_taken_apart():
    first = version(1, recipe={"epochs": 4, "table": {"width": 64, "layers": 2}, "members": ["linear"]}, seed=0)
    second = version(2, recipe={"epochs": 4, "table": {"width": 128, "layers": 2}, "members": ["lightgbm"]}, seed=0)
    assert compare_versions(first, second)["lineage"] == {
        "recipe.members": {"first": ["linear"], "second": ["lightgbm"]},
        "recipe.table.width": {"first": 64, "second": 128},
    }


def test_what_only_one_has_stays_whole():
    tried = {"method": {"metric": "mae"}}
    found = compare_versions(version(1), version(2, selection=tried, mapping={"cells": ["a"]}))["lineage"]
    assert found == {
        "mapping": {"first": None, "second": {"cells": ["a"]}},
        "selection": {"first": None, "second": tried},
    }


def test_metrics_of_one_version_alone_have_no_difference():
    found = compare_versions(version(1, metrics={"mae": 2.0}), version(2, metrics={"mae": 1.5, "r2": 0.5}))["metrics"]
    assert found["mae"] == {"first": 2.0, "second": 1.5, "difference": -0.5}
    assert found["r2"] == {"first": None, "second": 0.5, "difference": None}
