"""The worlds as an installed plugin, ``world``, for tests that go through the command line or :class:`Platform`."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from platform_core.cli.entry import run
from platform_core.testkit import FakePlugin, fake_site
from worlds import make_rows, make_targets, write_encoder

_SOLUTIONS = """
import os
from dataclasses import replace

from worlds import make_solution

encoder = os.environ["TINY_ENCODER"]
words = replace(make_solution("text", "multiclass", encoder=encoder, precision="fp32"), id="world.words")
rows = replace(make_solution("table", "binary", precision="fp32"), id="world.rows")
"""


@contextmanager
def installed_world(folder: Path, *, more: str = "", solutions: Sequence[str] = ("words", "rows")) -> Iterator[None]:
    """While inside, ``world.words`` and ``world.rows`` are installed, also for processes that are started.

    Args:
        folder: for the plugin and its encoder.
        more: code of the plugin's module, run where it is loaded.
        solutions: what the module offers.
    """
    offers = [
        {"id": f"world.{name}", "object": f"verticore_world.solutions:{name}", "title": name} for name in solutions
    ]
    plugin = FakePlugin(name="world", files={"solutions.py": _SOLUTIONS + more}, manifest={"solutions": offers})
    with pytest.MonkeyPatch.context() as patch, fake_site(folder / "site") as site:
        patch.setenv("TINY_ENCODER", write_encoder(folder / "encoder"))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(site), str(Path(__file__).parent.parent)]))
        plugin.install(site)
        yield


def write_words(file: Path, count: int = 200, seed: int = 0) -> Path:
    """Write sentences of ``world.words`` with their labels as CSV."""
    rows = make_rows(count, seed)
    labels = make_targets("multiclass", rows)
    return write_csv(
        file, [{"text": f"{r['text']} {i}", "label": y} for i, (r, y) in enumerate(zip(rows, labels, strict=True))]
    )


def write_table(file: Path, count: int = 200, seed: int = 0) -> Path:
    """Write rows of ``world.rows`` with their labels as CSV."""
    rows = make_rows(count, seed)
    labels = make_targets("binary", rows)
    return write_csv(file, [r["columns"] | {"label": y} for r, y in zip(rows, labels, strict=True)])


def write_csv(file: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write ``rows`` as CSV."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def read_csv(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The object in the last line of stdout."""
        answer: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return answer

    @property
    def result(self) -> dict[str, Any]:
        """The same, of a command that succeeded."""
        assert self.code == 0, self.err
        return self.json

    @property
    def error(self) -> dict[str, Any]:
        """The error that it explained."""
        assert self.code != 0
        error: dict[str, Any] = self.json["error"]
        return error


def verticore(*words: object) -> Said:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([*map(str, words), "--json"])
    return Said(code, out.getvalue(), err.getvalue())
