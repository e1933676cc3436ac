import csv
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Annotated, Any

import pytest

from platform_core.datasets.likeness import duplicates_of
from platform_core.datasets.reading import Memory, ReadResult, read_examples
from platform_core.sdk import (
    Cells,
    ClassTarget,
    ColumnMissing,
    Columns,
    DataError,
    Example,
    NotFound,
    Number,
    PluginError,
    Solution,
    UsageError,
)
from tests.unit.datasets.conftest import Tables, Visit

RNG = Random(0)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    """Sixty claims with honest columns, an identifier, a leak, and columns that the solution refuses."""
    found = []
    for i in range(60):
        label = "fraud" if i % 3 == 0 else "fine"
        found.append(
            {
                "policy": f"P-{1000 + i}",
                "age": RNG.choice([20, 35, 50, "?"]),
                "car": RNG.choice(["Audi", "Fiat"]),
                "Closed_By": RNG.choice(["a", "b"]),
                "Batch": i % 2,
                "label": label,
                "paid out": "no" if label == "fraud" else "yes",
            }
        )
    return found


@pytest.fixture
def claims(tmp_path: Path, rows: list[dict[str, Any]]) -> Path:
    return write(tmp_path / "claims.csv", rows)


def cells(read: ReadResult, row: int = 0) -> dict[str, Any]:
    return dict(read.examples[row].example.columns)  # type: ignore[attr-defined]


def test_all_columns_but_the_refused_ones_feed_the_open_field(claims: Path, tables: Tables) -> None:
    read = read_examples(tables(), claims)
    assert read.mapping == {"label": "label", "columns": ("age", "car")}
    assert read.unused == ("policy", "Closed_By", "Batch", "paid out")
    assert [(s.column, s.kind) for s in read.dropped] == [
        ("Closed_By", "later"),
        ("Batch", "ignored"),
        ("policy", "identifier"),
        ("paid out", "leak"),
    ]
    assert read.warnings == [
        "the column 'Closed_By' is not used; it is known only later: the solution says so; "
        "use it with --keep Closed_By",
        "the column 'Batch' is not used; it means nothing for the label: the solution says so; "
        "use it with --keep Batch",
        "the column 'policy' is not used; it looks like an identifier: a different word in nearly every row, "
        "with a running number in it; use it with --keep policy",
        "the column 'paid out' is not used; it looks like a leak of the label: alone it tells the label with a "
        "balanced accuracy of 1.00 (chance 0.50); the other columns together reach "
        + read.warnings[3].partition("together reach ")[2],
    ]
    assert read.warnings[3].endswith("; use it with --keep 'paid out'")
    assert {type(cells(read, row)["age"]) for row in range(60)} == {float, type(None)}


def test_the_user_keeps_and_drops(claims: Path, tables: Tables) -> None:
    read = read_examples(tables(), claims, keep=["paid out", "Batch"], drop=["car", "policy"])
    assert read.mapping["columns"] == ("age", "Batch", "paid out")
    assert [s.column for s in read.dropped] == ["Closed_By"]
    assert any("'paid out' is used as you said; it looks like a leak" in warning for warning in read.warnings)
    kept_label = read_examples(tables(), claims, keep=["label"])
    assert "label" in kept_label.mapping["columns"]


def test_words_on_columns_must_fit(claims: Path, tables: Tables, tickets: Solution) -> None:
    with pytest.raises(NotFound, match="no column 'ages'") as caught:
        read_examples(tables(), claims, drop=["ages"])
    assert "did you mean 'age'" in str(caught.value)
    with pytest.raises(UsageError, match="both dropped and kept"):
        read_examples(tables(), claims, drop=["age"], keep=["age"])
    with pytest.raises(UsageError, match="no field that takes all columns"):
        read_examples(tickets, claims, mapping={"text": "car"}, drop=["age"])
    with pytest.raises(DataError, match="no column is left to learn from"):
        read_examples(tables(), claims, drop=["age", "car"])


