import re

from platform_core.db.ids import new_id


def test_ids_carry_their_prefix_and_sort_by_time() -> None:
    ids = [new_id("run") for _ in range(1000)]
    assert all(re.fullmatch(r"run_[0-9a-hjkmnp-tv-z]{26}", i) for i in ids)
    assert len(set(ids)) == len(ids)
    sample = ids[::100]  # two of the same nanosecond, on a coarse clock, sort by chance
    assert sample == sorted(sample)
