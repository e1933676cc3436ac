"""What adapters say of the columns of their format: those that it always has, and those that it needs itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from platform_core.datasets.inspection import suspects_of
from platform_core.datasets.open_columns import Choice
from platform_core.datasets.opening import Memory, map_columns
from platform_core.sdk import ColumnMapping, RawTable, Solution

FOUND = ("body", "days")


class FixedAdapter:
    name = "fixed"
    columns = FOUND

    def raw(self, source: Any, limit: int | None = None) -> RawTable:
        return RawTable({name: ["a", "b"] for name in FOUND}, 2)

    def propose(self, table: RawTable, solution: Solution) -> ColumnMapping:
        return ColumnMapping({"text": "body"})


def test_fields_that_a_format_cannot_carry_are_warned_of_once(tickets: Solution) -> None:
    memory = Memory("table", {"text": "body", "channel": "channel", "age": "years", "label": "mood"})
    reader: Any = SimpleNamespace(adapter=FixedAdapter(), source=None)
    columns, table = map_columns(tickets, reader, "a.json", {}, memory, Choice(), False)
    assert columns.columns == {"text": "body"}
    assert table.notes == ("the format fixed cannot carry 'channel', 'age': missing in all rows",)
    said = map_columns(tickets, reader, "a.json", {"channel": "", "age": "days"}, memory, Choice(), False)[1]
    assert said.notes == ()


def test_columns_that_the_format_needs_are_no_suspects() -> None:
    rows = range(40)
    raw = RawTable({"file": [f"note-{row}.txt" for row in rows]}, len(rows))

    def suspects(adapter: Any) -> list[str]:
        read: Any = SimpleNamespace(
            dropped=(),
            raw=raw,
            unused=("file",),
            rows=list(rows),
            examples=[SimpleNamespace(target="ab"[row % 2]) for row in rows],
            reader=SimpleNamespace(adapter=adapter),
        )
        return [suspect.column for suspect in suspects_of(read)]

    assert suspects(SimpleNamespace()) == ["file"]
    assert suspects(SimpleNamespace(own_columns=("file",))) == []
