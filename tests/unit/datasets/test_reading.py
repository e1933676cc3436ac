import csv
import json
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars
import pytest

from platform_core.datasets.reading import Memory, read_examples
from platform_core.sdk import (
    ColumnMapping,
    DataError,
    NotFound,
    PluginError,
    Probe,
    RawTable,
    Record,
    Solution,
    Source,
)
from platform_core.sdk.adapters import TableAdapter


def write(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_all_formats_give_the_same_examples(tmp_path: Path, tickets: Solution, suffix: str) -> None:
    rows = [{"Body": " printer, broken ", "Days": 2.5, "label": 1.0}, {"Body": "all fine", "Days": None, "label": 0.0}]
    path = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        polars.DataFrame(rows).write_parquet(path)
    elif suffix == "jsonl":
        path.write_text("\n".join(map(json.dumps, rows)))
    else:
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter="\t" if suffix == "tsv" else ",")
            writer.writeheader()
            writer.writerows([row | {"label": int(row["label"] or 0)} for row in rows])
    read = read_examples(tickets, path)
    assert read.mapping == {"text": "Body", "age": "Days", "label": "label"}
    found = [(e.example.model_dump(exclude={"channel"}), e.target) for e in read.examples]
    assert found == [({"text": "printer, broken", "age": 2.5}, "1"), ({"text": "all fine", "age": None}, "0")]


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999"])
@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_numbers_must_be_finite(tmp_path: Path, tickets: Solution, value: str, suffix: str) -> None:
    if suffix == "csv":
        path = write(tmp_path, f"text,days,label\nfine,1,a\nodd,{value},b\n")
    else:
        number = {"inf": "Infinity"}.get(value, value)
        lines = '{"text": "fine", "days": 1, "label": "a"}\n{"text": "odd", "days": %s, "label": "b"}\n'
        path = write(tmp_path, lines % number, "a.jsonl")
    with pytest.raises(DataError, match="no finite number") as caught:
        read_examples(tickets, path)
    assert caught.value.where == f"a.{suffix}, data row 2, column 'days'"


def test_shows_the_first_problem_and_counts_the_others(tmp_path: Path, tickets: Solution) -> None:
    rows = "".join(f"text {i},x,a\n" for i in range(30))
    path = write(tmp_path, f"text,days,label\ngood,1,a\n ,2,a\ngood,3,\n{rows}")
    with pytest.raises(DataError) as caught:
        read_examples(tickets, path)
    error = caught.value
    assert str(error).startswith(
        "data.invalid: the text is empty (and 31 more bad rows: "
        "a.csv, data row 3, column 'label': the row has no label; "
    )
    assert str(error).endswith(
        "; …), at a.csv, data row 2, column 'text', correct it, or skip such rows with --skip-bad"
    )
    assert error.details["count"] == 32
    assert len(error.details["problems"]) == 20
    assert error.details["problems"][1]["message"] == "the row has no label"
    assert "is no number" in error.details["problems"][2]["message"]


def test_skips_and_counts_bad_rows_when_told(tmp_path: Path, tickets: Solution) -> None:
    path = write(tmp_path, "text,label,note\nfirst,a,1\n,a,2\nragged,a\nlast,b,4\n")
    read = read_examples(tickets, path, skip_bad=True)
    assert [e.example.text for e in read.examples] == ["first", "last"]  # type: ignore[attr-defined]
    assert read.bad_rows == 2
    assert read.warnings == [
        "2 bad rows were skipped: a.csv, data row 2, column 'text': the text is empty; "
        "a.csv, data row 3: the row has 2 fields, the header has 3"
    ]
    assert [read.raw.columns["note"][row] for row in read.rows] == ["1", "4"]
    assert read.unused == ("note",)


def test_values_that_are_no_text_are_refused(tmp_path: Path, tickets: Solution) -> None:
    path = write(tmp_path, '{"text": ["a", "b"], "label": "x"}\n', "a.jsonl")
    with pytest.raises(DataError, match="a list, not text") as caught:
        read_examples(tickets, path)
    assert caught.value.where == "a.jsonl, data row 1, column 'text'"


def test_shows_the_row_when_no_row_can_be_read(tmp_path: Path, tickets: Solution) -> None:
    with pytest.raises(DataError, match="JSON") as caught:
        read_examples(tickets, write(tmp_path, "text,label\n", "a.jsonl"))
    assert caught.value.where == "a.jsonl, data row 1"


