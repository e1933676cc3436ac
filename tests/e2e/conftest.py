"""A workspace with healthy and flawed models on one encoder, for servers in processes of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from worlds import make_rows
from worlds.plugin import installed_world, read_csv, write_csv, write_table, write_words
from worlds.serving import FLAW, FLAWED, Answer, assert_like

from platform_core.platform import Platform

TEXTS = [{"text": row["text"]} for row in make_rows(12, seed=3)]
ROWS = [{"columns": row["columns"]} for row in make_rows(12, seed=4)]
FAULTS = ("raises", "hangs", "no-number")


@dataclass(frozen=True)
class Fleet:
    """A workspace and what its versions say offline.

    Attributes:
        home: the workspace.
        environment: in which its plugin is installed.
        examples: which each version was asked.
        offline: the predictions of each version on them.
    """

    home: Path
    environment: Mapping[str, str]
    examples: Mapping[str, Sequence[Mapping[str, Any]]]
    offline: Mapping[str, Sequence[Mapping[str, Any]]]

    def copy(self, folder: Path) -> Path:
        """Return a copy of the workspace, to be changed."""
        return shutil.copytree(self.home, folder / "home")

    def check(self, answers: Sequence[Answer]) -> None:
        """Compare answers with what the versions that they name say offline."""
        assert {answer.status for answer in answers} == {200}, [a.body for a in answers if a.status != 200][:3]
        for answer in answers:
            said = answer.body
            assert said["model"] == answer.reference.partition("@")[0]
            (prediction,) = said["predictions"]
            assert_like(prediction, self.offline[f"{said['model']}:{said['version']}"][answer.index])


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Models that share an encoder, if nothing else is said:

    ``steady`` (LoRA), ``plain`` (head), ``own`` (full, an encoder of its own), ``rows`` (a table), ``moving`` (two
    versions, the first is champion), ``raises``, ``hangs`` and ``no-number`` (flawed heads), ``trial`` (the first
    version is champion, the second fails one request of five, the third learned the labels the wrong way round).
    """
    folder = tmp_path_factory.mktemp("fleet")
    home = folder / "home"
    with installed_world(folder, more=FLAWED, solutions=("words", "rows", "flawed")):
        words, table = write_words(folder / "words.csv"), write_table(folder / "rows.csv")
        swap = {"low": "high", "high": "middle", "middle": "low"}
        wrong = [row | {"label": swap[row["label"]]} for row in read_csv(words)]
        contrary = write_csv(folder / "contrary.csv", wrong)
        environment = {name: os.environ[name] for name in ("PYTHONPATH", "TINY_ENCODER")}
        with Platform.open(home) as platform:

            def train(name: str, data: Path = words, method: str = "head", flaw: str = "", **options: Any) -> None:
                solution = "world.rows" if data == table else "world.flawed" if flaw else "world.words"
                with pytest.MonkeyPatch.context() as patch:
                    patch.setenv(FLAW, flaw or "none")
                    platform.train(solution, data, name=name, method=method, settings={"epochs": 3}, **options)

            train("steady", method="lora")
            train("plain")
            train("own", method="full")
            train("rows", table)
            train("moving", promote="champion")
            train("moving", contrary, method="lora")
            for flaw in FAULTS:
                train(flaw, flaw=flaw)
            train("trial", flaw="none", promote="champion")
            train("trial", flaw="flaky")
            train("trial", contrary, flaw="none")
            versions = [version.ref for m in platform.registry.list() for version in platform.registry.versions(m.name)]
            examples = {ref: ROWS if ref.startswith("rows") else TEXTS for ref in versions}
            offline = {ref: platform.predict(ref, asked) for ref, asked in examples.items()}
    return Fleet(home, environment, examples, offline)
