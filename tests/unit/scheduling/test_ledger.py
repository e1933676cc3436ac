"""The ledger: never more than fits, the least recently used out first, what is pinned or needed stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.scheduling.ledger import Ledger
from platform_core.sdk import MemoryFull

NAMES = st.sampled_from("abcdefgh")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), NAMES, st.integers(0, 60), st.booleans()),
        st.tuples(st.sampled_from(["touch", "release", "need", "spare"]), NAMES),
    ),
    max_size=60,
)


@given(STEPS)
def test_a_ledger_holds_what_fits_and_drops_what_was_used_longest_ago(steps):
    ledger, order, sizes, pinned, needs = Ledger(100), [], {}, set(), dict.fromkeys("abcdefgh", 0)

    def drop(name):
        free = [other for other in order if other not in pinned and needs[other] <= 0]
        assert name == free[0], "used longest ago"
        order.remove(name)

    for step, name, *rest in steps:
        if step == "admit":
            size, pin = rest
            known = name in order
            place = order.index(name) if known else None
            if known:
                order.remove(name)
            try:
                ledger.admit(name, size, lambda name=name: drop(name), pinned=pin)
            except MemoryFull:
                if known:
                    order.append(name)
                stuck = sum(sizes[other] for other in order if other != name and (other in pinned or needs[other] > 0))
                assert size + stuck > 100
            else:
                order.append(name)
                sizes[name] = size
                if pin or (known and place is not None and name in pinned):
                    pinned.add(name)
                else:
                    pinned.discard(name)
        elif step == "release":
            ledger.release(name)
            order = [other for other in order if other != name]
            pinned.discard(name)
        elif step == "touch":
            ledger.touch(name)
            if name in order:
                order.remove(name)
                order.append(name)
        elif step == "need" or needs[name] > 0:
            getattr(ledger, step)(name)
            needs[name] += 1 if step == "need" else -1
        assert [entry.name for entry in ledger.entries()] == order
        assert ledger.used == sum(sizes[other] for other in order) <= 100


def test_what_can_never_fit_drops_nothing():
    ledger = Ledger(10)
    ledger.admit("a", 4, lambda: pytest.fail("it was dropped for nothing"))
    with pytest.raises(MemoryFull, match="11 bytes do not fit"):
        ledger.admit("b", 11, lambda: None)
    assert ledger.used == 4