def test_labels_are_not_needed_for_prediction(tmp_path: Path, tickets: Solution) -> None:
    path = write(tmp_path, "text,channel\nhello there,mail\n")
    assert read_examples(tickets, path, labelled=False).examples[0].target is None
    assert read_examples(tickets, path, labelled=None).examples[0].target is None


def test_what_a_model_remembers_is_used_as_far_as_it_fits(tmp_path: Path, tickets: Solution) -> None:
    memory = Memory("other", {"text": "first", "label": "gone"})
    path = write(tmp_path, "first,text,label\none,two,a\n")
    read = read_examples(tickets, path, remembered=memory)
    assert read.mapping == {"text": "first", "label": "label"}
    assert read.adapter == "table"


def test_a_folder_is_read_whole_and_unknown_files_are_counted(tmp_path: Path, tickets: Solution) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, "text,label\none,a\n")
    write(tmp_path / "sub", "text,label\ntwo,b\n", "b.csv")
    write(tmp_path, "hidden", ".hidden")
    write(tmp_path, "# Notes", "notes.md")
    read = read_examples(tickets, tmp_path)
    assert [str(e.place) for e in read.examples] == ["a.csv, data row 1", "sub/b.csv, data row 1"]
    assert read.ignored_files == ("notes.md",)
    assert read.warnings == ["1 file was ignored, unknown to the adapter 'table': notes.md"]


class Greedy(TableAdapter):
    name = "greedy"
    specificity = 5


class Broken(TableAdapter):
    name = "broken"
    specificity = 9

    def probe(self, source: Source) -> Probe:
        return Probe(tuple(f for f in source.files if f.name == "broken.csv"), "")

    def raw(self, source: Source, limit: int | None = None) -> RawTable:
        return RawTable(columns={"text": ["a"], "label": ["b"]}, rows=1)

    def read(self, source: Source, mapping: ColumnMapping) -> Iterator[Record]:
        raise KeyError("oops")


def test_the_most_specific_adapter_that_fits_is_used(tmp_path: Path, tickets: Solution) -> None:
    solution = replace(tickets, adapters=(TableAdapter(), Greedy(), Broken()))
    path = write(tmp_path, "text,label\none,a\n")
    assert read_examples(solution, path).adapter == "greedy"
    assert read_examples(solution, path, adapter="table").adapter == "table"
    assert (
        read_examples(solution, path, remembered=Memory("table", {"text": "text", "label": "mood"})).adapter == "table"
    )
    assert read_examples(solution, path, remembered=Memory("table", {"text": "body"})).adapter == "greedy"
    with pytest.raises(NotFound, match="no adapter 'tabel'") as caught:
        read_examples(solution, path, adapter="tabel")
    assert "did you mean 'table'" in str(caught.value)
    with pytest.raises(DataError, match="knows none of the files"):
        read_examples(solution, path, adapter="broken")


def test_an_adapter_that_breaks_is_named(tmp_path: Path, tickets: Solution) -> None:
    solution = replace(tickets, adapters=(TableAdapter(), Broken()))
    with pytest.raises(PluginError) as caught:
        read_examples(solution, write(tmp_path, "text,label\none,a\n", "broken.csv"))
    assert caught.value.message == "the adapter 'broken' failed: KeyError"
    assert caught.value.where == f"{__name__}:{Broken.read.__code__.co_firstlineno + 1}"
    # Its words may quote rows.
    assert "oops" not in "".join(traceback.format_exception(caught.value)).replace('KeyError("oops")', "")


class Hinting(TableAdapter):
    label_hint = "labels stand in the column 'label'"


def test_whether_a_label_is_needed_the_core_decides_and_the_adapter_says_where_it_stands(
    tmp_path: Path, tickets: Solution
) -> None:
    solution = replace(tickets, adapters=(Hinting(),))
    path = write(tmp_path, '{"text": "one", "label": 0}\n{"text": "two", "label": null}\n', "a.jsonl")
    assert [row.target for row in read_examples(solution, path, labelled=None).examples] == ["0", None]
    with pytest.raises(DataError, match="the row has no label") as caught:
        read_examples(solution, path)
    assert caught.value.where == "a.jsonl, data row 2, column 'label'"
    assert "labels stand in the column 'label'" in str(caught.value.hint)
