from __future__ import annotations

from platform_core.finetune.schemas import RunSpec
from platform_core.finetune.service import RunService
from platform_core.sdk import Recipe


def test_a_run_that_goes_on_has_not_finished(database, tmp_path):
    runs = RunService(database, tmp_path, "local")
    run = runs.create(
        RunSpec(solution="acme.words", model="m", dataset_id="dsv_1", method="head", recipe=Recipe(), seed=0)
    )
    runs.start(run)
    runs.finish(run, "interrupted", error="stopped")
    runs.start(run)
    info = runs.get(run)
    assert (info.status, info.error) == ("running", "")
    assert info.seconds is not None
    assert info.seconds >= 0, "counted from the new start, not to the old end"
