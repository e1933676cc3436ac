"""Errors: what people and programs get to see, the log, the exit code."""

import errno
import json

import pytest
import typer

from platform_core.cli import entry, log
from platform_core.cli.command import command
from platform_core.sdk import BadInput, DataError, TrainingFailed


@pytest.fixture
def run(home, monkeypatch):
    """Run ``verticore work`` with a body of the test's own."""

    def run_with(body, *words: str) -> int:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.callback()(lambda: None)
        command(app, "work", examples=("verticore work",))(body)
        monkeypatch.setattr("platform_core.cli.registry.click_command", lambda: typer.main.get_command(app))
        monkeypatch.setenv("XDG_STATE_HOME", str(home.parent / "state"))
        return entry.run(["work", "--home", str(home), *words])

    return run_with


def raiser(error: BaseException):
    def body(door) -> dict:
        """Fail."""
        raise error

    return body


def test_the_result_is_the_last_line_of_stdout(run, capsys):
    def body(door) -> dict:
        """Work."""
        door.say("words for people")
        return {"a": float("nan"), "b": [1]}

    assert run(body, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": [1]}
    assert run(body) == 0
    assert capsys.readouterr().out == "words for people\n"


def test_bad_input_is_explained_in_one_line_with_the_log(run, capsys, home):
    error = DataError("the text is empty", where="news.csv, row 17", hint="leave such rows out: --skip-bad")
    assert run(raiser(error)) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == "data.invalid: the text is empty, at news.csv, row 17, leave such rows out: --skip-bad"
    file = home.parent / "state" / "verticore" / "verticore.log"
    assert second == f"log: {file}"
    assert "Traceback" in file.read_text()
    assert not home.exists(), "an error must not create a workspace"


def test_the_log_keeps_nothing_of_rows_and_inputs(home):
    home.mkdir()
    words = ["predict", "m@champion", "--text", "Jane Doe", "--text=Jane Doe", '--input={"note": "Jane Doe"}', "--json"]
    for error in (DataError("'Jane Doe' is no number", where="a.csv, row 5"), BadInput("'Jane Doe' is no level")):
        try:
            raise error from ValueError(words[3])
        except BadInput as caught:
            file = log.record(caught, words, home)
    text = file.read_text()
    assert "Jane" not in text
    assert "predict m@champion --text … --text=… --input=… --json" in text.replace("'", "")
    assert text.count("Traceback") == 2
    assert "data.invalid, at a.csv, row 5" in text


def test_the_log_is_in_the_workspace_where_there_is_one(run, home):
    home.mkdir()
    assert run(raiser(TrainingFailed("the loss is not a number"))) == 1
    assert "the loss is not a number" in (home / "logs" / "verticore.log").read_text()


def test_json_has_the_error_as_an_object(run, capsys):
    assert run(raiser(DataError("bad", details={"row": 3})), "--json") == 2
    error = json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    assert (error["code"], error["message"], error["details"]) == ("data.invalid", "bad", {"row": 3})
    assert error["log"].endswith("verticore.log")


def test_debug_shows_the_traceback(run, capsys):
    run(raiser(DataError("bad")), "--debug")
    assert "Traceback" in capsys.readouterr().err


def test_a_defect_is_called_one(run, capsys):
    assert run(raiser(KeyError("oops"))) == 1
    assert capsys.readouterr().err.startswith("internal.unexpected: KeyError: 'oops'")


def test_a_full_disk_is_bad_luck_with_a_remedy(run, capsys):
    assert run(raiser(OSError(errno.ENOSPC, "No space left on device", "/w/x"))) == 2
    assert capsys.readouterr().err.startswith("storage.full: there is no room to write, at /w/x, free some space")


def test_the_keyboard_stops_quietly(run, capsys):
    assert run(raiser(KeyboardInterrupt())) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "did you mean 'train'"),
        (["train", "--epochs", "3"], "no such option"),
        (
            ["train", "a.b", "--method", "heads"],
            "invalid value for '--method': 'heads' is not one of 'auto', 'head', 'lora', 'full', 'fit', "
            "at verticore train, did you mean 'head'?",
        ),
        (["train", "finance.sentiment"], "the data is missing"),
        (["train"], "the solution is missing"),
        (["predict", "m"], "either --text or --input"),
        (["predict", "m", "--text", "a", "--output", "x.csv"], "--output goes with --input"),
        (["predict", "m", "--input", "a.csv", "--output", "x.xlsx"], "tells no format"),
        (["serve", "--port", "99999"], "65535"),
        (["data"], "Usage"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_right(words, message, capsys, home, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(home.parent))
    assert entry.run([*words, *(["--home", str(home)] if len(words) > 1 else [])]) == 2
    captured = capsys.readouterr()
    assert message.lower() in (captured.err + captured.out).lower()
    assert not home.exists()


def test_no_words_show_help(capsys):
    assert entry.run([]) == 0
    assert "verticore demo" in capsys.readouterr().out
