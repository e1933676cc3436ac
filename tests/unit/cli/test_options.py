"""How words become mappings and settings."""

import pytest

from platform_core.cli.options import read_how, read_mapping, read_settings
from platform_core.sdk import FileMissing, FileUnreadable, UsageError


def test_pairs_may_stand_together_or_apart():
    assert read_mapping(["text=headline,label=tone", "group=company"], None) == {
        "text": "headline",
        "label": "tone",
        "group": "company",
    }


def test_no_pairs_are_no_mapping():
    assert read_mapping(None, None) is None


def test_column_names_may_hold_spaces_and_equals_signs():
    assert read_mapping(["text = My column"], None) == {"text": "My column"}
    assert read_mapping(["text=a=b"], None) == {"text": "a=b"}
    assert read_mapping(["time=,group=account"], None) == {"time": "", "group": "account"}


@pytest.mark.parametrize("words", ["text", "=x", "text=a,,label=b"])
def test_a_malformed_pair_is_refused(words):
    with pytest.raises(UsageError, match="no pair of field and column"):
        read_mapping([words], None)


def test_a_field_is_mapped_once():
    with pytest.raises(UsageError, match="mapped twice"):
        read_mapping(["text=a", "text=b"], None)


def test_the_command_line_wins_over_the_mapping_file(tmp_path):
    file = tmp_path / "my.mapping.toml"
    file.write_text('solution = "finance.sentiment"\n[columns]\ntext = "a"\nlabel = "b"\n')
    assert read_mapping(["text=c"], file) == {"text": "c", "label": "b"}


def test_the_mapping_file_says_the_adapter_and_the_solution(tmp_path):
    file = tmp_path / "my.mapping.toml"
    file.write_text('solution = "a.b"\nadapter = "table"\n[columns]\ntext = "a"\ncells = ["x", "y"]\n')
    assert read_how(None, None, file, solution="a.b") == ("table", {"text": "a", "cells": ("x", "y")})
    assert read_how("lines", ["text=b"], file) == ("lines", {"text": "b", "cells": ("x", "y")})
    assert read_how(None, None, None) == (None, None)
    with pytest.raises(UsageError, match=r"is for a\.b, not for a\.c"):
        read_how(None, None, file, solution="a.c")


def test_a_mapping_file_must_exist_and_be_one(tmp_path):
    with pytest.raises(FileMissing):
        read_mapping(None, tmp_path / "none.toml")
    for content in (b"no toml", b"columns = 1", b"\xff\xfe"):
        (tmp_path / "bad.toml").write_bytes(content)
        with pytest.raises(FileUnreadable):
            read_mapping(None, tmp_path / "bad.toml")


def test_settings_are_json_where_they_parse():
    assert read_settings(["epochs=4", "learning_rate=1e-3", "encoder=minilm", 'lora_targets=["query"]', "x=true"]) == {
        "epochs": 4,
        "learning_rate": 1e-3,
        "encoder": "minilm",
        "lora_targets": ["query"],
        "x": True,
    }


def test_a_setting_needs_a_name_and_a_value():
    with pytest.raises(UsageError, match="no pair of name and value"):
        read_settings(["epochs"])
