"""Counts of requests: what several processes add, what people read, and what becomes of old minutes."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from platform_core.db.engine import Database
from platform_core.monitoring.history.service import MOST_POINTS, History
from platform_core.serving.served import Served

Serve = Callable[..., Served]
NOW = datetime.now(UTC)


def count_rows(database: Database) -> int:
    with database.reading() as session:
        found: int = session.connection().execute(sa.text("SELECT count(*) FROM request_history")).scalar_one()
        return found


def test_what_was_counted_is_read_by_version_and_role(database, serve):
    history = History(database, "local")
    for seconds in (0.01, 0.02, 0.03):
        history.count(serve("a", "b", seconds=seconds))
    history.count(serve("a", version=2, version_id="ver_2", role="canary", code="model.failed", predictions=[]))
    history.count(serve("a", version=2, version_id="ver_2", role="shadow"))
    history.count(serve("a", model="others", version_id="ver_3"))
    assert history.of("notes").versions == []
    history.flush()
    found = history.of("notes")
    assert [(v.version, v.role, v.total.requests, v.total.examples) for v in found.versions] == [
        (2, "canary", 1, 1),
        (2, "shadow", 1, 1),
        (1, "stable", 3, 6),
    ]
    canary, _, stable = found.versions
    assert canary.total.errors == {"model.failed": 1}
    assert canary.total.error_share == 1
    assert stable.total.p50 == pytest.approx(0.02, rel=0.05)
    assert stable.total.mean == pytest.approx(0.02)
    assert sum(summary.requests for _, summary in stable.points) == 3
    assert found.to_dict()["versions"][0]["points"][0]["errors"] == {"model.failed": 1}


def test_tenants_do_not_see_each_other(database, serve):
    History(database, "other").flush()
    history = History(database, "local")
    history.count(serve("a"))
    history.flush()
    assert History(database, "other").of("notes").versions == []


def test_processes_add_to_the_same_minute(database, serve):
    """Each stands for a process with connections of its own; together they count every request once."""
    moment = NOW.replace(second=0, microsecond=0)

    def work(seed: int) -> None:
        chance = random.Random(seed)
        own = Database(database.url)
        history = History(own, "local")
        for _ in range(8):
            for _ in range(5):
                number = chance.randrange(3)
                code = "model.failed" if chance.random() < 0.5 else None
                history.count(serve("a", version=number, version_id=f"ver_{number}", code=code, at=moment))
            history.flush()
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    versions = History(database, "local").of("notes", until=NOW + timedelta(seconds=1)).versions
    assert sum(version.total.requests for version in versions) == 160
    assert sum(sum(version.total.errors.values()) for version in versions) > 40
    assert count_rows(database) == 3


def test_what_cannot_be_written_is_written_later(database, serve, monkeypatch):
    history = History(database, "local")
    history.count(serve("a"))
    with monkeypatch.context() as broken:
        broken.setattr(database, "session", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            history.flush()
    history.count(serve("a"))
    history.flush()
    assert history.of("notes").versions[0].total.requests == 2


@pytest.mark.parametrize("hours", [0.1, 1, 5, 24, 48, 100, 24 * 30, 24 * 365])
def test_steps_are_few_and_hold_all(database, serve, hours):
    history = History(database, "local")
    chance = random.Random(0)
    inside = [timedelta(hours=hours * chance.random() * 0.99) for _ in range(300)]
    for ago in inside:
        history.count(serve("a", at=NOW - ago))
    history.flush()
    found = history.of("notes", hours=hours, until=NOW)
    points = found.versions[0].points
    assert len(points) <= max(MOST_POINTS + 1, hours / 24 + 1)
    assert sum(summary.requests for _, summary in points) == 300
    assert all(at.timestamp() % found.step_seconds == 0 for at, _ in points)


def test_old_minutes_become_hours_and_older_ones_go(database, serve):
    history = History(database, "local", days=10)
    for hours in (1, 50, 75, 24 * 11):
        for minute in range(10):
            at = NOW.replace(minute=minute) - timedelta(hours=hours)
            history.count(serve("a", at=at, seconds=0.25 * (minute + 1), code="model.failed" if minute < 2 else None))
    history.flush()
    history.flush()
    before = history.of("notes", hours=24 * 9).versions[0]
    history.sweep()
    after = history.of("notes", hours=24 * 9).versions[0]
    assert before == after
    assert count_rows(database) == 10 + 1 + 1
    history.sweep()
    assert count_rows(database) == 12
    history.count(serve("late", at=NOW.replace(minute=30) - timedelta(hours=75)))
    history.flush()
    history.sweep()
    assert count_rows(database) == 12
    assert history.of("notes", hours=24 * 9).versions[0].total.requests == 31
