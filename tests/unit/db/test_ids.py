import re
from datetime import UTC, datetime, timedelta

import pytest

from platform_core.db.ids import made_at, new_id


def test_ids_carry_their_prefix_and_sort_by_time() -> None:
    ids = [new_id("run") for _ in range(1000)]
    assert all(re.fullmatch(r"run_[0-9a-hjkmnp-tv-z]{26}", i) for i in ids)
    assert len(set(ids)) == len(ids)
    sample = ids[::100]  # two of the same nanosecond, on a coarse clock, sort by chance
    assert sample == sorted(sample)


def test_ids_tell_when_they_were_made() -> None:
    before = datetime.now(UTC)
    made = made_at(new_id("prd"))
    assert timedelta() <= made - before < timedelta(seconds=5)


@pytest.mark.parametrize("text", ["", "prd_", "prd_1", "prd_" + "u" * 26, "prd_" + "é" * 26])
def test_other_words_are_no_ids(text: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        made_at(text)
