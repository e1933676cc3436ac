"""The words of ``verticore data import``, and operations where solutions are asked for."""

from pathlib import Path

import pytest

from platform_core.cli.commands.data import _solution_and_path
from platform_core.db.engine import Database
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import NotFound, UsageError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "news.csv"
    path.touch()
    return path


def test_the_solution_stands_first_or_is_an_option(file: Path) -> None:
    wanted = ("acme.words", file)
    assert _solution_and_path("acme.words", file, None) == wanted
    assert _solution_and_path(str(file), None, "acme.words") == wanted
    assert _solution_and_path("acme.words", Path("absent.csv"), None) == ("acme.words", Path("absent.csv"))


@pytest.mark.parametrize(
    ("first", "second", "option", "fault", "hint"),
    [
        ("{file}", None, None, "the solution is missing", "SOLUTION {file}"),
        ("acme.words", None, None, "the file or folder is missing", "acme.words PATH"),
        ("{file}", Path("acme.words"), None, "the solution comes first", "acme.words {file}"),
        ("acme.words", Path("{file}"), "acme.words", "the solution is given twice", "acme.words {file}"),
        ("{file}", Path("acme.words"), "acme.words", "the solution is given twice", "acme.words {file}"),
    ],
)
def test_who_guesses_is_told_what_to_write(
    file: Path, first: str, second: Path | None, option: str | None, fault: str, hint: str
) -> None:
    place = {"file": str(file)}
    with pytest.raises(UsageError, match=fault) as caught:
        _solution_and_path(first.format(**place), second and Path(str(second).format(**place)), option)
    assert caught.value.hint == f"write: verticore data import {hint.format(**place)}"


@pytest.mark.parametrize(
    ("kind", "name", "hint"),
    [
        ("solution", "finance.monitor", "verticore run finance.monitor"),
        ("operation", "finance.sentiment", "verticore solutions show finance.sentiment"),
    ],
)
def test_an_operation_is_no_solution(database: Database, kind: str, name: str, hint: str) -> None:
    host = PluginHost(database, "local")
    with pytest.raises(NotFound, match=r"is an? (?:solution|operation), not") as caught:
        getattr(host, kind)(name)
    assert hint in str(caught.value.hint)
