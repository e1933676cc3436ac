"""What came before an example: nothing of it lies ahead, or belongs to another."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from platform_core.datasets.finishing import Finisher, finish_rows
from platform_core.datasets.histories import pasts_of
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.records import LabeledExample
from platform_core.datasets.roles import Roles
from platform_core.sdk import Place, Solution
from platform_core.testkit.fake_events import event_solution

NAMES: dict[str, Any] = {"__name__": "ledger"}
exec(event_solution("toy"), NAMES)
LEDGER: Solution = NAMES["solution"]
Event: Any = NAMES["Event"]

MOMENTS = st.one_of(
    st.integers(0, 6).map(str),
    st.integers(0, 6).map(lambda day: f"1970-01-01T00:00:0{day}+00:00"),
    st.sampled_from([None, "soon"]),
)
EVENTS = st.lists(
    st.builds(
        Event,
        account=st.sampled_from(["a", "b", None]),
        at=MOMENTS,
        amount=st.one_of(st.none(), st.integers(0, 50).map(float)),
    ),
    max_size=16,
)
ROLES = Roles(identity="account", moment="at", history="history", derived="derived", most=3)


def second(event: Any) -> int | None:
    """Return its moment, in seconds since 1970, as tests know it."""
    return None if event.at in (None, "soon") else int(event.at) if event.at.isdigit() else int(event.at[18])


def derived(events: Sequence[Any]) -> list[Any]:
    finisher = Finisher(LEDGER, Pseudonyms(None, "k" * 16))  # type: ignore[arg-type]
    rows = [LabeledExample(event, "good", "", None, Place("a.csv", n)) for n, event in enumerate(events, 1)]
    return [row.example.derived for row in finish_rows(finisher, rows, grouped_by_identity=True)]  # type: ignore[attr-defined]


@given(EVENTS)
def test_the_past_is_what_is_strictly_earlier_and_of_the_same_identity(events: list[Any]) -> None:
    for event, past in zip(events, pasts_of(events, ROLES), strict=True):
        now = second(event)
        earlier = [
            other
            for other in events
            if now is not None
            and event.account is not None
            and other.account == event.account
            and (then := second(other)) is not None
            and then < now
        ]
        earlier.sort(key=lambda other: second(other) or 0)
        assert [id(entry) for entry in past] == [id(entry) for entry in earlier[-3:]]


@given(EVENTS, st.data())
def test_later_rows_never_change_what_is_derived(events: list[Any], data: st.DataObject) -> None:
    before = derived(events)
    changed = [
        event.model_copy(update={"amount": data.draw(st.integers(0, 50).map(float)), "columns": {"place": "moon"}})
        for event in events
    ]
    for row, event in enumerate(events):
        now = second(event)
        others = [
            new if (then := second(old)) is None or now is None or then >= now else old
            for old, new in zip(events, changed, strict=True)
        ]
        others[row] = event
        assert derived(others)[row] == before[row]


@given(EVENTS)
def test_without_a_later_row_all_is_the_same(events: list[Any]) -> None:
    before = derived(events)
    for row, event in enumerate(events):
        now = second(event)
        kept = [n for n, other in enumerate(events) if n == row or now is None or (second(other) or 0) < now]
        assert derived([events[n] for n in kept])[kept.index(row)] == before[row]
