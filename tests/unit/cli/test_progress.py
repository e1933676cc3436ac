"""Progress where no terminal is: a line a stage, nothing on stdout."""

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
