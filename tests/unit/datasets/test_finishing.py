"""From rows and requests to finished examples: masked, hashed, derived; what is refused on the way."""

import csv
import json
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from platform_core.datasets.finishing import Finisher
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.reading import Memory, ReadResult, read_examples
from platform_core.datasets.request_schema import request_schema
from platform_core.datasets.requests import finish_requests
from platform_core.sdk import (
    BadInput,
    ColumnMissing,
    DataError,
    PluginError,
    Solution,
    Source,
    UsageError,
    VerticoreError,
)
from platform_core.testkit.example_checks import check_derived, check_masker, check_same_road

Row = dict[str, Any]
ROW: Row = {"event_id": "e1", "note": "call 1234567", "account": "A", "at": "2024-01-01", "amount": 5, "label": "good"}


def write(folder: Path, *rows: Row, name: str = "a.csv") -> Path:
    with (folder / name).open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder / name


def events(count: int, **columns: Callable[[int], Any]) -> list[Row]:
    made = {"event_id": lambda i: f"e{i}", "at": lambda i: f"2024-01-{i + 1:02}", "place": lambda i: "ab"[i % 2]}
    return [{**ROW, **{name: value(i) for name, value in {**made, **columns}.items()}} for i in range(count)]


@pytest.fixture
def read(finisher: Finisher, tmp_path: Path) -> Callable[..., ReadResult]:
    def read_rows(*rows: Row, **options: Any) -> ReadResult:
        return read_examples(finisher.solution, write(tmp_path, *rows), finisher=finisher, **options)

    return read_rows


def test_rows_are_masked_hashed_and_derived(read: Callable[..., ReadResult], finisher: Finisher) -> None:
    found = read(*events(3, amount=lambda i: 10 * i))
    first, _, last = (row.example.model_dump() for row in found.examples)
    assert first["note"] == "call [NUMBER]"
    assert first["account"] == finisher.pseudonyms.of("A")
    assert first["derived"] == {"events before": 0, "amount to mean": None, "since": None, "last place": None}
    assert last["derived"] == {"events before": 2, "amount to mean": 4, "since": 86400, "last place": "b"}
    assert last["history"] == ()
    assert found.mapping["columns"] == ("place",), "what only tells rows apart is left out"
    assert finisher.masked == {"number": 3}
    assert [row.group for row in found.examples] == [finisher.pseudonyms.of("A")] * 3


def test_rows_without_a_finisher_are_as_they_stand(ledger: Solution, tmp_path: Path) -> None:
    (row,) = read_examples(ledger, write(tmp_path, ROW | {"place": "a"})).examples
    assert row.example.model_dump(include={"note", "account", "derived"}) == {
        "note": "call 1234567",
        "account": "A",
        "derived": {},
    }


def test_the_sample_keeps_what_the_kit_asks(ledger: Solution, tmp_path: Path) -> None:
    ledger.sample.write(tmp_path)
    sample = Source(tmp_path, tuple(tmp_path.iterdir()))
    check_derived(ledger, tmp_path)
    check_masker(ledger, sample)
    check_same_road(ledger, sample, tmp_path)


def test_the_kit_sees_what_the_road_does_not_allow(ledger: Solution, tmp_path: Path) -> None:
    ledger.sample.write(tmp_path)
    sample = Source(tmp_path, tuple(tmp_path.iterdir()))
    calls: list[int] = []

    def counting(event: Any, past: Any) -> dict[str, float]:
        calls.append(1)
        return {"calls": float(len(calls))}

    class Growing:
        name = "growing"

        def mask(self, text: str) -> Any:
            return replace(ledger.masker.mask(text), text=text + "!")  # type: ignore[union-attr,type-var]

    with pytest.raises(AssertionError, match="nothing but its arguments"):
        check_derived(replace(ledger, derive=counting), tmp_path)
    with pytest.raises(AssertionError):
        check_same_road(replace(ledger, derive=counting), sample, tmp_path)
    with pytest.raises(AssertionError):
        check_masker(replace(ledger, masker=Growing()), sample)


@pytest.mark.parametrize(
    ("derive", "message"),
    [
        (lambda event, past: 1 / 0, "cannot derive columns: ZeroDivisionError"),
        (lambda event, past: {f"n{len(past)}": 1.0}, "derives the columns n1; before they were n0"),
        (lambda event, past: {"n": float("nan")}, "nan is no finite number"),
        (lambda event, past: {"n": [1]}, "cannot derive columns: TypeError"),
    ],
)
def test_a_solution_that_derives_badly_is_told_with_the_place(
    ledger: Solution, pseudonyms: Pseudonyms, tmp_path: Path, derive: Any, message: str
) -> None:
    solution = replace(ledger, derive=derive)
    with pytest.raises(PluginError, match=message) as caught:
        read_examples(solution, write(tmp_path, *events(3)), finisher=Finisher(solution, pseudonyms))
    assert caught.value.where in ("a.csv, data row 1", "a.csv, data row 2")


