"""Numbers, sizes and tables as people read them."""

import json
from datetime import UTC, datetime
from pathlib import Path

from platform_core.cli import output
from platform_core.cli.door import Door


def test_json_is_strict():
    line = output.to_json({"nan": float("nan"), "at": datetime(2026, 1, 2, tzinfo=UTC), "p": Path("a"), "t": (1, "ä")})
    assert json.loads(line) == {"nan": None, "at": "2026-01-02T00:00:00+00:00", "p": "a", "t": [1, "ä"]}
    assert "ä" in line
    assert "\n" not in line


def test_sizes_and_durations():
    assert [output.size(n) for n in (7, 1_400_000, 91_000_000)] == ["7 B", "1.4 MB", "91.0 MB"]
    assert [output.duration(s) for s in (3.21, 125, 7260)] == ["3.2 s", "2 min 5 s", "2 h 1 min"]


def test_metrics_stand_with_their_intervals():
    rows = output.metric_rows({"accuracy": 0.8123, "ece": 0.01}, {"accuracy": (0.78, 0.84)})
    assert rows == [("accuracy", 0.8123, "0.780 – 0.840"), ("ece", 0.01, "")]


def test_a_table_shows_what_looks_like_markup_as_it_is(capsys):
    Door().table(("text", "n"), [("[bold]a[/bold] :smile:", 1), (None, 2)])
    assert "[bold]a[/bold] :smile:" in capsys.readouterr().out


def test_json_output_silences_what_is_for_people(capsys):
    door = Door(json_output=True)
    door.say("hello")
    door.table(("a",), [("b",)])
    door.next_steps("verticore demo")
    assert capsys.readouterr().out == ""


def test_a_table_that_is_too_wide_is_continued_under_itself(capsys):
    columns = ("version", *(f"measure_number_{i}" for i in range(9)), "made")
    Door().table(columns, [("news:1", *(i / 10 for i in range(9)), "2026-01-02 03:04")], title="Versions")
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= output.PIPED_WIDTH
    assert out.count("version") == out.count("news:1") == 3
    assert out.count("Versions") == 1
    for column in columns[1:]:
        assert column in out


def test_long_texts_are_broken_between_words_in_one_table(capsys):
    Door().table(("name", "what it is"), [("news", "word " * 60), ("a/path/" * 30, "short")])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= output.PIPED_WIDTH
    assert out.count("what it is") == 1
