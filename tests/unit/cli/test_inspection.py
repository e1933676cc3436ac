"""What ``data inspect`` tells people to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from platform_core.cli.entry import run

ROWS = "Sales rose in the north,positive\nSales fell in the north,negative\n"


def test_one_row_is_one(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "news.csv"
    file.write_text(f"text,label\n{ROWS},positive\n")
    assert run(["data", "inspect", str(file), "--solution", "finance.sentiment", "--home", str(home)]) == 0
    assert "2 rows read by the adapter table, 1 row that cannot be used\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "end"),
    [
        (f"text,label\n{ROWS}", ""),
        (f"text,label\n{ROWS},positive\n", " --skip-bad"),
        (f"text,label\n{ROWS}Sales stood still in the north,\n", " --skip-bad"),
        ("text\nSales rose in the north\nSales fell in the north\n", " --map label=COLUMN"),
    ],
)
def test_the_next_command_is_one_that_works(
    content: str,
    end: str,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my news.csv").write_text(content)
    assert run(["data", "inspect", "my news.csv", "--solution", "finance.sentiment", "--home", str(home)]) == 0
    out = capsys.readouterr().out
    command = "verticore train finance.sentiment --data 'my news.csv' --mapping 'my news.mapping.toml'"
    assert out.endswith(f"  {command}{end}\n")
    assert ("cannot be told which column is the label" in out) == ("--map" in end)
