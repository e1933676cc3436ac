"""What people see of an erasure before and after it."""

from __future__ import annotations

from types import SimpleNamespace

from platform_core.cli.door import Door
from platform_core.cli.erasures import show_erasure
from platform_core.finetune.erasure import ErasedRows, ErasureResult

SOLUTIONS = {"visits:1": "medical.triage", "payments:1": "finance.fraud", "payments:2": "finance.fraud"}


def show(*rows: tuple[str, int], dry_run: bool = True) -> None:
    door = Door()
    door.platform = SimpleNamespace(  # type: ignore[misc, assignment]
        datasets=SimpleNamespace(resolve=lambda name: SimpleNamespace(solution=SOLUTIONS[name]))
    )
    found = ErasureResult(
        subject="p_3f",
        solution="",
        dry_run=dry_run,
        found=True,
        erased_before=None,
        datasets=[ErasedRows(dataset=name, rows=count, left=100) for name, count in rows],
        models=[],
        vectors=0,
        runs=[],
        searches=[],
        elsewhere={},
        hidden=[],
    )
    show_erasure(door, found)


def test_rows_are_shown_by_solution_and_one_identity_in_several_is_warned_of(capsys):
    show(("payments:1", 3), ("visits:1", 2))
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert ["finance.fraud", "payments:1", "3", "100"] in lines
    assert ["medical.triage", "visits:1", "2", "100"] in lines
    assert "in data of finance.fraud and medical.triage: make sure that it is one person" in said.err
    assert "or give --solution" in said.err


def test_versions_of_one_solution_are_not_warned_of(capsys):
    show(("payments:1", 1), ("payments:2", 1))
    assert capsys.readouterr().err == ""


def test_one_row_is_one(capsys):
    show(("payments:1", 1), dry_run=False)
    assert "1 row was removed; the person is known as p_3f" in capsys.readouterr().out
