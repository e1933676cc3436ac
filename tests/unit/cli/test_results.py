"""Results of any shape on a screen."""

import pytest

from platform_core.cli.door import Door
from platform_core.cli.results import SHOWN_ROWS, show_result


@pytest.fixture
def shown(capsys):
    def show(output):
        show_result(Door(), output)
        return capsys.readouterr().out

    return show


def test_values_are_lines_and_lists_of_objects_are_tables(shown):
    text = shown({"texts_read": 1200, "rate": 0.25, "clean": True, "alerts": [{"day": "2024-01-02", "score": 3.5}]})

    lines = [line.split() for line in text.splitlines() if line.strip()]
    assert lines[:3] == [["texts", "read", "1200"], ["rate", "0.250"], ["clean", "yes"]]
    assert ["Alerts"] in lines
    assert ["day", "score"] in lines
    assert ["2024-01-02", "3.500"] in lines


def test_long_tables_are_cut_and_say_so(shown):
    text = shown({"alerts": [{"number": f"n{row}"} for row in range(SHOWN_ROWS + 5)]})

    assert f"n{SHOWN_ROWS - 1}" in text
    assert f"n{SHOWN_ROWS}" not in text
    assert "5 more rows" in text
    assert "--output FILE.json" in text


def test_wide_tables_and_long_texts_are_cut(shown):
    text = shown({"rows": [{f"c{number}": "x" * 300 for number in range(12)}]})

    assert "the columns c10, c11" in text
    assert "x" * 61 not in text.replace("\n", "")


def test_nested_objects_and_lists_are_shown(shown):
    text = shown({"none": [], "many": list(range(30)), "small": {"a": 1, "b": 0.5}, "deep": {"rows": [{"a": 1}]}})

    assert "none   (none)" in text
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, … 20 more" in text
    assert "a: 1, b: 0.500" in text
    assert "deep · rows  1 entry" in text


def test_text_that_looks_like_markup_is_left_as_it_is(shown):
    assert "[red]x[/red]" in shown({"said": "[red]x[/red]", "rows": [{"said": "[bold]"}]})


def test_what_the_next_call_gets_is_named_and_not_shown(capsys):
    show_result(Door(), {"items": 3, "state": {"seen": ["e4ee36b"], "series": {"a": {"b": 1}}}}, passed_on=("state",))
    text = capsys.readouterr().out
    assert "e4ee36b" not in text
    assert "For the next call: 'state'" in text
