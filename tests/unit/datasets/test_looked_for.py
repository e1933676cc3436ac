"""Which of two classes is looked for, where the solution's own names do not tell it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from platform_core.datasets.info import DatasetInfo
from platform_core.datasets.label_column import TWO_CLASSES
from platform_core.datasets.looked_for import choose_looked_for
from platform_core.datasets.service import Datasets
from platform_core.plugin_host.host import PluginHost
from platform_core.sdk import ClassTarget, NumberTarget, Solution, UsageError
from tests.unit.datasets.conftest import Tables

FRAUD = ClassTarget(positive=("1", "fraud", "yes"))


@pytest.mark.parametrize(
    ("counts", "label", "by"),
    [
        ({"ja": 9, "nein": 91}, "ja", "opposite"),
        ({"A": 9, "Z": 91}, "A", "rarity"),
        ({"A": 91, "Z": 9}, "Z", "rarity"),
        ({"odd": 91, "good": 9}, "odd", "opposite"),
        ({"A": 5, "Z": 5}, "Z", "rarity"),
    ],
)
def test_the_rarer_class_is_looked_for_where_no_name_tells(counts: dict[str, int], label: str, by: str) -> None:
    found = choose_looked_for(FRAUD, sorted(counts), counts)
    assert found is not None
    assert (found.label, found.by) == (label, by)
    assert found.note.startswith(f"looked for: {label!r}, ")
    assert "--positive" in found.note


def test_names_that_the_solution_knows_come_first() -> None:
    assert choose_looked_for(FRAUD, ["Fraud", "other"], {"Fraud": 9, "other": 1}) is None
    assert choose_looked_for(ClassTarget(order=("low", "high")), ["low", "high"], {"low": 1, "high": 9}) is None
    assert choose_looked_for(FRAUD, ["a", "b", "c"], {}) is None
    assert choose_looked_for(NumberTarget(), [], {}) is None


def test_what_the_user_names_wins() -> None:
    found = choose_looked_for(FRAUD, ["other", "fraud"], {}, asked="Other")
    assert found is not None
    assert (found.label, found.by, found.note) == ("other", "asked", "")
    with pytest.raises(UsageError, match="no row has the label 'nope'"):
        choose_looked_for(FRAUD, ["other", "fraud"], {}, asked="nope")
    with pytest.raises(UsageError, match="but there are 3"):
        choose_looked_for(FRAUD, ["a", "b", "c"], {}, asked="a")


Import = Callable[..., DatasetInfo]


@pytest.fixture
def imported(tmp_path: Path, tables: Tables, datasets: Datasets, monkeypatch: pytest.MonkeyPatch) -> Import:
    solution: Solution = replace(tables(FRAUD), id="toy.fraud", head=TWO_CLASSES)
    monkeypatch.setattr(PluginHost, "solution", lambda self, name: solution)
    monkeypatch.setattr(PluginHost, "plugin", lambda self, name: type("P", (), {"name": "toy", "version": "1"}))

    def make(labels: list[str], **options: str) -> DatasetInfo:
        rows = [f"{i * 7 % 31};{'red' if i % 3 else 'blue'}{i};{label}" for i, label in enumerate(labels)]
        (tmp_path / "a.csv").write_text("\n".join(["size;colour;label", *rows]))
        return datasets.import_("toy.fraud", tmp_path / "a.csv", **options)  # type: ignore[arg-type]

    return make


def test_an_import_keeps_and_tells_the_choice(imported: Import) -> None:
    info = imported((["A"] + ["Z"] * 4) * 12)
    assert (info.positive, info.options["positive_by"]) == ("A", "rarity")
    assert "looked for: 'A', the rarer of the two; --positive names another" in info.notes


def test_an_import_takes_what_is_asked_for(imported: Import) -> None:
    info = imported((["A"] + ["Z"] * 4) * 12, positive="Z")
    assert info.positive == "Z"
    assert not any(note.startswith("looked for") for note in info.notes)
    with pytest.raises(UsageError, match="no row has the label 'nope'"):
        imported((["A"] + ["Z"] * 4) * 12, positive="nope")


def test_known_names_leave_versions_as_they_were(imported: Import) -> None:
    info = imported((["fraud"] + ["Z"] * 4) * 12)
    assert info.positive is None
    assert "positive" not in info.options


def test_a_rare_class_that_is_asked_for_is_one_of_the_two(imported: Import) -> None:
    labels = (["A"] + ["Y"] * 3 + ["Z"] * 4) * 12
    info = imported(labels, positive="A", skip_bad="yes")
    assert set(info.labels) == {"A", "Z"}
