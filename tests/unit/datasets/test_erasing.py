"""Erasing persons from stored datasets, also where the process dies at any moment."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import polars
import pytest

from platform_core.datasets import catalogue, erasing
from platform_core.datasets.erasing import Eraser
from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.pseudonyms import Pseudonyms
from platform_core.datasets.rewriting import kept_warnings
from platform_core.datasets.service import Datasets
from platform_core.datasets.tombstones import Person
from platform_core.datasets.versions import FACTS_FILE
from platform_core.db.engine import Database
from platform_core.sdk import Conflict, EmptyData, Example, Identity, NonBlank, NotFound, Solution, Text
from platform_core.storage import Storage
from platform_core.storage.manifest import MANIFEST_NAME


class Letter(Example):
    text: Annotated[NonBlank, Text()]
    patient: Annotated[str | None, Identity()] = None


class Note(Example):
    text: Annotated[NonBlank, Text()]


class Host:
    """Knows the solutions of both types, as long as their plugin is there."""

    def __init__(self, tickets: Solution) -> None:
        self._solutions = {
            "toy.letters": replace(tickets, id="toy.letters", example=Letter),
            "toy.notes": replace(tickets, id="toy.notes", example=Note),
        }
        self.is_there = True

    def add(self, name: str, example: type[Example]) -> None:
        """Know one more."""
        self._solutions[name] = replace(self._solutions["toy.letters"], id=name, example=example)

    def solution(self, name: str) -> Solution:
        if not self.is_there:
            raise NotFound("the plugin is gone")
        return self._solutions[name]

    def plugin(self, name: str) -> Any:
        return SimpleNamespace(name=name, version="1.0")


@pytest.fixture
def pseudonyms(tmp_path: Path) -> Pseudonyms:
    return Pseudonyms(tmp_path / "key")


@pytest.fixture
def host(tickets: Solution) -> Host:
    return Host(tickets)


@pytest.fixture
def service(database: Database, storage: Storage, host: Host, pseudonyms: Pseudonyms) -> Datasets:
    return Datasets(database, storage, host, pseudonyms, "local")  # type: ignore[arg-type]


TURNS = ("fever at night", "a broken arm", "pain in the chest", "a deep cut", "no sleep for days", "a rash on the legs")


def write(file: Path, *, persons: int = 12, rows: int = 60) -> Path:
    """Write rows that go around ``persons``, P0 and so on."""
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, ["text", "patient", "label"])
        writer.writeheader()
        for i in range(rows):
            text = f"word{i * 7919} reports {TURNS[i % 6]} since day{i * 31}"
            writer.writerow({"text": text, "patient": f"P{i % persons}", "label": ("low", "high")[i // 2 % 2]})
    return file


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return write(tmp_path / "letters.csv")


def erase(eraser: Eraser, subject: str, solution: str = "") -> int:
    """Erase as a whole; return how many stored tables held rows."""
    person = Person(eraser.pseudonym(subject), solution)
    eraser.begin(person)
    holdings = eraser.find(person)
    for holding in holdings:
        eraser.switch(person, holding)
    for holding in holdings:
        eraser.drop(holding)
    eraser.sweep(person)
    eraser.finish(person, [])
    return len(holdings)


def persons_on(disk: Path) -> set[str]:
    """Return the persons in all stored tables, wherever they lie."""
    found: set[str] = set()
    for file in disk.rglob("*.parquet"):
        frame = polars.read_parquet(file)
        for name in ("patient", "group"):
            if name in frame.columns:
                found |= set(frame[name].drop_nulls())
    return found


def test_a_person_goes_and_the_version_stays_what_it_was_otherwise(service, letters, home, pseudonyms):
    before = service.import_("toy.letters", letters, name="mail")
    assert erase(service.eraser, " P3 ") == 1
    after = service.resolve("mail:1")
    assert (after.id, after.ref, after.created_at) == (before.id, before.ref, before.created_at)
    assert (after.rows, sum(after.splits.values())) == (55, 55)
    assert after.digest != before.digest
    assert sum(sum(counts.values()) for counts in after.statistics["labels"].values()) == 55
    (step,) = after.erased
    assert (step["rows"], step["digest"]) == (5, before.digest)
    assert f"5 rows of a person were erased on {step['at'][:10]}" in after.warnings
    assert len(service.load(after)) == 55
    assert pseudonyms.of("P3") not in persons_on(home)
    assert pseudonyms.of("P4") in persons_on(home)
    assert after.erased_since(before.digest) == 5
    assert after.erased_since(after.digest) == 0


def test_the_name_of_a_file_with_nobody_else_in_it_goes_too(service, tmp_path, letters, storage, pseudonyms):
    own = write(tmp_path / "visits of Jane.csv", persons=1, rows=6)
    own.write_text(own.read_text().replace("P0", "Jane").replace("word", "term"))
    service.import_("toy.letters", letters, name="mail", test=own)
    before = str(service.resolve("mail").provenance)
    assert pseudonyms.of_file(own.name) in before
    assert "Jane" not in before
    erase(service.eraser, "Jane")
    after = service.resolve("mail")
    assert [file["name"] for file in after.provenance["files"]] == [pseudonyms.of_file("letters.csv")]
    assert pseudonyms.of_file(own.name) not in (storage.fetch(after.storage_key) / FACTS_FILE).read_text()


def test_the_name_of_such_a_file_does_not_come_back(service, tmp_path, pseudonyms):
    folder = tmp_path / "visits"
    folder.mkdir()
    write(folder / "all.csv")
    own = write(folder / "Jane.csv", persons=1, rows=6)
    own.write_text(own.read_text().replace("P0", "Jane").replace("word", "term"))
    before = service.import_("toy.letters", folder, name="mail")
    assert [file["name"] for file in before.provenance["files"]] == [
        pseudonyms.of_file(name) for name in ("Jane.csv", "all.csv")
    ]
    erase(service.eraser, "Jane")
    again = service.import_("toy.letters", folder, name="again")
    assert [file["name"] for file in again.provenance["files"]] == [pseudonyms.of_file("all.csv")]


def test_the_rows_that_stay_keep_their_order_splits_and_places(service, letters):
    info = service.import_("toy.letters", letters, name="mail")
    name = service.eraser.pseudonym("P3")
    expected = [row for row in service.load(info) if row.example.patient != name]
    erase(service.eraser, "P3")
    assert service.load(service.resolve(info.id)) == expected


def test_a_person_is_found_by_group_too_in_all_datasets_of_the_tenant(service, letters, home):
    service.import_("toy.notes", letters, name="notes", group="patient")
    service.import_("toy.notes", letters, name="more", group="patient")
    service.import_("toy.letters", letters, name="mail")
    assert "P3" in persons_on(home)
    assert erase(service.eraser, "P3") == 2  # equal datasets share their table
    assert {info.ref: info.rows for info in service.list()} == {"mail:1": 55, "more:1": 55, "notes:1": 55}
    assert "P3" not in persons_on(home)


def test_the_hash_that_stands_in_a_version_names_the_person_as_well(service, letters):
    info = service.import_("toy.letters", letters)
    name = service.load(info)[0].example.patient
    assert erase(service.eraser, name) == 1
    assert service.resolve(info.id).rows == 55


def test_several_persons_leave_one_after_the_other(service, letters):
    first = service.import_("toy.letters", letters)
    erase(service.eraser, "P1")
    middle = service.resolve(first.id)
    erase(service.eraser, "P2")
    last = service.resolve(first.id)
    assert [step["digest"] for step in last.erased] == [first.digest, middle.digest]
    assert [last.erased_since(info.digest) for info in (first, middle, last)] == [10, 5, 0]
    assert last.erased_since(None) == 10


def test_other_tenants_keep_their_rows(database, storage, host, pseudonyms, service, letters):
    other = Datasets(database, storage, host, pseudonyms, "other")
    service.import_("toy.letters", letters)
    other.import_("toy.letters", letters)
    erase(service.eraser, "P3")
    assert [info.rows for info in other.list()] == [60]
    assert len(other.load(other.list()[0])) == 60
    assert other.eraser.erased("toy.letters") == frozenset()


def test_an_erasure_limited_to_a_solution_leaves_the_data_of_others_alone(service, letters, host, pseudonyms):
    host.add("toy.more", Letter)
    name = pseudonyms.of("P3")
    mine, other = service.import_("toy.letters", letters, name="a"), service.import_("toy.more", letters, name="b")
    assert erase(service.eraser, "P3", "toy.letters") == 1
    left = [service.resolve(version.id) for version in (mine, other)]
    assert [version.rows for version in left] == [55, 60]
    assert name not in {row.example.patient for row in service.load(left[0])}
    assert name in {row.example.patient for row in service.load(left[1])}
    assert (service.eraser.erased("toy.letters"), service.eraser.erased("toy.more")) == ({name}, frozenset())
    assert service.import_("toy.letters", letters, name="c").rows == 55
    assert service.import_("toy.more", letters, name="d").rows == 60

    assert erase(service.eraser, "P3") == 1, "from the rest"
    assert service.resolve(other.id).rows == 55
    assert service.import_("toy.more", letters, name="e").rows == 55


def test_a_version_of_one_person_becomes_an_empty_tombstone(service, tmp_path, home):
    info = service.import_("toy.notes", write(tmp_path / "one.csv", persons=1), name="one", group="patient")
    erase(service.eraser, "P0")
    left = service.resolve("one:1")
    assert (left.id, left.rows, left.labels, set(left.splits.values())) == (info.id, 0, [], {0})
    with pytest.raises(EmptyData, match="all rows of this version were erased") as caught:
        service.load(left)
    assert caught.value.where == "one:1"
    assert persons_on(home) == set()


def test_the_same_file_is_imported_again_without_the_person(service, letters):
    service.import_("toy.letters", letters, name="mail")
    erase(service.eraser, "P3")
    again = service.import_("toy.letters", letters, name="mail")
    assert (again.ref, again.rows, again.reused) == ("mail:2", 55, False)
    assert "5 rows of 1 person who was erased were left out" in again.warnings
    grouped = service.import_("toy.notes", letters, name="notes", group="patient")
    assert grouped.rows == 55
    assert service.import_("toy.letters", letters, name="mail").reused


def test_a_file_of_erased_persons_alone_is_refused(service, tmp_path):
    file = write(tmp_path / "one.csv", persons=2)
    erase(service.eraser, "P0")
    erase(service.eraser, "P1")
    with pytest.raises(EmptyData, match="all rows are of 2 persons who were erased"):
        service.import_("toy.letters", file)
    assert service.list() == []


def test_official_splits_lose_the_person_as_well(service, tmp_path, letters):
    erase(service.eraser, "P3")
    info = service.import_("toy.letters", letters, test=write(tmp_path / "test.csv", rows=24, persons=12))
    assert service.eraser.find(Person(service.eraser.pseudonym("P3"))) == []
    assert sum("were left out" in warning and "1 person" in warning for warning in info.warnings) == 2


def test_an_import_during_which_a_person_is_erased_is_refused_and_leaves_nothing(
    service, letters, storage, monkeypatch
):
    write_version = catalogue.write_version

    def and_meanwhile(*arguments: Any) -> None:
        write_version(*arguments)
        erase(service.eraser, "P3")

    with monkeypatch.context() as patch:
        patch.setattr(catalogue, "write_version", and_meanwhile)
        with pytest.raises(Conflict, match="a person was erased while the data was read"):
            service.import_("toy.letters", letters)
    assert (service.list(), storage.keys()) == ([], [])
    assert service.import_("toy.letters", letters).rows == 55


def test_who_asked_before_is_told_that_the_version_changed(service, letters):
    info = service.import_("toy.letters", letters)
    erase(service.eraser, "P3")
    with pytest.raises(Conflict, match="rows of a person were erased meanwhile"):
        service.load(info)


def test_a_plugin_that_is_gone_keeps_nobody(service, host, letters, home, pseudonyms):
    info = service.import_("toy.letters", letters)
    host.is_there = False
    erase(service.eraser, "P3")
    after = service.resolve(info.id)
    assert pseudonyms.of("P3") not in persons_on(home)
    assert (after.rows, after.labels) == (55, ["low", "high"])
    assert sum(after.statistics["labels"]["train"].values()) == after.splits["train"]
    host.is_there = True
    assert len(service.load(after)) == 55


def test_versions_of_another_key_are_named(database, storage, host, tmp_path, service, letters):
    service.import_("toy.letters", letters, name="old")
    other = Datasets(database, storage, host, Pseudonyms(tmp_path / "other key"), "local")
    assert (service.eraser.hidden(), other.eraser.hidden()) == ([], ["old:1"])


def test_warnings_that_quote_rows_do_not_outlive_them():
    warnings = [
        "3 bad rows were skipped: a.csv, row 5, column 'age': 'Jane Doe' is no number",
        "the column 'age' holds numbers; other values are read as missing: 'Jane'",
        "column 'age': 1 value cannot be (0 to 120) and is taken as missing: a.csv, data row 5: 300",
        "column 'at': 1 value cannot be read as moments, and are not used: a.csv, data row 5: 'read as missing: Jane'",
        "column 'o2': 1 word is not understood (known: yes, no), by rules taken as missing: a.csv, data row 5: 'Jane'",
        "some labels are not among the solution's (low, high): 'jane' (1 row)",
        "the test split has no row labelled 'jane': its test metrics say nothing of it",
        "the column 'id' is not used; it looks like an identifier: every value is another",
    ]
    kept = kept_warnings(warnings)
    assert kept == [
        "3 bad rows were skipped",
        "the column 'age' holds numbers; other values are read as missing",
        "column 'age': 1 value cannot be (0 to 120) and is taken as missing",
        "column 'at': 1 value cannot be read as moments, and are not used",
        "column 'o2': 1 word is not understood (known: yes, no), by rules taken as missing",
        "the column 'id' is not used; it looks like an identifier: every value is another",
    ]


# Crashes


class PowerCut(BaseException):
    """The process dies."""


STEPS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {}


def step(cut: Callable[[pytest.MonkeyPatch], None]) -> Callable[[pytest.MonkeyPatch], None]:
    STEPS[cut.__name__.removeprefix("cut_").replace("_", " ")] = cut
    return cut


def dies(*_: Any, **__: Any) -> Any:
    raise PowerCut


@step
def cut_before_the_new_table_is_written(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(erasing, "write_without", dies)


@step
def cut_before_it_is_published(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Storage, "publish", dies)


@step
def cut_before_the_rows_are_switched(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Eraser, "_write", dies)


@step
def cut_while_the_rows_are_switched(patch: pytest.MonkeyPatch) -> None:
    commit = erasing.DatasetRepository.stored_as
    calls = iter(range(10))

    def stored_as(self: Any, key: str) -> Any:
        found = commit(self, key)
        if next(calls) > 0:  # the first call is that of `find`
            for version, _ in found:
                version.rows = -1
            raise PowerCut
        return found

    patch.setattr(erasing.DatasetRepository, "stored_as", stored_as)


@step
def cut_before_the_old_table_is_deleted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Eraser, "drop", dies)


@step
def cut_while_the_old_table_is_deleted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("platform_core.storage.local.shutil.rmtree", dies)


@step
def cut_before_the_end_is_noted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Eraser, "finish", dies)


@pytest.mark.parametrize("cut", STEPS)
def test_a_crash_leaves_the_old_or_the_new_and_the_same_call_finishes(
    cut, service, letters, home, pseudonyms, monkeypatch
):
    before = service.import_("toy.letters", letters, name="mail")
    subject = pseudonyms.of("P3")
    with monkeypatch.context() as patch:
        STEPS[cut](patch)
        with pytest.raises(PowerCut):
            erase(service.eraser, "P3")
    state = service.resolve("mail:1")
    assert (state.digest, state.rows) == (before.digest, 60) or (state.digest != before.digest and state.rows == 55)
    assert len(service.load(state)) == state.rows
    tombstone = service.eraser.tombstone(Person(subject))
    assert tombstone is not None
    assert not tombstone.finished

    erase(service.eraser, "P3")
    after = service.resolve("mail:1")
    assert len(service.load(after)) == after.rows == 55
    assert subject not in persons_on(home)
    tombstone = service.eraser.tombstone(Person(subject))
    assert tombstone is not None
    assert (tombstone.finished, tombstone.versions) == (True, {before.id: 5})
    assert len(after.erased) == 1


def test_what_an_import_that_died_has_published_goes_too(service, letters, storage, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(catalogue.Catalogue, "_list", dies)
        with pytest.raises(PowerCut):
            service.import_("toy.letters", letters)
    assert len(storage.keys()) == 1
    assert erase(service.eraser, "P3") == 1
    assert storage.keys() == []


def test_models_that_are_being_published_are_left_alone(service, letters, storage):
    service.import_("toy.letters", letters, name="mail")
    with storage.staging() as folder:
        (folder / "model.json").write_text("{}")
        (folder / MANIFEST_NAME).write_text("{}")
        erase(service.eraser, "P3")
        assert (folder / "model.json").exists()


def test_two_erasures_at_once_do_not_undo_each_other(service, letters, monkeypatch):
    service.import_("toy.letters", letters, name="mail")
    write = Eraser._write

    def and_before(self: Eraser, *arguments: Any) -> None:
        monkeypatch.undo()
        erase(self, "P4")
        write(self, *arguments)

    monkeypatch.setattr(Eraser, "_write", and_before)
    with pytest.raises(Conflict, match="another process has changed the same data"):
        erase(service.eraser, "P3")
    erase(service.eraser, "P3")
    info: DatasetInfo = service.resolve("mail")
    assert (info.rows, len(info.erased)) == (50, 2)


def test_a_remote_storage_and_its_local_copies_forget_as_well(database, tmp_path, host, pseudonyms, letters):
    storage = Storage(f"memory://{tmp_path.name}", tmp_path / "copies")
    service = Datasets(database, storage, host, pseudonyms, "local")
    service.load(service.import_("toy.letters", letters))
    assert pseudonyms.of("P3") in persons_on(tmp_path / "copies")
    erase(service.eraser, "P3")
    assert pseudonyms.of("P3") not in persons_on(tmp_path / "copies")
    assert len(service.load(service.list()[0])) == 55
    (key,) = storage.keys()
    assert key == service.list()[0].storage_key