def test_a_value_that_tells_rows_apart_stands_there_once(read: Callable[..., ReadResult], tmp_path: Path) -> None:
    rows = events(5, event_id=lambda i: ["x", "", "x", "?", "y"][i])
    rows = [{("Event ID" if name == "event_id" else name): value for name, value in row.items()} for row in rows]
    with pytest.raises(DataError, match=r"it repeats the value of a.csv, data row 1") as caught:
        read(*rows)
    assert caught.value.where == "a.csv, data row 3, column 'Event ID'"
    skipped = read(*rows, skip_bad=True)
    assert (skipped.bad_rows, len(skipped.examples)) == (1, 4)
    assert "Event ID" not in skipped.mapping["columns"]
    assert read(*rows, skip_bad=True, keep=["Event ID"]).mapping["columns"] == ("Event ID", "place")
    with pytest.raises(DataError, match="repeats"):
        read(*rows, mapping={"group": "Event ID"}, labelled=False)


def test_moments_to_come_are_bad(read: Callable[..., ReadResult]) -> None:
    later = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    rows = events(4, at=lambda i: [later, "99991231", "9e99", "2024-01-01T10:00:00+02:00"][i])
    with pytest.raises(DataError, match="the date lies in the future") as caught:
        read(*rows)
    assert caught.value.where == "a.csv, data row 1, column 'at'"
    assert [row.place.row for row in read(*rows, skip_bad=True).examples] == [2, 3, 4], "numbers have any unit"


def test_numbers_that_cannot_be_are_told(read: Callable[..., ReadResult]) -> None:
    found = read(*events(9, amount=lambda i: -i if i else 5))
    assert found.warnings[0] == (
        "column 'amount': 8 values cannot be (0 to 100000 EUR) and are taken as missing: a.csv, data row 2: -1; "
        "a.csv, data row 3: -2; a.csv, data row 4: -3; a.csv, data row 5: -4; a.csv, data row 6: -5; …"
    )
    assert found.examples[1].example.amount == -1  # type: ignore[attr-defined]


def test_moments_that_cannot_be_read_are_told(read: Callable[..., ReadResult]) -> None:
    found = read(*events(3, at=lambda i: ["2024-01-01", "1.2.2024", ""][i]))
    (told,) = (warning for warning in found.warnings if "moments" in warning)
    assert told.endswith("and are not used: a.csv, data row 2: '…'"), "what is masked is not quoted"
    assert [row.example.derived["events before"] for row in found.examples] == [0, 0, 0]  # type: ignore[attr-defined]


def test_warnings_of_a_solution_that_masks_quote_columns_alone(
    read: Callable[..., ReadResult], ledger: Solution, tmp_path: Path
) -> None:
    rows = events(300, amount=lambda i: 5 if i else "Jane O'Neil", age=lambda i: i % 50 if i != 7 else 'call "Jane"')
    found = read(*rows, skip_bad=True)
    assert (found.bad_rows, "Jane" in str(found.warnings)) == (1, False)
    assert "Jane" not in str(found.skipped)
    assert "column 'amount'" in found.warnings[0]
    assert "the column 'age' holds numbers; other values are read as missing: '…'" in found.warnings
    plain = read_examples(replace(ledger, masker=None), tmp_path / "a.csv", skip_bad=True)
    assert "Jane" in str(plain.warnings)


def test_a_column_that_the_model_lacks_now_is_refused(read: Callable[..., ReadResult]) -> None:
    trained = Memory("table", read(*events(4)).mapping)
    with pytest.raises(ColumnMissing, match="no column 'account' for 'account', which the model was trained with"):
        read(*[{n: v for n, v in row.items() if n != "account"} for row in events(4)], remembered=trained)


@pytest.mark.parametrize("name", ["history", "derived"])
def test_no_column_feeds_what_is_computed(read: Callable[..., ReadResult], name: str) -> None:
    with pytest.raises(UsageError, match=f"no column feeds '{name}'"):
        read(*events(2), mapping={name: "place"})


@pytest.mark.parametrize(
    "options",
    [
        {"keep": ["account"]},
        {"mapping": {"columns": "account"}},
        {"mapping": {"note": "account", "account": "account"}},
    ],
)
def test_the_column_of_identities_feeds_nothing_else(read: Callable[..., ReadResult], options: Any) -> None:
    with pytest.raises(UsageError, match="the column 'account' holds identities"):
        read(*events(4), **options)


