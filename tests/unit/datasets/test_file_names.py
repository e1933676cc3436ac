"""Names of files are stored as keyed hashes where a solution hides who its examples are about."""

from dataclasses import replace
from pathlib import Path

import pytest

from platform_core.datasets.file_names import FileNames
from platform_core.datasets.finishing import Finisher
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.reading import ReadResult, read_examples
from platform_core.sdk import DataError, Solution

NAMES = ("x.csv", "smith_john_1950.csv", "wards/x.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for number, name in enumerate(NAMES):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"at,amount,place,ward,label\n2024-01-0{number + 1},{number},here,W{number},up\n")
    return root


def read(finisher: Finisher, folder: Path) -> ReadResult:
    return read_examples(finisher.solution, folder, finisher=finisher, mapping={"group": "ward"})


def test_each_file_has_a_name_of_its_own_that_tells_nothing(finisher: Finisher, folder: Path) -> None:
    found = read(finisher, folder)
    names = FileNames(finisher, [found])
    stored = {
        before.place.file: after.place.file
        for before, after in zip(found.examples, names.in_rows(found.examples), strict=True)
    }
    assert set(stored) == set(NAMES)
    assert stored == {name: finisher.pseudonyms.of_file(name) for name in NAMES}
    assert not any("smith" in name or "x.csv" in name for name in stored.values())
    assert all(name.endswith(".csv") for name in stored.values())
    files = names.in_provenance({"files": [{"name": name, "bytes": 1} for name in NAMES]})["files"]
    assert [file["name"] for file in files] == [stored[name] for name in NAMES]


def test_sentences_quote_stored_names(finisher: Finisher, folder: Path) -> None:
    names = FileNames(finisher, [read(finisher, folder)])
    told = f"1 bad row was skipped: smith_john_1950.csv, data row 3; wards/x.csv; {folder / 'x.csv'}: bad"
    (kept,) = names.in_texts([told])
    of = finisher.pseudonyms.of_file
    assert kept == f"1 bad row was skipped: {of(NAMES[1])}, data row 3; {of(NAMES[2])}; {of(NAMES[0])}: bad"


def test_groups_are_hidden_as_identities_are(finisher: Finisher, folder: Path) -> None:
    assert {row.group for row in read(finisher, folder).examples} == {finisher.pseudonyms.of(f"W{n}") for n in range(3)}


def test_messages_of_errors_show_the_name_as_it_is(finisher: Finisher, folder: Path) -> None:
    (folder / NAMES[1]).write_text("at,amount,place,ward,label\n2024-01-01,much,here,W,up\n")
    with pytest.raises(DataError) as caught:
        read(finisher, folder)
    assert str(caught.value.where).startswith("smith_john_1950.csv, data row 1")


def test_a_solution_that_hides_nobody_keeps_names(tickets: Solution, pseudonyms: Pseudonyms, tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("text,group,label\na,g1,low\nb,g2,high\n")
    finisher = Finisher(replace(tickets, masker=None), pseudonyms)
    found = read_examples(finisher.solution, path, finisher=finisher)
    names = FileNames(finisher, [found])
    assert names.in_rows(found.examples) == found.examples
    assert names.in_texts(["tickets.csv, data row 1"]) == ["tickets.csv, data row 1"]
    assert [row.group for row in found.examples] == ["g1", "g2"]


@pytest.mark.parametrize(("name", "suffix"), [("a.csv", ".csv"), ("note.smith", ""), ("A.TXT", ".txt"), ("smith", "")])
def test_only_usual_suffixes_stay(pseudonyms: Pseudonyms, name: str, suffix: str) -> None:
    assert pseudonyms.of_file(name).partition("f_")[2][16:] == suffix
    assert pseudonyms.of_file(name) != pseudonyms.of(name)
