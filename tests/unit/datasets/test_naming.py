"""What users call data, and home folders that nobody has."""

from pathlib import Path

import pytest

from platform_core.cli.commands.data import _solution_and_path
from platform_core.datasets.naming import is_path
from platform_core.datasets.sources import open_source
from platform_core.sdk import FileMissing

NOBODYS = "~nobodyx/news.csv"


def test_a_path_is_told_from_a_reference(tmp_path: Path) -> None:
    assert is_path(str(tmp_path))
    assert is_path("sub/news")
    assert not is_path("news:1")
    with pytest.raises(FileMissing, match="no such file"):
        is_path("absent.csv")


@pytest.mark.parametrize(
    "take",
    [
        is_path,
        open_source,
        lambda path: _solution_and_path(path, None, None),
        lambda path: _solution_and_path(__file__, Path(path), None),
    ],
)
def test_a_home_folder_that_nobody_has_is_missing(take) -> None:
    with pytest.raises(FileMissing, match="no such home folder") as caught:
        take(NOBODYS)
    assert caught.value.where == NOBODYS
