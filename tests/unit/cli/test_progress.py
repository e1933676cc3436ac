"""Progress where no terminal is: a line a stage, nothing on stdout."""

from platform_core.cli import progress
from platform_core.cli.progress import Bars


def test_a_stage_is_a_line_with_its_numbers(capsys):
    with Bars() as bars:
        bars.note("about 1 min")
        bars.stage("fine-tuning", total=4)
        for _ in range(3):
            bars.advance(loss=0.5)
        bars.stage("evaluating")
        bars.advance(10)
        bars.warn("few rows")
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert lines[0] == "about 1 min"
    assert "fine-tuning" in lines[1]
    assert "3/3" in lines[1]
    assert "loss 0.5" in lines[1]
    assert lines[2] == "warning: few rows"
    assert "evaluating" in lines[3]


def test_no_line_is_wider_than_what_people_read(capsys):
    with Bars() as bars:
        bars.stage("a stage with a very long name that goes on and on and on and on", total=4)
        bars.advance(4, loss=0.123456, examples_per_second=1234.5, tokens_per_second=61_000.0)
    (line,) = capsys.readouterr().err.splitlines()
    assert len(line) <= 100
    assert line.endswith("…")


def test_speed_and_time_left_are_told_in_words(capsys, monkeypatch):
    monkeypatch.setattr(progress, "HEARTBEAT", -1.0)
    with Bars() as bars:
        bars.stage("epoch 1/2", total=4)
        bars.advance(loss=0.5, examples_per_second=1234.5, tokens_per_second=61_000.0, seconds_left=125.0)
        bars.advance(3, loss=0.25, examples_per_second=1300.0, seconds_left=90.0)
    first, second, last = capsys.readouterr().err.splitlines()
    assert "loss 0.5  1,234 examples/s  61,000 tokens/s  2 min 5 s left" in first
    assert "4/4" in second
    assert "left" not in second + last, "of the whole run more may be left, of this stage nothing is"
    assert "loss 0.25  1,300 examples/s" in last


def test_a_stage_that_tells_no_time_is_given_one_by_its_pace(capsys, monkeypatch):
    monkeypatch.setattr(progress, "HEARTBEAT", -1.0)
    monkeypatch.setattr(progress, "ESTIMATE_AFTER", -1.0)
    with Bars() as bars:
        bars.stage("predicting", total=1000)
        bars.advance(1)
        bars.stage("of unknown length")
        bars.advance(1)
    lines = capsys.readouterr().err.splitlines()
    assert " left" in lines[0]
    assert not [line for line in lines[1:] if " left" in line]
