"""A person is erased while a search or a run works on their rows: nothing of them is written again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from worlds import make_rows, make_targets
from worlds.plugin import installed_world, verticore, write_csv

from platform_core.datasets.catalogue import DataChanged
from platform_core.finetune import erasing
from platform_core.finetune.search.preliminaries import Prospect
from platform_core.modeling import feature_cache
from platform_core.modeling.feature_cache import FeatureCache, feature_key
from platform_core.platform import Platform
from platform_core.sdk import Conflict

LETTERS = """
from typing import Annotated

from platform_core.sdk import Example, Identity, NonBlank, Text


class Letter(Example):
    text: Annotated[NonBlank, Text()]
    patient: Annotated[str | None, Identity()] = None


words = replace(words, example=Letter)
"""
DATA = "world.words:1"
QUICK: dict[str, Any] = {"method": "head", "settings": {"epochs": 2}}
SEARCHES: dict[str, Callable[[Platform], Any]] = {
    "tune": lambda platform: platform.tune("world.words", DATA, trials=1, **QUICK),
    "tune over folds": lambda platform: platform.tune("world.words", DATA, trials=1, cv=2, **QUICK),
    "cv": lambda platform: platform.train("world.words", DATA, cv=2, **QUICK),
    "minutes": lambda platform: platform.train("world.words", DATA, minutes=5, settings={"epochs": 2}),
    "train": lambda platform: platform.train("world.words", DATA, **QUICK),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("place")
    with installed_world(folder, more=LETTERS):
        rows = make_rows(60, 0)
        labels = make_targets("multiclass", rows)
        write_csv(
            folder / "letters.csv",
            [
                {"text": f"{row['text']} {i}", "patient": "Jane" if i < 6 else f"P{i}", "label": label}
                for i, (row, label) in enumerate(zip(rows, labels, strict=True))
            ],
        )
        yield folder


@pytest.fixture
def home(place: Path, tmp_path: Path) -> Path:
    home = tmp_path / "workspace"
    assert verticore("data", "import", "world.words", place / "letters.csv", "--home", home).code == 0
    return home


@pytest.fixture
def erase(home: Path) -> Iterator[Callable[[], Future[Any]]]:
    """Erase the person in another thread, with rooms of its own, as another process does."""

    def work() -> Any:
        with Platform.open(home) as platform:
            return platform.erase("Jane")

    with ThreadPoolExecutor(1) as pool:
        yield lambda: pool.submit(work)


@pytest.fixture
def vectors(home: Path) -> Callable[[], set[str]]:
    """Return which texts of the version, before the person was erased, have features in the cache."""
    with Platform.open(home) as platform:
        rows = platform.datasets.load(platform.datasets.resolve(DATA))
        name = platform.datasets.eraser.pseudonym("Jane")
    texts = {row.example.text for row in rows if row.example.patient == name}  # type: ignore[attr-defined]
    assert len(texts) == 6

    def cached() -> set[str]:
        held = [file.read_bytes() for file in (home / "cache" / "features").rglob("*.features")]
        return {text for text in texts if any(feature_key(text) in content for content in held)}

    return cached


def left(home: Path) -> list[Path]:
    """Return the checkpoints and states of searches that are there."""
    found = [*(home / "studies").glob("*/*"), *(home / "runs").rglob("checkpoint")]
    return [path for path in found if path.suffix not in (".held", ".lock")]


@pytest.mark.parametrize("search", ["tune", "tune over folds", "cv"])
def test_features_are_not_written_after_an_erasure(
    home: Path, erase: Any, vectors: Any, monkeypatch: pytest.MonkeyPatch, search: str
) -> None:
    write, erased = FeatureCache._write, []

    def late(cache: FeatureCache, *what: Any) -> None:
        if not erased:
            erased.append(erase().result(timeout=60))
        write(cache, *what)

    monkeypatch.setattr(FeatureCache, "_write", late)
    with Platform.open(home) as platform:
        with pytest.raises(DataChanged, match="the data changed: rows of a person were erased") as caught:
            SEARCHES[search](platform)
        assert "start again" in str(caught.value.hint)
        assert erased[0].found
        assert (vectors(), left(home), platform.runs.list()) == (set(), [], [])
        monkeypatch.undo()
        SEARCHES[search](platform)
        assert vectors() == set()


def test_a_search_that_keeps_states_is_waited_for(
    home: Path, erase: Any, vectors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, refused = FeatureCache._write, []

    def late(cache: FeatureCache, *what: Any) -> None:
        if not refused:
            with pytest.raises(Conflict, match="another process searches on the rows") as caught:
                erase().result(timeout=60)
            assert "what was removed until now stays removed, and it goes on" in str(caught.value.hint)
            refused.append(caught.value)
        write(cache, *what)

    monkeypatch.setattr(FeatureCache, "_write", late)
    with Platform.open(home) as platform:
        result = SEARCHES["minutes"](platform)
        assert refused
        assert erase().result(timeout=60).models[0].model == f"{result.model}:{result.version}"
    assert (vectors(), left(home)) == (set(), [])


def test_features_that_are_being_written_are_waited_for(
    home: Path, erase: Any, vectors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, others = feature_cache.write_shard, []

    def slow(*what: Any) -> Path:
        if not others:
            others.append(erase())
            with pytest.raises(TimeoutError):
                others[0].result(timeout=2)
        return write(*what)

    monkeypatch.setattr(feature_cache, "write_shard", slow)
    with Platform.open(home) as platform, pytest.raises(DataChanged):
        SEARCHES["tune"](platform)
    assert others[0].result(timeout=60).vectors == 6
    assert (vectors(), left(home)) == (set(), [])


def test_what_was_tried_does_not_become_a_run(home: Path, erase: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    create = Prospect.create

    def late(prospect: Prospect, runs: Any) -> str:
        assert left(home)
        erase().result(timeout=60)
        return create(prospect, runs)

    monkeypatch.setattr(Prospect, "create", late)
    with Platform.open(home) as platform:
        with pytest.raises(DataChanged):
            SEARCHES["minutes"](platform)
        assert (left(home), platform.runs.list()) == ([], [])


def test_a_run_registers_no_model_of_rows_that_were_erased(
    home: Path, erase: Any, vectors: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, begun = FeatureCache._write, []

    def late(cache: FeatureCache, *what: Any) -> None:
        if not begun:
            begun.append(True)
            # As if the run had begun after the eraser's last look.
            monkeypatch.setattr(erasing._Erasure, "_runs", lambda self: [])
            assert erase().result(timeout=60).found
        write(cache, *what)

    monkeypatch.setattr(FeatureCache, "_write", late)
    with Platform.open(home) as platform:
        with pytest.raises(DataChanged):
            SEARCHES["train"](platform)
        (run,) = platform.runs.list()
        assert (run.status, run.model_version_id, left(home)) == ("failed", None, [])
        assert platform.registry.list() == []
    assert vectors() == set()
