"""What is said of JSON that is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_core.sdk.adapters.json_text import DamagedJson, parse_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), VALUES, min_size=1, max_size=3), st.data())
def test_an_object_that_lacks_its_end_is_called_cut_off(value, data):
    text = json.dumps(value)
    cut = text[: data.draw(st.integers(1, len(text) - 1))]
    with pytest.raises(DamagedJson, match="the file is cut off: its JSON breaks off at line 1, column") as caught:
        parse_json(cut)
    assert "end is missing" in caught.value.hint
    assert parse_json(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n "a": 1\n "b": 2}', "malformed JSON at line 3, column 2: a comma or a closing bracket is missing"),
        ('{"a" 1}', "line 1, column 6: a colon is missing"),
        ("{'a': 1}", "line 1, column 2: a name in double quotes is missing"),
        ('{"a": }', "line 1, column 7: a value is missing"),
        ('{"a": 1}}', "line 1, column 9: there is more after the end"),
        ('{"a": "x\ny"}', "line 1, column 9: a text holds a line end"),
        ('{"a": "\\q"}', "column 8: a text holds a backslash"),
        ('{"a": "\\u12"}', "an escape \\u lacks its four digits"),
        ("9" * 5000, "malformed JSON: a number has too many digits"),
        ("[" * 100_000, "malformed JSON: lists or objects are nested too deeply"),
        ("[NaN]", "malformed JSON: NaN is no JSON number"),
        ('{"a": 1,\n "b": "x', "the file is cut off: its JSON breaks off at line 2, column 9"),
    ],
)
def test_says_what_is_wrong_where(text, message):
    with pytest.raises(DamagedJson) as caught:
        parse_json(text, strict=True)
    assert message in str(caught.value)
    assert "Expecting" not in str(caught.value)


def test_names_the_line_of_a_file_with_a_value_per_line():
    with pytest.raises(DamagedJson, match="the line is cut off: its JSON breaks off at line 7, column 3"):
        parse_json("[1", line=7)
