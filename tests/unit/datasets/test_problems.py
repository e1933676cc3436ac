"""What is told of rows that cannot be used."""

from __future__ import annotations

from platform_core.datasets.records import Problems
from platform_core.sdk import BadRecord, Place


def problems(count: int) -> Problems:
    found = Problems()
    for row in range(1, count + 1):
        found.add(BadRecord(Place("a.csv", row), f"problem {row}", column="age"))
    return found


def test_up_to_ten_are_named_with_their_places():
    message = problems(3).error().message
    assert message == (
        "problem 1 (and 2 more bad rows: a.csv, data row 2, column 'age': problem 2; "
        "a.csv, data row 3, column 'age': problem 3)"
    )
    many = problems(12)
    assert "problem 10; …)" in many.error().message
    assert "problem 10; …" in many.warning()
    assert "problem 11" not in many.error().message + many.warning()
    assert (problems(30).count, len(problems(30).error().details["problems"])) == (30, 20)
    assert problems(1).error().message == "problem 1"