def test_a_list_of_columns_is_final_but_leaks_are_told(claims: Path, tables: Tables) -> None:
    read = read_examples(tables(), claims, mapping={"columns": ("car", "paid out")})
    assert read.mapping["columns"] == ("car", "paid out")
    assert read.dropped == ()
    assert [w.partition(";")[0] for w in read.warnings] == ["the column 'paid out' is used as you said"]
    with pytest.raises(ColumnMissing, match="the data lacks the column of the mapping: 'brand'"):
        read_examples(tables(), claims, mapping={"columns": ("car", "brand")})


def test_columns_that_sound_like_outcomes_are_pointed_out(tmp_path: Path, rows: list[Any], tables: Tables) -> None:
    path = write(tmp_path / "a.csv", [{k: r[k] for k in ("car", "label")} | {"Disposition": r["age"]} for r in rows])
    (warning,) = read_examples(tables(), path).warnings
    assert warning == (
        "'Disposition' sounds as if it were filled in after the moment of prediction; "
        "if so, leave out: --drop Disposition"
    )


def test_group_time_and_named_fields_are_no_columns(tmp_path: Path, rows: list[Any], tables: Tables) -> None:
    rows = [row | {"complaint": f"pain {i % 7}", "day": i, "group": i // 2} for i, row in enumerate(rows)]
    path = write(tmp_path / "a.csv", rows)
    read = read_examples(tables(example=Visit), path, mapping={"time": "day"}, drop=["paid out", "Closed_By", "Batch"])
    assert read.mapping == {
        "time": "day",
        "complaint": "complaint",
        "label": "label",
        "group": "group",
        "columns": ("age", "car"),
    }


def test_equal_complaints_of_different_patients_are_no_duplicates(tmp_path: Path, tables: Tables) -> None:
    words = "the very same long complaint about pain in the left knee since yesterday"
    rows = [{"complaint": "chest pain", "age": i, "label": "ab"[i % 2]} for i in range(4)]
    rows += [{"complaint": f"{words} {i}", "age": i, "label": "ab"[i % 2]} for i in (4, 5)]
    read = read_examples(tables(example=Visit), write(tmp_path / "a.csv", rows), keep=["age"])
    found = duplicates_of(read.examples)
    assert (found.exact, found.near) == ((), ((4, 5),))


def test_a_model_reads_its_own_columns(tmp_path: Path, claims: Path, rows: list[Any], tables: Tables) -> None:
    memory = Memory("table", read_examples(tables(), claims).mapping)
    renamed = [{"extra": 1, "Car": row["car"], "age": row["age"]} for row in rows]
    path = write(tmp_path / "new.csv", [{"age": r["age"], "Car": r["car"], "car": "Fiat", "x": "?"} for r in rows[:3]])
    read = read_examples(tables(), path, remembered=memory, labelled=False)
    assert (read.mapping, read.warnings) == ({"columns": ("age", "car")}, [])
    assert cells(read)["car"] == "Fiat"
    read = read_examples(tables(), path, remembered=memory, labelled=False, mapping={"columns": ("x",)})
    assert read.mapping == {"columns": ("age", "car")}
    path = write(tmp_path / "renamed.csv", renamed)
    with pytest.raises(ColumnMissing, match="the data lacks the column of the model: 'car'") as caught:
        read_examples(tables(), path, remembered=memory, labelled=False)
    assert "'Car' may be 'car'; if so: --map columns.car=Car" in str(caught.value)
    assert caught.value.details["renamed"] == {"car": "Car"}
    read = read_examples(tables(), path, remembered=memory, labelled=False, mapping={"columns.car": "Car"})
    assert list(cells(read)) == ["age", "car"]
    assert read.mapping == {"columns": ("age", "car")}
    assert read.unused == ("extra",)


def test_all_absent_columns_are_named(tmp_path: Path, tables: Tables) -> None:
    memory = Memory("table", {"columns": ("Heart Rate", "Systolic BP", "Age", "Sex")})
    path = write(tmp_path / "a.csv", [{"heart_rate": 1, "systolic": 2, "age in years": 3, "z": 4}])
    with pytest.raises(
        ColumnMissing, match="4 columns of the model: 'Heart Rate', 'Systolic BP', 'Age', 'Sex'"
    ) as caught:
        read_examples(tables(), path, remembered=memory, labelled=False)
    assert caught.value.details["renamed"] == {"Heart Rate": "heart_rate", "Systolic BP": "systolic"}
    assert "--map 'columns.Heart Rate=heart_rate' --map 'columns.Systolic BP=systolic'" in str(caught.value)
    path = write(tmp_path / "b.csv", [{"z": 4}])
    with pytest.raises(ColumnMissing, match="4 columns") as caught:
        read_examples(tables(), path, remembered=memory, labelled=False)
    assert "columns that feed nothing yet: 'z'; tell of renames: --map columns.OLD=NEW" in str(caught.value)


def test_renames_must_name_columns_of_the_model_and_the_file(claims: Path, tables: Tables) -> None:
    memory = Memory("table", {"columns": ("age", "car")})
    with pytest.raises(ColumnMissing, match="no column 'carr'"):
        read_examples(tables(), claims, remembered=memory, mapping={"columns.carr": "car"})
    with pytest.raises(ColumnMissing, match="no column 'Auto'"):
        read_examples(tables(), claims, remembered=memory, mapping={"columns.car": "Auto"})
    with pytest.raises(UsageError, match="no model whose column 'car'"):
        read_examples(tables(), claims, mapping={"columns.car": "policy"})


def test_a_file_of_a_folder_that_lacks_a_column_is_named(tmp_path: Path, rows: list[Any], tables: Tables) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write(folder / "a.csv", [{k: row[k] for k in ("age", "car", "label")} for row in rows])
    write(folder / "b.csv", [{k: row[k] for k in ("age", "label")} for row in rows])
    with pytest.raises(ColumnMissing, match="'car'") as caught:
        read_examples(tables(), folder)
    assert caught.value.where == "b.csv"
    assert read_examples(tables(), folder, drop=["car"]).mapping["columns"] == ("age",)


def test_cells_that_cannot_be_read_are_bad_rows(tmp_path: Path, tables: Tables) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"age": 1, "tags": ["a"], "label": "x"}\n{"age": 2, "tags": "b", "label": "y"}\n')
    read = read_examples(tables(), path)
    assert (read.mapping["columns"], [s.kind for s in read.dropped]) == (("age",), ["unreadable"])
    with pytest.raises(DataError, match="a list, not text") as caught:
        read_examples(tables(), path, keep=["tags"])
    assert caught.value.where == "a.jsonl, data row 1, column 'tags'"
    assert len(read_examples(tables(), path, keep=["tags", "age"], skip_bad=True).examples) == 1


def test_strays_among_numbers_are_told(tmp_path: Path, tables: Tables) -> None:
    values = [{"size": RNG.random() if i != 7 else "big", "label": "ab"[i % 2]} for i in range(100)]
    read = read_examples(tables(), write(tmp_path / "a.csv", values))
    assert read.warnings == ["the column 'size' holds numbers; other values are read as missing: 'big'"]
    assert cells(read, 7)["size"] is None


def test_one_open_field_is_enough(claims: Path, tickets: Solution) -> None:
    class Two(Example):
        a: Annotated[Cells, Columns()]
        b: Annotated[Cells, Columns()]

    with pytest.raises(PluginError, match="2 fields marked Columns"):
        read_examples(replace(tickets, example=Two), claims)


def test_named_numbers_beside_the_open_field_take_missing_markers(tmp_path: Path, tickets: Solution) -> None:
    class Mixed(Example):
        age: Annotated[float | None, Number(aliases=("Age",))] = None
        rest: Annotated[Cells, Columns()]

    rows = [
        {"Age": age, "car": ["Fiat", "Audi"][i % 2], "label": "ab"[i // 2 % 2]}
        for i, age in enumerate(["??", "3,5", "-", "40"] * 9)
    ]
    read = read_examples(replace(tickets, example=Mixed, target=ClassTarget()), write(tmp_path / "a.csv", rows))
    assert [row.example.age for row in read.examples[:4]] == [None, 3.5, None, 40.0]  # type: ignore[attr-defined]
    assert read.mapping["rest"] == ("car",)
