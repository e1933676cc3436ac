"""The prediction log: what is found again, for how long, and by whom."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from platform_core.db import ids
from platform_core.db.ids import made_at, new_id
from platform_core.monitoring import log_parts, prediction_log
from platform_core.monitoring.log_parts import PART_FILE
from platform_core.monitoring.prediction_log import PredictionLog
from platform_core.sdk import NotFound, StorageFull
from platform_core.serving.served import Served
from platform_core.storage import Storage

Serve = Callable[..., Served]
WHO = "p_" + "0" * 31 + "1"
OTHER = "p_" + "0" * 31 + "2"


@pytest.fixture
def erased() -> set[str]:
    return set()


@pytest.fixture(params=["file", "memory"])
def storage(request: pytest.FixtureRequest, home: Path) -> Storage:
    """A local storage, and one that is reached over fsspec."""
    url = f"file://{home / 'storage'}" if request.param == "file" else f"memory://{home.name}-{new_id('x')}"
    return Storage(url, home / "cache")


@pytest.fixture
def log(storage: Storage, erased: set[str]) -> PredictionLog:
    return PredictionLog(storage, "local", lambda _: erased)


def other_process(storage: Storage, erased: set[str] | None = None, **options: Any) -> PredictionLog:
    return PredictionLog(storage, "local", lambda _: erased or set(), **options)


def parts_of(storage: Storage) -> list[str]:
    return storage.keys("tenants/local/predictions")


def id_of(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> str:
    with monkeypatch.context() as patched:
        patched.setattr(ids.time, "time_ns", lambda: int(moment.timestamp() * 1e9))
        return new_id("prd")


def test_a_request_is_found_before_and_after_it_is_written(log, storage, serve):
    served = serve("good", "bad", code=None)
    log.add(served)
    assert parts_of(storage) == []
    waiting = log.find(served.id)
    log.flush()
    written = other_process(storage).find(served.id)
    assert waiting == written
    assert [example["text"] for example in written.examples if example] == ["good", "bad"]
    assert [prediction["label"] for prediction in written.predictions if prediction] == ["GOOD", "BAD"]
    assert (written.model, written.version, written.solution, written.at) == ("notes", 1, "acme.notes", served.at)
    assert written.to_dict()["examples"][0] == {"text": "good", "patient": None}


def test_a_shadow_that_shares_the_id_does_not_stand_in_for_the_answer(log, serve):
    served = serve("good")
    log.add(serve("good", id=served.id, version=2, version_id="ver_2", role="shadow", predictions=[{"label": "BAD"}]))
    log.add(served)
    log.flush()
    assert log.find(served.id).version == 1
    assert {request.version for request in log.last("notes", 5)} == {1, 2}


def test_where_a_canary_failed_the_answer_of_the_stable_version_is_found(log, storage, serve):
    failed = serve("good", version=2, version_id="ver_2", role="canary", code="model.failed", predictions=[])
    log.add(failed)
    with pytest.raises(NotFound):  # the answer comes a moment later
        log.find(failed.id)
    log.add(serve("good", id=failed.id))
    waiting = log.find(failed.id)
    log.flush()
    written = other_process(storage).find(failed.id)
    assert waiting == written
    assert (written.version, written.code) == (1, None)
    assert {request.version for request in log.last("notes", 5)} == {1, 2}


def test_failures_are_logged_with_their_code_and_without_predictions(log, serve):
    served = serve("good", code="model.failed", predictions=[])
    log.add(served)
    log.flush()
    found = log.find(served.id)
    assert (found.code, list(found.predictions)) == ("model.failed", [None])


def test_explanations_are_not_kept(log, serve):
    served = serve("good", predictions=[{"label": "GOOD", "explanation": {"words": []}}])
    log.add(served)
    assert log.find(served.id).predictions == [{"label": "GOOD"}]


@pytest.mark.parametrize(
    "identifier", ["prd_none", "", "prd_" + "z" * 26, "prd_33n70acrb97vs64xq04nn8za3k", "prd_" + "ü" * 26]
)
def test_what_is_not_there_is_told_with_a_way_out(log, identifier):
    with pytest.raises(NotFound, match="no logged prediction") as caught:
        log.find(identifier)
    assert "send the example instead" in (caught.value.hint or "")
    assert "kept for 30 days" in (caught.value.hint or "")


def test_a_sample_is_the_same_for_all_processes_and_about_as_large_as_wanted(storage, serve):
    one, two = (other_process(storage, sample=0.3) for _ in range(2))
    requests = [serve("x") for _ in range(2000)]
    wanted = [one.wants(served) for served in requests]
    assert wanted == [two.wants(served) for served in requests]
    assert 0.25 < sum(wanted) / len(wanted) < 0.35
    nothing = other_process(storage, sample=0)
    assert not any(map(nothing.wants, requests))
    with pytest.raises(NotFound) as caught:
        nothing.find(requests[0].id)
    assert "prediction_log_sample" in (caught.value.hint or "")
    assert not one.wants(serve())


def test_parts_are_written_soon_at_first_and_then_once_a_minute(log, storage, serve, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(prediction_log.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(log, "_joined", clock[0])
    seen = []
    for _ in range(130):
        log.add(serve("x"))
        log.tick()
        clock[0] += 1
        seen.append(len(parts_of(storage)))
    assert seen[1] == 0
    assert seen[3] == 1
    assert max(seen) == 3


def test_much_that_waits_is_written_early_and_what_cannot_be_is_counted(log, storage, serve, monkeypatch):
    monkeypatch.setattr(prediction_log, "MOST_WAITING_BYTES", 1000)
    for _ in range(3):
        log.add(serve("x" * 300))
    log.tick()
    assert len(parts_of(storage)) == 1

    def refuse(*_: object) -> None:
        raise StorageFull("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Storage, "publish", refuse)
        requests = [serve("x" * 300) for _ in range(10)]
        lost = [log.add(served) for served in requests].count(False)
        with pytest.raises(StorageFull):
            log.flush()
    assert 0 < lost < 10
    log.flush()
    assert len(log.last("notes", 100)) == 13 - lost
    assert log.find(requests[0].id)


def test_a_full_disk_is_tried_again_once_a_minute_however_much_waits(log, storage, serve, monkeypatch):
    monkeypatch.setattr(prediction_log, "MOST_WAITING_BYTES", 1000)
    clock, attempts = [1000.0], []
    monkeypatch.setattr(prediction_log.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(log, "_joined", clock[0])

    def refuse(*_: object) -> None:
        attempts.append(clock[0])
        raise StorageFull("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(Storage, "publish", refuse)
        for _ in range(4 * 130):  # as often as the recorder comes by
            log.add(serve("x" * 300))
            with suppress(StorageFull):
                log.tick()
            clock[0] += 0.25
    assert len(attempts) == 3
    clock[0] += 60
    log.tick()
    assert len(parts_of(storage)) == 1
    for _ in range(4):
        log.add(serve("x" * 300))
    log.tick()
    assert len(parts_of(storage)) == 2, "as early as before, since it works again"


def test_the_last_requests_of_a_model_come_newest_first(log, storage, serve):
    made = []
    for number in range(6):
        served = serve(f"text {number}", model="notes" if number % 2 else "others")
        made.append(served.id)
        log.add(served)
        if number in (1, 3):
            log.flush()
    assert [request.id for request in log.last("notes", 2)] == [made[5], made[3]]
    assert [request.id for request in log.last("notes", 10)] == [made[5], made[3], made[1]]
    assert log.last("unknown", 3) == []


def test_an_erased_person_leaves_their_place_empty_everywhere(log, storage, serve, erased):
    written = serve("a", "b", examples=[*serve("a", patient=WHO).examples, *serve("b", patient=OTHER).examples])
    log.add(written)
    log.flush()
    alone = serve("c", patient=WHO)
    log.add(alone)
    assert log.erase(WHO, dry_run=True) == 2
    assert log.find(alone.id)
    erased.add(WHO)
    assert log.erase(WHO) == 2
    log.flush()
    assert log.erase(WHO) == 0
    found = other_process(storage).find(written.id)
    assert [example and example["text"] for example in found.examples] == [None, "b"]
    assert [prediction and prediction["label"] for prediction in found.predictions] == [None, "B"]
    with pytest.raises(NotFound):
        log.find(alone.id)
    assert not any(WHO in str(storage.fetch(key) / PART_FILE) for key in parts_of(storage))
    assert all(
        WHO.encode() not in (storage.fetch(key) / PART_FILE).read_bytes()
        and not pl.read_parquet(storage.fetch(key) / PART_FILE)["example"].str.contains(WHO).any()
        for key in parts_of(storage)
    )


def test_a_person_who_was_erased_is_not_logged_again(log, storage, serve, erased):
    erased.add(WHO)
    served = serve("a", patient=WHO)
    log.add(served)
    log.flush()
    assert parts_of(storage) == []


def test_a_person_erased_while_a_part_is_written_is_taken_out_of_it(storage, serve):
    answers = iter([set(), {WHO}])
    log = PredictionLog(storage, "local", lambda _: next(answers))
    theirs, others = serve("a", patient=WHO), serve("b", patient=OTHER)
    log.add(theirs)
    log.add(others)
    log.flush()
    assert [request.id for request in log.last("notes", 5)] == [others.id]


def test_a_person_is_erased_from_the_data_of_one_solution_alone(storage, serve):
    log = PredictionLog(storage, "local", lambda solution: {WHO} if solution == "acme.later" else set())
    for solution in ("acme.notes", "acme.others", "acme.later"):
        log.add(serve("a", patient=WHO, model=solution, solution=solution))
    log.flush()
    log.add(serve("a", patient=WHO, model="waiting", solution="acme.notes"))
    assert log.erase(WHO, solution="acme.notes") == 2
    left = [name for name in ("acme.notes", "acme.others", "acme.later", "waiting") if log.last(name, 1)]
    assert left == ["acme.others"]


def test_what_a_process_left_unpublished_is_erased_too(log, storage, serve):
    if not storage.url.startswith("file"):
        pytest.skip("staging folders are local")
    log.add(serve("a", patient=WHO))
    log.flush()
    (key,) = parts_of(storage)
    with storage.staging() as folder:
        left = folder.parent / "left"
    left.mkdir(parents=True)
    shutil.copy(storage.fetch(key) / PART_FILE, left / PART_FILE)
    log.erase(WHO)
    assert left.exists()  # it may be at work
    old = time.time() - 2 * log_parts.ABANDONED_SECONDS
    os.utime(left / PART_FILE, (old, old))
    log.erase(WHO)
    assert not left.exists()


def test_old_parts_go_and_those_of_days_that_are_over_are_joined(storage, serve, monkeypatch):
    log = other_process(storage, days=10)
    now = datetime.now(UTC)
    made: dict[int, list[str]] = {}
    for days_ago in (0, 3, 9, 12):
        for _ in range(3):
            served = serve("x", id=id_of(now - timedelta(days=days_ago), monkeypatch))
            made.setdefault(days_ago, []).append(served.id)
            log.add(served)
            log.flush()
    assert len(parts_of(storage)) == 12
    log.sweep()
    days = [date.fromisoformat(key.split("/")[-2]) for key in parts_of(storage)]
    today = now.date()
    assert sorted((today - day).days for day in days) == [0, 0, 0, 3, 9]
    for identifier in [*made[0], *made[3], *made[9]]:
        assert log.find(identifier).id == identifier
    with pytest.raises(NotFound):
        log.find(made[12][0])
    log.sweep()
    assert len(parts_of(storage)) == 5


def test_rows_that_stand_twice_for_a_moment_are_read_once(log, storage, serve, monkeypatch):
    monkeypatch.setattr(Storage, "delete", lambda *_: None)
    old = datetime.now(UTC) - timedelta(days=3)
    requests = [serve("a", "b", id=id_of(old, monkeypatch)) for _ in range(2)]
    for served in requests:
        log.add(served)
        log.flush()
    log.sweep()
    assert len(parts_of(storage)) == 3
    assert len(log.find(requests[0].id).examples) == 2
    assert len(log.last("notes", 10)) == 2


def test_readers_find_all_while_others_write_join_and_erase(home, serve, erased, monkeypatch):
    storage = Storage(f"file://{home / 'storage'}", home / "cache")
    old = datetime.now(UTC) - timedelta(days=3)
    requests = [serve("a", patient=OTHER, id=id_of(old, monkeypatch)) for _ in range(60)]
    theirs = [serve("a", patient=WHO, id=id_of(old, monkeypatch)) for _ in range(60)]
    log, joiner, eraser = (other_process(storage, erased) for _ in range(3))
    over = threading.Event()

    def join() -> None:
        while not over.is_set():
            joiner.sweep()

    with ThreadPoolExecutor(2) as pool:
        joining = pool.submit(join)
        for index, (served, other) in enumerate(zip(requests, theirs, strict=True)):
            log.add(served)
            log.add(other)
            log.flush()
            assert eraser.find(requests[index // 2].id).id == requests[index // 2].id
            if index == 30:
                erased.add(WHO)
                erasing = pool.submit(eraser.erase, WHO)
        over.set()
        joining.result()
        erasing.result()
    assert {request.id for request in log.last("notes", 1000)} == {served.id for served in requests}


def test_large_parts_are_not_joined(log, storage, serve, monkeypatch):
    monkeypatch.setattr(log_parts, "JOINED_BYTES", 1)
    for _ in range(2):
        log.add(serve("a", id=id_of(datetime.now(UTC) - timedelta(days=3), monkeypatch)))
        log.flush()
    log.sweep()
    assert len(parts_of(storage)) == 2


def test_a_part_belongs_to_the_day_of_its_ids(log, storage, serve, monkeypatch):
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    ids_ = [id_of(midnight + timedelta(seconds=s), monkeypatch) for s in (-1, 1)]
    for identifier in ids_:
        log.add(serve("x", id=identifier, at=midnight + timedelta(seconds=2)))
    log.flush()
    assert len(parts_of(storage)) == 2
    for identifier in ids_:
        assert other_process(storage).find(identifier).id == identifier
        assert made_at(identifier).date().isoformat() in " ".join(parts_of(storage))