def test_a_column_that_holds_no_identities_is_one_like_others(read: Callable[..., ReadResult]) -> None:
    rows = events(6, account=lambda i: "AB"[i % 2])
    found = read(*rows, mapping={"account": ""})
    assert found.mapping["columns"] == ("account", "place")
    again = read(*rows, remembered=Memory("table", found.mapping))
    assert again.mapping == found.mapping
    assert [row.example for row in again.examples] == [row.example for row in found.examples]


REQUEST: Row = {"account": "A", "at": "2024-01-09", "amount": 8.0, "columns": {"place": "a"}}
ENTRY: Row = {"at": "2024-01-08", "amount": 4.0, "columns": {"place": "b"}}


@pytest.mark.parametrize(
    ("change", "where", "message"),
    [
        ({"derived": {"n": 1.0}}, ".derived", "computed from the other fields"),
        ({"history": [ENTRY | {"derived": {"n": 1.0}}]}, ".history[0].derived", "computed from the other fields"),
        ({"history": [ENTRY, ENTRY | {"at": "2024-01-10"}]}, ".history[1].at", "not earlier than the example"),
        ({"history": [ENTRY | {"at": "2024-01-09"}]}, ".history[0].at", "not earlier than the example"),
        ({"history": [ENTRY | {"at": None}]}, ".history[0].at", "without a moment"),
        ({"history": [ENTRY], "at": None}, ".at", "without a moment"),
        ({"history": [ENTRY | {"account": "B"}]}, ".history[0].account", "of another account"),
        ({"history": [ENTRY | {"history": [ENTRY]}]}, ".history[0].history", "no history of its own"),
        ({"history": [ENTRY | {"amount": "much"}]}, ".history[0].amount", "is no number"),
        ({"history": [ENTRY | {"amuont": 1}]}, ".history[0].amuont", "no such field"),
        ({"history": [ENTRY] * 51}, ".history", "a history of 51 entries is too long; 50 are the most"),
        ({"at": "9999-12-31"}, ".at", "lies in the future"),
    ],
)
def test_requests_that_do_not_fit_are_refused_by_name(
    finisher: Finisher, change: Row, where: str, message: str
) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        finish_requests(finisher, [REQUEST, REQUEST | change])
    assert caught.value.where == f"examples[1]{where}"


def test_no_error_carries_what_was_not_hidden_yet(ledger: Solution, pseudonyms: Pseudonyms) -> None:
    class Failing:
        name = "failing"

        def mask(self, text: str) -> Any:
            raise ValueError(f"cannot mask {text!r}")

    solution = replace(ledger, masker=Failing())
    for request in (REQUEST | {"note": "call 1234567"}, REQUEST | {"note": {"text": "call 1234567"}}):
        with pytest.raises(VerticoreError) as caught:
            finish_requests(Finisher(solution, pseudonyms), [request])
        assert "1234567" not in "".join(traceback.format_exception(caught.value))


def test_a_request_is_finished_with_the_history_that_it_gives(finisher: Finisher) -> None:
    history = [ENTRY | {"at": f"2024-01-0{day}", "amount": float(day)} for day in (7, 8, 1, 2, 3, 4)]
    history[2]["note"] = "call 7654321, which is too long ago to be looked at"
    (one,) = finish_requests(finisher, [REQUEST | {"note": "call 1234567", "history": history}])
    assert one.model_dump(exclude={"account", "columns", "at"}) == {
        "note": "call [NUMBER]",
        "amount": 8.0,
        "history": (),
        "derived": {"events before": 5, "amount to mean": 8 / (24 / 5), "since": 86400, "last place": "b"},
    }
    assert finish_requests(finisher, [one]) == [one], "what is finished stays"
    assert finisher.masked == {"number": 1}
    numbers = {"account": 17, "at": 4.0, "history": [ENTRY | {"account": "17", "at": 3}]}
    (two,) = finish_requests(finisher, [REQUEST | numbers])
    assert two.account == finisher.pseudonyms.of("17")  # type: ignore[attr-defined]
    assert two.derived["since"] == 1.0  # type: ignore[attr-defined]


def test_the_schema_of_a_request_tells_what_fields_mean(ledger: Solution) -> None:
    schema = json.loads(json.dumps(request_schema(ledger.example)))
    properties = schema["properties"]
    assert set(properties) == {"note", "account", "at", "amount", "columns", "history"}
    assert properties["amount"]["description"] == "0 to 100000 EUR; what is outside is taken as missing."
    assert "'at'" in properties["history"]["description"]
    assert "The latest 5 count" in properties["history"]["description"]
    assert "keyed hash" in properties["account"]["description"]
