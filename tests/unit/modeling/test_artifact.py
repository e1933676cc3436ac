"""Model folders that are not what they should be."""

from pathlib import Path

import pytest

from platform_core.modeling.artifact import SPEC_FILE, load_artifact
from platform_core.sdk import IntegrityError, UnsafeArtifact, WorkspaceTooNew

HEAD = "platform_core.sdk.heads:ClassificationHead"
SPEC = """{
  "solution": "a.b", "method": "head", "head": {"object": "os:system", "labels": ["a", "b"], "feature_widths": {}}
}"""


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"format": "2"}', '{"format": 1}', '{"format": 1, "encoder": 3, "max_tokens": 8}']
)
def test_a_damaged_description_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / SPEC_FILE).write_text(content)
    with pytest.raises(IntegrityError, match="missing or damaged"):
        load_artifact(tmp_path, head=HEAD)


def test_a_later_format_is_told(tmp_path: Path) -> None:
    (tmp_path / SPEC_FILE).write_text('{"format": 99}')
    with pytest.raises(WorkspaceTooNew, match="format 99"):
        load_artifact(tmp_path, head=HEAD)


def test_no_code_is_imported_on_the_word_of_a_file(tmp_path: Path) -> None:
    (tmp_path / SPEC_FILE).write_text(SPEC)
    with pytest.raises(UnsafeArtifact, match="os:system"):
        load_artifact(tmp_path, head=HEAD)


def test_weights_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / SPEC_FILE).write_text(SPEC.replace("os:system", HEAD).replace("{}", '{"pooled": 3}'))
    with pytest.raises(IntegrityError, match="weights are missing"):
        load_artifact(tmp_path, head=HEAD)
