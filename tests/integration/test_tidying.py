"""What killed processes and old runs leave behind does not stay for ever."""

from __future__ import annotations

import os
import time

from platform_core.platform import Platform
from platform_core.settings import Settings


def test_training_removes_what_was_abandoned_and_keeps_the_cache_in_bounds(tmp_path, small_csv):
    home = tmp_path / "home"
    abandoned = home / "storage" / ".staging" / "0123"
    abandoned.mkdir(parents=True)
    long_ago = time.time() - 3 * 24 * 3600
    os.utime(abandoned, (long_ago, long_ago))
    with Platform.open(settings=Settings(home=home, cache_bytes=1)) as platform:
        platform.train("finance.sentiment", small_csv, method="head", settings={"epochs": 1})
        platform.registry.verify("finance.sentiment")
    assert not abandoned.exists()
    assert not list((home / "cache" / "features").rglob("*.features"))
