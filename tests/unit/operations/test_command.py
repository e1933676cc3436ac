"""``verticore run`` and ``verticore operations``."""

import io
import json
from types import SimpleNamespace

import pytest

from platform_core.cli.entry import run


@pytest.fixture
def verticore(acme, capsys, monkeypatch):
    """Run a command in the workspace; return its exit code, its JSON where asked for, and what people read."""

    def call(*words, stdin=b""):
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(stdin), isatty=lambda: False))
        code = run([*map(str, words), "--home", str(acme.settings.home)])
        out, err = capsys.readouterr()
        payload = json.loads(out.splitlines()[-1]) if "--json" in words else None
        return SimpleNamespace(code=code, json=payload, out=out, err=err)

    return call


def test_rows_of_a_file_give_a_table_a_file_and_a_picture(verticore, lines, tmp_path):
    files = ("--output", tmp_path / "tally.json", "--picture", tmp_path / "tally.png")
    done = verticore("run", "acme.tally", "--data", lines, *files)

    assert done.code == 0, done.err
    assert "Counts" in done.out
    assert "good one" in done.out
    assert json.loads((tmp_path / "tally.json").read_text())["lines"] == 3
    assert (tmp_path / "tally.png").read_bytes().startswith(b"\x89PNG")


def test_files_are_written_though_nobody_reads_on(verticore, lines, tmp_path, monkeypatch):
    def stop(*args, **kwargs):
        raise OSError("nobody reads on")

    monkeypatch.setattr("platform_core.cli.results.show_result", stop)
    verticore("run", "acme.tally", "--data", lines, "--output", tmp_path / "a.json", "--picture", tmp_path / "a.png")
    assert json.loads((tmp_path / "a.json").read_text())["lines"] == 3
    assert (tmp_path / "a.png").is_file()


def test_the_sample_of_an_operation_can_be_run(verticore, tmp_path):
    folder = tmp_path / "sample"
    made = verticore("data", "sample", "acme.tally", "--output", folder, "--json")
    assert made.code == 0, made.err
    assert made.json["files"][0] == str(folder / "rows.jsonl")
    assert verticore("run", "acme.tally", "--data", folder / "rows.jsonl").code == 0
    again = verticore("data", "sample", "acme.tally", "--output", folder)
    assert "the folder is not empty" in again.err


def test_a_solution_shows_a_row_of_its_own_sample(verticore):
    shown = verticore("solutions", "show", "finance.fraud").out
    assert '"merchant": "groceries-03"' in shown
    assert "Profit rose" not in shown


def test_stdin_is_json_lines(verticore):
    done = verticore("run", "acme.tally", "--data", "-", "--json", stdin=b'{"text": "bad"}\n{"text": "bad"}\n')
    assert done.json["output"]["counts"] == [{"label": "down", "lines": 2, "first": "bad"}]

    broken = verticore("run", "acme.tally", "--data", "-", "--json", stdin=b'{"text": "bad"}\n{"text": \n')
    assert broken.code == 2
    assert broken.json["error"]["where"].startswith("stdin.jsonl, data row 2")


def test_the_input_comes_from_a_file_or_a_text_and_set_wins(verticore, tmp_path):
    file = tmp_path / "input.json"
    file.write_text(json.dumps({"lines": [{"text": "good"}, {"text": "bad"}, {"text": "bad"}], "least": 1}))

    done = verticore("run", "acme.tally", "--input", file, "--set", "least=2", "--json")
    assert [count["label"] for count in done.json["output"]["counts"]] == ["down"]
    done = verticore("run", "acme.tally", "--input", '{"lines": [{"text": "good"}]}', "--json")
    assert done.json["output"]["lines"] == 1


def test_a_column_is_named_with_map_and_bad_rows_are_skipped(verticore, tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text("said,n\ngood,1\n,2\n")
    done = verticore("run", "acme.tally", "--data", file, "--map", "text=said", "--skip-bad", "--json")

    assert (done.json["rows"], done.json["bad_rows"]) == (1, 1)
    assert "1 bad row was skipped" in done.err


def test_skipped_rows_are_listed_beside_the_result_and_an_old_list_goes(verticore, tmp_path):
    file, output, listed = (tmp_path / name for name in ("odd.csv", "tally.json", "tally.skipped.jsonl"))
    file.write_text("text,n\ngood,1\n,2\n")
    done = verticore("run", "acme.tally", "--data", file, "--skip-bad", "--output", output, "--json")

    (skipped,) = done.json["skipped"]
    assert (skipped["file"], skipped["row"], skipped["column"]) == ("odd.csv", 2, "text")
    assert [json.loads(line) for line in listed.read_text().splitlines()] == [skipped]
    assert done.json["files"] == [str(output), str(listed)]

    file.write_text("text,n\ngood,1\n")
    done = verticore("run", "acme.tally", "--data", file, "--skip-bad", "--output", output, "--json")
    assert (done.json["skipped"], done.json["files"], listed.exists()) == ([], [str(output)], False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("acme.tallly",), "did you mean 'acme.tally'?"),
        (("acme.tally", "--input", "{"), "the input is no JSON"),
        (("acme.tally", "--input", "[1]"), "the input is a list, not an object"),
        (("acme.tally", "--input", "absent.json"), "there is no such file"),
        (("acme.tally", "--output", "tally.txt"), "does not end in .json"),
        (("acme.tally", "--picture", "no/such/folder.png"), "there is no folder"),
        (("acme.tally", "--data", "absent.csv"), "there is no such file or folder"),
        (("acme.tally",), "--data FILE"),
        (("acme.tally", "--set", "lines"), "is no pair of name and value"),
    ],
)
def test_what_is_wrong_is_told(verticore, words, said):
    done = verticore("run", *words)
    assert done.code == 2
    assert said in done.err


def test_operations_are_listed_and_shown(verticore):
    assert {"id": "acme.tally", "title": "Tally", "plugin": "acme"} in verticore("operations", "list", "--json").json[
        "operations"
    ]
    assert "verticore operations list" in verticore("solutions", "list").out

    shown = verticore("operations", "show", "acme.tally")
    assert "list of Line" in shown.out
    assert "headline" in shown.out
    assert "Who tells the label." in shown.out
    assert verticore("operations", "show", "acme.tally", "--json").json["rows"] == "lines"
